"""What only another day decides: things are prepared on one day and given to a check on a later.

Where the deployment's clock can be moved, the later day comes at once. Where it cannot, an open
run keeps the things in its journal as cases, and the run is settled when their day has come.
"""

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, NoReturn, Self

from conformance.bbps import needs
from conformance.bbps.clock import DAY, SECOND
from conformance.bbps.common_clock import CommonClock
from conformance.bbps.deferred_cases import DeferredCase, PausedCase, case_from_json
from conformance.bbps.flow import Bbps, Signal
from conformance.bbps.models import Bill, Transaction, transaction_in
from conformance.contracts.effects import Effect
from conformance.core.verdicts import Inconclusive, NotApplicable

MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
TERM: Final = 3  # days that a bill stays payable where it must outlive the night: a weekend fits
LONGEST: Final = 4 * DAY  # ms that a case may wait; a bill that expires later decides nothing soon
NOON: Final = 12


class Postponed(Inconclusive):
    """The check has prepared its case and waits for another day."""


class Lapsed(Inconclusive):
    """This part of the run cannot decide what an earlier part prepared."""


class Changed(Lapsed):
    """A case is no longer what was prepared, so that nobody can decide it."""


class DeferredChecks:
    """Prepares cases for the checks of one run, and returns them when their day has come."""

    def __init__(
        self,
        bbps: Bbps,
        *,
        split: bool,
        kept: Mapping[str, Mapping[str, Any]],
        keep: Callable[[str, Mapping[str, Any]], None],
        lapse: Callable[[str], None],
    ) -> None:
        """`split` allows to leave cases to another day; `kept` are those that were left, by check.

        `keep` stores a case, for a later part of the run; `lapse` the check whose case no part
        can decide any more.
        """
        self._bbps = bbps
        self._clock = bbps.clock
        self._common = CommonClock()
        self._split = split
        self._cases = {check: case_from_json(content) for check, content in kept.items()}
        self._keep = keep
        self._lapse = lapse

    def for_check(self, check: str) -> Self:
        """Return a view that prepares and returns the case of one check; all cases are shared."""
        view = copy.copy(self)
        view._bbps = self._bbps.for_check(check)
        view._clock = view._bbps.clock
        return view

    def used_by(self, check: str) -> Iterator[Self]:
        """Yield such a view; until it is over the clock moves only while the check waits for that.

        It is over when the iteration is, as pytest has it of a fixture.
        """
        with self._common.used_by(check):
            yield self.for_check(check)

    def bill(self, *, expired: bool) -> Bill:
        """Have an unpaid bill that was offered on an earlier day, and that has expired or not."""
        return self._case(lambda: self._prepared(expired=expired, owned=False), None).bill

    def transaction(
        self, *, expired: bool, at_hour: int | None = None, bills: int = 1
    ) -> Transaction:
        """Have a pending transaction of an earlier day, whose bills have expired or not.

        NotApplicable where several bills are not paid together.

        `at_hour` is the hour of creation, and of today: where the clock cannot be moved it only
        decides whether the hour of this run will do (NotApplicable if not).
        """
        case = self._case(
            lambda: self._prepared(expired=expired, owned=True, bills=bills), at_hour, paying=True
        )
        return _transaction_of(case)

    def lasting(self, ended: Signal | None = None) -> tuple[Bill, Transaction]:
        """Have a bill that outlives the night, and its transaction, pending since or ended then.

        NotApplicable, not Inconclusive, where another day is out of reach: what holds over the
        night holds at once, too, and is seen there.
        """
        if not self._split:
            raise NotApplicable(f"not looked at on another day: {needs.REHEARSE}")
        case = self._case(
            lambda: self._prepared(expired=False, owned=True, ended=ended), None, paying=True
        )
        return case.bill, _transaction_of(case)

    def paused(self) -> PausedCase | None:
        """Return where the scenario of this check stopped on an earlier day; None if it did not.

        Inconclusive if it is not yet time to continue, if another user would, or if what it left
        has changed since.
        """
        check = self._bbps.check
        case = self._cases.get(check)
        if not isinstance(case, PausedCase):
            return None
        if self._clock.now() < case.due:
            raise self._postponed(case)
        if case.tried:  # it may have used up what it needs
            self._forget(check)
            return None
        try:
            self._demand_as_paused(case)
        except Changed:
            self._forget(check)
            raise
        self._remember(check, replace(case, tried=True))
        return case

    def pause(self, case: PausedCase) -> NoReturn:
        """Leave the rest of a scenario to another day; Inconclusive in any case."""
        if not self._split:
            needs.another_day(self._bbps)
        if case.due - self._clock.now() > LONGEST:
            raise Inconclusive(
                f"the scenario goes on only on {self._clock.text(case.due)}",
                "let its days follow one another, and offer bills that expire within three days",
            )
        self._remember(self._bbps.check, case)
        raise self._postponed(case)

    def decided(self, check: str) -> None:
        """Let go of the case of a check that came to a verdict."""
        self._cases.pop(check, None)

    def transactions(self) -> frozenset[str]:
        """Return the transactions that have to stay pending, by their ids."""
        return frozenset(id_ for each in self._cases.values() for id_ in each.transactions)

    def first_due(self) -> int | None:
        """Return from when on some case can be taken up, None without any."""
        return min((each.due for each in self._cases.values()), default=None)

    def window(self) -> tuple[int, int] | None:
        """Return from when to when (0: whenever) cases can be taken up, None without any.

        That is all of them, unless one ends before another is due: then those that come first.
        """
        if not self._cases:
            return None
        dues = [each.due for each in self._cases.values()]
        until = min((each.until for each in self._cases.values() if each.until), default=0)
        return min(dues) if 0 < until < max(dues) else max(dues), until

    def window_text(self) -> str:
        """Return the window as a text, empty without one."""
        window = self.window()
        if window is None:
            return ""
        due, until = window
        until_when = f"until {self._clock.text(until)}" if until else "on"
        return f"from {self._clock.text(due)} {until_when}"

    def _case(
        self, prepare: Callable[[], DeferredCase], hour: int | None, *, paying: bool = False
    ) -> DeferredCase:
        if paying:
            self._bbps.client.require(Effect.MOVES_MONEY)  # before anything is prepared
        if self._clock.movable:
            return self._moved_on(prepare, hour)
        check = self._bbps.check
        left = self._cases.get(check)
        assert not isinstance(left, PausedCase)
        case = self._taken_up(left, check) if left else None
        if case is not None:
            return case
        if not self._split:
            needs.another_day(self._bbps)
        self._demand_hour(hour)
        case = prepare()
        if case.due - self._clock.now() > LONGEST:
            raise Inconclusive(
                f"the bill expires only on {self._clock.text(case.bill.expires_at)}",
                "offer bills that expire within three days",
            )
        self._remember(check, case)
        raise self._postponed(case, again=left is not None)

    def _prepared(
        self, *, expired: bool, owned: bool, ended: Signal | None = None, bills: int = 1
    ) -> DeferredCase:
        tomorrow = self._clock.now() + self._clock.until_tomorrow()
        given = self._bbps.target.bills.provision == "pool"  # its terms are not ours to set
        days = 0 if expired or given else TERM
        bill = self._bbps.new_bill(valid_days=days)
        if not expired and bill.expires_at <= tomorrow:
            raise Inconclusive(
                f"the bill expires on {self._clock.text(bill.expires_at)} already",
                "use a bill that is valid beyond today: the deployment must respect billExpiryTime",
            )
        transaction = self._pending(bill, more=bills - 1, days=days) if owned else None
        if transaction is not None and ended is not None:
            transaction = self._bbps.finish(transaction, ended)
        return DeferredCase(
            bill=bill,
            transaction=transaction,
            owner=self._owner,
            due=max(bill.expires_at + MINUTE, tomorrow) if expired else tomorrow,
            until=0 if expired else bill.expires_at,
        )

    def _pending(self, bill: Bill, *, more: int, days: int) -> Transaction:
        """Have a pending transaction on a bill, and on some more beside it."""
        if not more:
            return self._bbps.create_transaction(bill)
        beside = [self._bbps.new_bill(valid_days=days) for _ in range(more)]
        response = self._bbps.submit_transaction(bill, beside=beside)
        if response.refused and not response.turned_away:
            raise NotApplicable(f"several bills are not paid together: {response.description}")
        granted = transaction_in(response)
        return self._bbps.transaction(granted.id)

    def _moved_on(self, prepare: Callable[[], DeferredCase], hour: int | None) -> DeferredCase:
        """Prepare a case and have its day come, at the hour if one is requested."""
        if hour is not None:
            self._wait(self._clock.now() + self._clock.until_tomorrow() + hour * HOUR)
        case = prepare()
        self._wait(max(case.due, self._clock.now()) + (hour or 0) * HOUR)
        return case

    def _wait(self, until: int) -> None:
        self._common.wait(self._bbps.check, until, self._clock)

    def _taken_up(self, case: DeferredCase, check: str) -> DeferredCase | None:
        """Return a case, if it still is what it was; Inconclusive with the reason if not.

        None if the run itself used it up, in a part that came to no verdict: nobody else did, so
        another case may be prepared.
        """
        now = self._clock.now()
        if now < case.due:
            raise self._postponed(case)
        if case.until and now > case.until:
            self._forget(check)
            raise Lapsed(
                f"the case had to be settled until {self._clock.text(case.until)}, when its bill "
                "expired",
                "open a new run, and settle it in time",
            )
        try:
            if case.transaction is None:
                self._demand_due(case.bill)
                if case.tried:
                    self._demand_untouched(case.bill)
            else:
                self._demand_as_left(case.transaction, case.owner)
        except Changed:
            self._forget(check)
            if not case.tried:
                raise
            return None
        self._remember(check, replace(case, tried=True))
        return case

    def _remember(self, check: str, case: DeferredCase | PausedCase) -> None:
        self._cases[check] = case
        self._keep(check, case.as_json())

    def _forget(self, check: str) -> None:
        del self._cases[check]
        self._lapse(check)

    def _demand_due(self, bill: Bill) -> None:
        if not self._bbps.provision.is_due(bill):
            raise Changed(
                f"bill {bill.id} was paid or its demand cancelled since the run was opened",
                "open a new run, and leave its bills alone until it is settled",
            )

    def _demand_untouched(self, bill: Bill) -> None:
        """Require that no part of the run left a pending transaction, which bars another."""
        for each in (bill, *self._bbps.bills_for(bill)):
            if any(one.status == "PENDING" for one in self._bbps.transactions(billId=each.id)):
                raise Changed(f"bill {each.id} has a pending transaction")

    def _demand_as_left(self, transaction: Transaction, owner: str) -> None:
        self._demand_status(transaction.id, transaction.status)
        self._demand_owner(owner)
        self._bbps.owned(transaction, by="integrator")

    def _demand_as_paused(self, case: PausedCase) -> None:
        for id_, status in case.transactions.items():
            self._demand_status(id_, status)
        if case.transactions:
            self._demand_owner(case.owner)
        for bill in case.bills:
            self._demand_due(bill)

    def _demand_status(self, transaction: str, left: str) -> None:
        """Require that a transaction that was left pending still is; a finished one may change."""
        status = self._bbps.transaction(transaction).status
        if left == "PENDING" != status:
            raise Changed(
                f"the transaction {transaction} became {status} since the run was opened",
                "open a new run, and let nobody finish its transactions until it is settled",
            )

    def _demand_owner(self, owner: str) -> None:
        if owner != self._owner:
            raise Lapsed(
                f"{owner}, who created the transaction, obtains no token any more",
                "see whether the account is active; its password follows from the administrator's",
            )

    @property
    def _owner(self) -> str:
        return self._bbps.client.actor("integrator").username

    def _demand_hour(self, hour: int | None) -> None:
        """Require an hour after midnight at which it is still yesterday in UTC.

        Not applicable rather than inconclusive: no run that is opened by day could be conformant.
        """
        if hour is not None and hour != NOON and not self._clock.yesterday_in_utc():
            raise NotApplicable(
                f"not looked at, because of the hour: this run came to it on "
                f"{self._clock.text(self._clock.now())}, when it was the same day in UTC. Whether "
                "the receipt of a transaction made just after midnight carries the day before is "
                f"seen if the run is opened between 00:00 and {self._clock.day_begins_in_utc()}"
            )

    def _postponed(self, case: DeferredCase | PausedCase, *, again: bool = False) -> Postponed:
        until = f", until {self._clock.text(case.until)}" if case.until else ""
        why = ""
        if again:
            why = " again, because a part of the run used its case up without a verdict"
        return Postponed(
            f"prepared today{why}, decided from {self._clock.text(case.due)} on{until}",
            "settle the run then with --settle",
        )


def _transaction_of(case: DeferredCase) -> Transaction:
    assert case.transaction is not None
    return case.transaction
