"""billing-service as the application sees it."""

from typing import Final

from conformance.reference.billing import bills, demands, tables
from conformance.reference.billing.faults import FAULTS
from conformance.reference.platform.service import Service
from conformance.reference.platform.world import World


class BillingService:
    """Demands, and the bills that are made of them."""

    name: Final = "billing-service"
    schema: Final = tables.SCHEMA
    routes: Final = (*demands.ROUTES, *bills.ROUTES)
    faults: Final = FAULTS

    def seed(self, world: World) -> None:
        """Create nothing: demands come from requests, or from the seed data of the settings."""


SERVICE: Final[Service] = BillingService()
