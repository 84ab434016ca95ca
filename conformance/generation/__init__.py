"""Requests made from the contract: planned by depth and seed, sent by the suite's own client.

Here is the plan alone: what makes and sends them (see campaign) imports what takes long.
"""

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

__all__ = [
    "CALLERS",
    "DEPTHS",
    "DISPENSABLE",
    "FALLBACK",
    "OPERATIONS",
    "STANDARD",
    "Depth",
    "Plan",
]  # fmt: skip
