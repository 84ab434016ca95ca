"""Requests made from the contract: planned by depth and seed, sent by the suite's own client."""

from conformance.generation.campaign import Campaign
from conformance.generation.counterexamples import search_settings
from conformance.generation.plan import (
    CALLERS,
    DEPTHS,
    DISPENSABLE,
    FALLBACK,
    OPERATIONS,
    STANDARD,
    Depth,
    Plan,
)
from conformance.generation.results import Control, GeneratedFailure, GenerationResult

__all__ = [
    "CALLERS",
    "DEPTHS",
    "DISPENSABLE",
    "FALLBACK",
    "OPERATIONS",
    "STANDARD",
    "Campaign",
    "Control",
    "Depth",
    "GeneratedFailure",
    "GenerationResult",
    "Plan",
    "search_settings",
]  # fmt: skip
