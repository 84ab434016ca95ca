"""egov-user as the application sees it."""

from typing import Final

from conformance.reference.platform.service import Service
from conformance.reference.platform.world import World
from conformance.reference.user import accounts, payers, tokens
from conformance.reference.user.faults import FAULTS


class UserService:
    """Accounts, and the tokens that are issued to them."""

    name: Final = "egov-user"
    schema: Final = (*accounts.SCHEMA, *payers.SCHEMA, *tokens.SCHEMA)
    routes: Final = (*accounts.ROUTES, *tokens.ROUTES)
    faults: Final = FAULTS

    def seed(self, world: World) -> None:
        """Create the people of the rehearsal."""
        accounts.seed(world)


SERVICE: Final[Service] = UserService()
