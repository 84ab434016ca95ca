"""A look at a deployment while its profile is being written: nothing on it is changed."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from conformance.bbps.flow import Bbps
from conformance.client.client import Client
from conformance.contracts import Contracts
from conformance.core.errors import SetupError
from conformance.core.ledger import Ledger
from conformance.core.redaction import Redactor
from conformance.core.verdicts import Inconclusive
from conformance.doctor import Diagnostic, State
from conformance.doctor.actors import examine_actors
from conformance.doctor.connectivity import examine_connectivity
from conformance.doctor.suggestions import Services, cities, gateways, heads_of, roles, services
from conformance.profile.draft import Draft
from conformance.profile.loading import REFERENCE, target_of
from conformance.profile.this_machine import EMBEDDED

Found = TypeVar("Found")
ADMINISTRATOR: Final = "administrator"
# What no look needs, and what may not be complete yet.
LEFT_OUT: Final = ("outcome", "bills", "readers", "mdms", "not_applicable")


class Survey:
    """Looks at the deployment of a draft, with the passwords of the environment and typed ones.

    `offline` calls nothing. What cannot be read is None: questions have no defaults then.
    """

    def __init__(
        self, draft: Draft, environ: Mapping[str, str], folder: Path, *, offline: bool = False
    ) -> None:
        """Look from a folder, to which files of the profile are relative."""
        self.typed: dict[str, str] = {}  # variable -> password
        self._offline = offline
        self._draft = draft
        self._environ = environ
        self._folder = folder
        self._temporary = tempfile.TemporaryDirectory()
        self._client: tuple[Any, Client] | None = None

    def __enter__(self) -> Self:
        """Start nothing yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the line, and remove what was written for it."""
        self._close()
        self._temporary.cleanup()

    @property
    def offline(self) -> bool:
        """Whether nobody is called: that was chosen, or the deployment does not exist yet."""
        return self._offline or self._draft.at("base_url") == EMBEDDED

    def has(self, path: str) -> bool:
        """Whether a file or folder of the profile exists."""
        try:
            return (self._folder / Path(path).expanduser()).exists()
        except (OSError, RuntimeError, ValueError):  # no system can have such a name
            return False

    def knows(self, variable: str) -> bool:
        """Whether a password is in the environment, or was typed."""
        return bool(self._environ.get(variable) or self.typed.get(variable))

    def connection(self) -> Sequence[Diagnostic]:
        """Return what is wrong with the line to the deployment."""
        if self.offline:
            return ()
        return [
            each
            for each in examine_connectivity(self._with([])).diagnostics
            if each.state is State.FAULT
        ]

    def login(self, actor: str) -> Sequence[Diagnostic]:
        """Let an actor log in, if the password is known; return what is wrong."""
        client = None if self.offline else self._with([actor])
        if client is None or actor not in client.target.actors:
            return ()
        found = examine_actors(Bbps(client, "init"))
        return [each for each in found if each.state is State.FAULT]

    def cities(self) -> list[str] | None:
        """Return the tenants of the state's cities."""
        return self._read(cities)

    def roles(self) -> list[str] | None:
        """Return the codes of roles, the likeliest first."""
        return self._read(roles)

    def services(self) -> Services | None:
        """Return the business services that can be billed."""
        return self._read(services)

    def heads(self, service: str) -> list[str] | None:
        """Return the tax heads of a business service."""
        return self._read(lambda client: heads_of(client, service))

    def gateways(self) -> list[str] | None:
        """Return the payment gateways."""
        return self._read(lambda client: gateways(client, ADMINISTRATOR))

    def _read(self, what: Callable[[Client], Found]) -> Found | None:
        if self.offline:
            return None
        with suppress(Inconclusive, SetupError, AttributeError, KeyError, TypeError, ValueError):
            return what(self._with([ADMINISTRATOR]))
        return None

    def _with(self, actors: Sequence[str]) -> Client:
        """Return a client of the draft's deployment that may call as some actors, if it can."""
        document = {
            key: each for key, each in self._draft.complete().items() if key not in LEFT_OUT
        }
        known = self._draft.at("actors") or {}
        document["actors"] = {
            name: known[name] for name in actors if name in known and self._may_log_in(known[name])
        }
        document |= {"mode": "inspect", "limits": {"rupees_per_run": 0}}
        known_by = document, dict(self.typed)
        if self._client is None or self._client[0] != known_by:
            target = target_of(document, {**self._environ, **self.typed}, self._folder)
            self._close()
            ledger = Ledger(Path(self._temporary.name) / "ledger.jsonl", Decimal(0))
            client = Client(target, Contracts.load(), Redactor(), lambda _: None, ledger=ledger)
            self._client = known_by, client
        return self._client[1]

    def _close(self) -> None:
        if self._client is not None:
            self._client[1].close()

    def _may_log_in(self, actor: Mapping[str, Any]) -> bool:
        """Whether an actor has a password that is known here."""
        password = str(actor.get("password") or "")
        variable = REFERENCE.fullmatch(password)
        return self.knows(variable[1]) if variable else password.startswith("file:")


def variable_of(actor: str) -> str:
    """Return the variable of the environment that holds an actor's password."""
    return f"{actor.upper()}_PASSWORD"
