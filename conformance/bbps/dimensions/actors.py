"""Who calls."""

from typing import Final

from conformance.bbps.dimensions.dimension import Dimension

CALLER_IN_BETWEEN: Final = Dimension(
    name="caller in between",
    source="a service may file by its caller what it should file by its object",
    values={
        "the same user": "integrator",
        "another SYSTEM user": "rival",
        "a citizen": "citizen",
    },
)
