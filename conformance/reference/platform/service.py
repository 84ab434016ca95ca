"""What a DIGIT service is to the application that serves it."""

from typing import Protocol

from conformance.reference.platform.faults import Fault
from conformance.reference.platform.world import Route, World


class Service(Protocol):
    """One service of DIGIT; its package offers it as `SERVICE`."""

    @property
    def name(self) -> str:
        """The name under which DIGIT deploys it."""

    @property
    def schema(self) -> tuple[str, ...]:
        """SQL statements that create its tables; each may run again on an existing database."""

    @property
    def routes(self) -> tuple[Route, ...]:
        """The paths that it serves."""

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults that it can have."""

    def seed(self, world: World) -> None:
        """Create what a new deployment starts with; a second call changes nothing."""
