"""Requests made from the contract: planned by depth and seed, sent by the suite's own client."""

from conformance.generation.campaign import Campaign, GeneratedFailure, GenerationResult
from conformance.generation.counterexamples import search_settings
from conformance.generation.plan import DEPTHS, OPERATIONS, STANDARD, Depth, Plan

__all__ = [
    "DEPTHS",
    "OPERATIONS",
    "STANDARD",
    "Campaign",
    "Depth",
    "GeneratedFailure",
    "GenerationResult",
    "Plan",
    "search_settings",
]  # fmt: skip
