"""pg-service as the application sees it."""

from typing import Final

from conformance.reference.pg import tables, transactions
from conformance.reference.pg.faults import FAULTS
from conformance.reference.platform.service import Service
from conformance.reference.platform.world import World


class PaymentGatewayService:
    """Transactions: payments through a payment gateway, from promise to receipt."""

    name: Final = "pg-service"
    schema: Final = tables.SCHEMA
    routes: Final = transactions.ROUTES
    faults: Final = FAULTS

    def seed(self, world: World) -> None:
        """Create nothing."""


SERVICE: Final[Service] = PaymentGatewayService()
