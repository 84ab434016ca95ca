"""What the services of one deployment share, and how one of them is called and answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.reference.platform.clock import Clock
from conformance.reference.platform.faults import Faults
from conformance.reference.platform.lineage import Lineage
from conformance.reference.platform.master_data import MasterData
from conformance.reference.platform.settings import Settings
from conformance.reference.platform.site import Site
from conformance.reference.platform.store import Store
from conformance.reference.platform.switches import Variations

User = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One deployment: its settings, clock, state, deviations, and how it is set up."""

    settings: Settings
    clock: Clock
    store: Store
    faults: Faults
    lineage: Lineage
    site: Site
    masters: MasterData
    variations: Variations


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request as a service sees it: `user` is the token's, `body` enriched by the gateway."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    body: Any
    user: User | None
    peer: str
    headers: Mapping[str, str]
    content: bytes = b""  # the body as it was sent
    parameters: Mapping[str, str] = field(default_factory=dict)  # {module} of the path

    @property
    def request_info(self) -> Mapping[str, Any]:
        """The body's RequestInfo, in either spelling, or an empty one."""
        if not isinstance(self.body, dict):
            return {}
        info = self.body.get("RequestInfo", self.body.get("requestInfo"))
        return info if isinstance(info, dict) else {}

    def first(self, name: str) -> str | None:
        """Return the first value of a query parameter, or None."""
        values = self.query.get(name)
        return values[0] if values else None

    def several(self, name: str) -> list[str]:
        """Return the values of a list parameter: repeated or separated by commas."""
        return [part for value in self.query.get(name, ()) for part in value.split(",")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer of a service; a body of None is sent as an empty one."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "application/json"


Handler = Callable[[World, Call], Reply]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One path of a service; {name} in it matches one segment.

    `form` takes urlencoded bodies and nothing else; `form_fault` names a fault that takes them too.
    """

    path: str
    handler: Handler
    methods: tuple[str, ...] = ("POST",)
    form: bool = False
    form_fault: str = ""
    described: bool = False  # errors of this service carry an empty first description
