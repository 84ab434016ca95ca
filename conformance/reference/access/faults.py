"""The faults of egov-accesscontrol: for which tenants a role counts."""

from typing import Final

from conformance.reference.platform.faults import fault

FAULTS: Final = (
    fault("state-role-stays-at-state", "MDM-08", "Does not let a state role reach its cities.", "MDM-04"),
    fault("city-role-reaches-all", "MDM-08", "Lets a city role reach other cities.", "USR-12"),
)  # fmt: skip
