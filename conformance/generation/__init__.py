"""Requests made from the contract: planned by depth and seed, sent by the suite's own client."""

from conformance.generation.campaign import Campaign, Departure, Outcome
from conformance.generation.counterexamples import unhurried
from conformance.generation.plan import DEPTHS, OPERATIONS, STANDARD, Depth, Plan

__all__ = [
    "DEPTHS", "OPERATIONS", "STANDARD", "Campaign", "Departure", "Depth", "Outcome", "Plan",
    "unhurried",
]  # fmt: skip
