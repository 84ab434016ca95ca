"""What may leave for a target: its mode, its lock and its ledger, checked before every call.

What a request does is what its operation declares (`contracts.endpoints`); nothing else decides.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from conformance.contracts.effects import (
    NOBODYS,
    Condition,
    Creation,
    Effect,
    RequestContent,
    values_at,
)
from conformance.contracts.endpoints import Endpoint, gravest_at
from conformance.core.exchange import SET_UP
from conformance.core.ledger import DEMAND, Entry, Ledger
from conformance.core.verdicts import NotAllowed
from conformance.profile.target import Target

NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """A call may leave: what it may do, and the entries that the ledger gets before it does."""

    effect: Effect
    entries: tuple[Entry, ...] = ()
    refused: str = ""  # the kind of the entries that follow a refusal


class Policy:
    """Decides for one target; safe to share between threads."""

    def __init__(self, target: Target, ledger: Ledger, *, unlocked: bool) -> None:
        """Take the target and the ledger of the run.

        `unlocked` is whether somebody named the production deployment that may be changed.
        """
        self.ledger = ledger
        self._target = target
        self._locked = target.production and not unlocked
        self._failing: dict[str, bool] = {}  # transaction -> whether its channel reports a failure
        self._lock = threading.Lock()

    def require(self, effect: Effect) -> None:
        """Raise NotAllowed where nothing with such an effect may leave, whatever the request."""
        mode = self._target.mode
        if effect >= Effect.WRITES and not mode.writes:
            raise NotAllowed(
                "mode inspect creates nothing on the target",
                "run with --mode sandbox or full where that is allowed",
            )
        if effect >= Effect.WRITES and self._locked:
            raise NotAllowed(
                f"{self._target.name} is a production deployment, which nobody has unlocked",
                f"run with --i-know-this-is {self._target.name!r} if it may be changed",
            )
        if effect >= Effect.MOVES_MONEY and not mode.pays:
            raise NotAllowed(
                f"mode {mode} moves no money",
                "run with --mode full where that is allowed; limits.rupees_per_run caps it",
            )

    def permit(
        self,
        endpoint: Endpoint,
        request: RequestContent,
        *,
        path: str = "",
        tenant: str = "",
        check: str = SET_UP,
    ) -> Permit:
        """Return what a call does and creates; NotAllowed where the target forbids it.

        `path` is the one that the call takes instead of the operation's, if it does. `tenant` is
        that of what it creates, if its body names another. `check` is what the ledger names as
        the reason.
        """
        effect = self.effect(endpoint, request)
        if path:
            effect = max(effect, gravest_at(path))
        self.require(effect)
        if endpoint.creates is None or request.nobodys(endpoint.creates):
            return Permit(effect=effect)
        entries = self._entries(endpoint.creates, request.document, tenant, check)
        if (
            endpoint.creates.kind == DEMAND
            and entries
            and self._target.bills.provision != "demands"
        ):
            raise NotAllowed(
                "the profile lets no demand be raised", "set bills.provision to demands"
            )
        return Permit(effect=effect, entries=entries, refused=endpoint.creates.refused)

    def effect(self, endpoint: Endpoint, request: RequestContent) -> Effect:
        """Return what a request does at most."""
        milder = endpoint.milder
        if milder is None:
            return endpoint.effect
        holds = {
            Condition.STATES_FAILURE: lambda: self._states_failure(request),
            Condition.NAMES_NO_FIELD: lambda: not request.names_any(milder.fields),
            Condition.NOBODYS_CODE: lambda: request.nobodys_code,
        }[milder.when]()
        return milder.effect if holds else endpoint.effect

    def enter(self, permit: Permit) -> None:
        """Write down what a call creates, before it leaves; NotAllowed beyond the cap."""
        for entry in permit.entries:
            self.ledger.enter(entry)

    def answered(self, permit: Permit, status: int) -> None:
        """Write down that nothing came of a call, where its operation declares so of a refusal."""
        if permit.refused and 400 <= status < 500:
            for entry in permit.entries:
                self.ledger.enter(replace(entry, kind=permit.refused))

    def reports(self, transaction: str, *, failure: bool) -> None:
        """Learn what the channel of the target reports of a transaction from now on."""
        with self._lock:
            self._failing[transaction] = failure

    def _states_failure(self, request: RequestContent) -> bool:
        """Whether an update can only fail: by what it states, else by what its channel reports."""
        outcome = self._target.outcome
        names, values = outcome.parameters, [each for row in request.query.values() for each in row]
        if request.says(names.success):
            return False
        if outcome.style == "update-parameters":
            return set(request.query.get(names.status, ())) == {names.failure}
        with self._lock:
            reported = [self._failing[each] for each in values if each in self._failing]
        return bool(reported) and all(reported)

    def _entries(
        self, creation: Creation, document: Any, tenant: str, check: str
    ) -> tuple[Entry, ...]:
        """Return an entry for each thing that a request names; all rupees stand with the first."""
        keys = [key for key in values_at(document, creation.key) if isinstance(key, str) and key]
        keys = [key for key in keys if key not in NOBODYS] or keys  # no book has what is nobody's
        tenants = [each for each in values_at(document, creation.tenant) if isinstance(each, str)]
        rupees = max((_sum(values_at(document, each)) for each in creation.rupees), default=NOTHING)
        return tuple(
            Entry(
                kind=creation.kind,
                key=key,
                tenant=tenant or next(iter(tenants), self._target.tenant),
                rupees=NOTHING if number else rupees,
                check=check,
            )
            for number, key in enumerate(dict.fromkeys(keys))
        )


def _sum(amounts: Sequence[Any]) -> Decimal:
    """Return rupees; what is no amount, or less than nothing, adds nothing."""
    total = NOTHING
    for amount in amounts:
        try:
            rupees = Decimal(str(amount))
        except InvalidOperation:
            continue
        total += rupees if rupees.is_finite() and rupees > 0 else NOTHING
    return total
