"""collection-services as the application sees it."""

from typing import Final

from conformance.reference.collection import payments, search, tables, workflow
from conformance.reference.collection.faults import FAULTS
from conformance.reference.platform.service import Service
from conformance.reference.platform.world import World


class CollectionService:
    """Payments with their receipts, and what becomes of receipts."""

    name: Final = "collection-services"
    schema: Final = tables.SCHEMA
    routes: Final = (*payments.ROUTES, *search.ROUTES, *workflow.ROUTES)
    faults: Final = FAULTS

    def seed(self, world: World) -> None:
        """Create nothing."""


SERVICE: Final[Service] = CollectionService()
