"""Who calls."""

from typing import Final

from conformance.bbps.dimensions.dimension import Dimension

# Actors that the profile names, or that the run creates for itself, each with a right of its own.
CALLER_IN_BETWEEN: Final = Dimension(
    name="caller in between",
    source="a service may file by its caller what it should file by its object",
    values={
        "the same user": "integrator",
        "another SYSTEM user": "rival",
        "a cashier": "cashier",
        "the administrator": "administrator",
    },
)
