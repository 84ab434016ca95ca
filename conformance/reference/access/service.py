"""egov-accesscontrol as the application sees it."""

from typing import Final

from conformance.reference.access import authorization
from conformance.reference.access.faults import FAULTS
from conformance.reference.platform.service import Service
from conformance.reference.platform.world import World


class AccessService:
    """Roles and what they open. It keeps nothing: its rules come from the master data."""

    name: Final = "egov-accesscontrol"
    schema: Final = ()
    routes: Final = authorization.ROUTES
    faults: Final = FAULTS

    def seed(self, world: World) -> None:
        """Create nothing."""


SERVICE: Final[Service] = AccessService()
