"""egov-mdms-service as the application sees it."""

from typing import Final

from conformance.reference.mdms import serving
from conformance.reference.mdms.faults import FAULTS
from conformance.reference.platform.service import Service
from conformance.reference.platform.world import World


class MdmsService:
    """Master data. It keeps nothing: the masters are part of the program."""

    name: Final = "egov-mdms-service"
    schema: Final = ()
    routes: Final = serving.ROUTES
    faults: Final = FAULTS

    def seed(self, world: World) -> None:
        """Create nothing."""


SERVICE: Final[Service] = MdmsService()
