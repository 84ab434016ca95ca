"""egov-hrms as the application sees it."""

from typing import Final

from conformance.reference.hrms import employees
from conformance.reference.platform.service import Service
from conformance.reference.platform.world import World


class HrmsService:
    """Employees. It keeps nothing of its own: an employee is an account of egov-user."""

    name: Final = "egov-hrms"
    schema: Final = ()
    routes: Final = employees.ROUTES
    faults: Final = ()

    def seed(self, world: World) -> None:
        """Create nothing: the employees of the rehearsal are among the people of egov-user."""


SERVICE: Final[Service] = HrmsService()
