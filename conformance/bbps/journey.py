"""One way of the clock through hours, days, the ends of months and of years, for all rules.

What is seen again at each stop is made before the first one; what is used up at a stop is made at
the stop before. So each rule is tried late, and the clock goes its way once in a run.
"""

import copy
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Self, TypeVar

from conformance.bbps import needs, trials
from conformance.bbps.deferred import DeferredChecks
from conformance.bbps.dimensions.accounts import ENDS, ended_session
from conformance.bbps.dimensions.confirmations import SMALL
from conformance.bbps.dimensions.times import (
    A_DAY,
    STOPS,
    YEAR_END,
    Stop,
    days_between,
)
from conformance.bbps.dimensions.updates import AS_EVER, SUCCESS_REPORT
from conformance.bbps.flow import FAILURE, SUCCESS, Bbps, Signal
from conformance.bbps.hindrance import unless_hindered
from conformance.bbps.journey_plan import (
    FOR_YEARS,
    LATE,
    LATE_ELSEWHERE,
    PROMISES,
    RECEIPTS,
    Late,
    Promise,
    Receipted,
)
from conformance.bbps.models import Bill, Payment, Transaction, payments_in
from conformance.client.client import Unanswered
from conformance.contracts.effects import Effect
from conformance.core.lanes import in_turn
from conformance.core.side_by_side import all_of
from conformance.core.verdicts import Inconclusive, NotApplicable

T = TypeVar("T")
JOURNEY: Final = "the journey over time"  # what belongs to none of the checks that go along
UNMOVABLE: Final = "not looked at: the deployment's clock cannot be moved"
POOL: Final = "not looked at: how long the bills of a pool are payable is given"


@dataclass(slots=True)
class _Way:
    """How far the journey of a run has come, and what was made on it."""

    place: int = -1  # in STOPS
    time: int = 0  # of the place, in epoch ms; what is done there takes a while
    lock: threading.Lock = field(default_factory=threading.Lock)
    ahead: Future[None] | None = None  # what the next stop uses up is being made
    receipts: list[Payment] = field(default_factory=list)


class Journey:
    """Goes on to a stop, and returns what was made for it; NotApplicable where no clock moves.

    What was made in vain is inconclusive for the rules that need it, and for no others.
    """

    def __init__(self, bbps: Bbps, deferred: DeferredChecks) -> None:
        """Take part in the one journey of a run, for one check."""
        self._bbps = bbps
        self._clock = bbps.clock
        self._deferred = deferred
        self._way: _Way = bbps.once(JOURNEY, _Way)

    def paid(self, stop: Stop) -> Promise:
        """Have a transaction that was successful before, at a stop."""
        return self._lasting(stop, "paid", SUCCESS)

    def failed(self, stop: Stop) -> Promise:
        """Have a transaction that failed before, at a stop."""
        return self._lasting(stop, "failed", FAILURE)

    def pending(self, stop: Stop) -> Promise:
        """Have a transaction that is pending since then, on a bill that is still payable."""
        return self._lasting(stop, "pending", None)

    def forgotten(self, stop: Stop) -> Promise:
        """Have a transaction that is pending since then, on a bill that expired on the way."""
        return self._promise(stop, "forgotten", Effect.WRITES)

    def owned(self, stop: Stop) -> Promise:
        """Have another pending transaction, for outsiders who try to finish it."""
        return self._lasting(stop, "owned", None)

    def owned_and_forgotten(self, stop: Stop) -> Promise:
        """Have another pending transaction on an expired bill, for outsiders who try it."""
        return self._promise(stop, "owned and forgotten", Effect.WRITES)

    def promised(self, stop: Stop) -> Promise:
        """Have a pending transaction of the beginning that is not used before this stop."""
        return self._lasting(stop, f"promised until {stop}", None)

    def unpaid(self, stop: Stop) -> Bill:
        """Have a bill of the beginning that is still payable."""
        return self._bill(stop, "unpaid", Effect.WRITES)

    def settled(self, stop: Stop) -> Bill:
        """Have a bill that was payable on the first day only, and was paid then."""
        return self._bill(stop, "settled", Effect.MOVES_MONEY)

    def collected(self, stop: Stop) -> Bill:
        """Have a bill that is payable for years, and was paid at the counter on the first day."""
        return self._bill(stop, "collected", Effect.MOVES_MONEY)

    def expired(self, stop: Stop) -> Bill:
        """Have a bill that was payable on the first day only."""
        return self._over(self._bill(stop, "expired", Effect.WRITES))

    def ending(self, stop: Stop) -> Bill:
        """Have a bill whose last day ends with the financial year, minutes before that."""
        bill = self._bill(stop, "ending", Effect.WRITES)
        if bill.expires_at < self._clock.now():
            raise NotApplicable("not looked at: bills are payable for less than was requested")
        return bill

    def ended(self, stop: Stop) -> Bill:
        """Have a bill whose last day ended with the financial year, minutes ago."""
        return self._over(self._bill(stop, "ending", Effect.WRITES))

    def session(self, stop: Stop, how: str) -> tuple[str, str]:
        """Have a session of the beginning that ended then in a way of ENDS: actor and token."""
        found: tuple[str, str] = self._at(stop, f"session {how}", Effect.WRITES)
        return found

    def late(self, stop: Stop) -> Promise:
        """Have a pending transaction whose bill has expired since the stop before."""
        found = self._promise(stop, f"late {stop}", Effect.MOVES_MONEY)
        LATE[stop].meanwhile(self._bbps, found)
        return found

    def late_elsewhere(self, stop: Stop) -> Promise:
        """Have a pending transaction of another city whose bill has expired, at a stop."""
        return self._promise(stop, "late elsewhere", Effect.MOVES_MONEY)

    def receipt(self, stop: Stop) -> tuple[Transaction, Payment]:
        """Have the receipt of a transaction of the stop before that succeeds at this one."""
        pending = self._promise(stop, f"for a receipt {stop}", Effect.MOVES_MONEY)
        receipt: Payment = self._made(
            f"the receipt {stop}",
            lambda: self._receipted(pending.transaction, RECEIPTS[stop].report),
        )
        return pending.transaction, receipt

    def receipt_numbers(self) -> list[str]:
        """Return the numbers of the receipts of the journey so far."""
        return [number for each in self._way.receipts for number in each.receipt_numbers]

    def go_on(self, stop: Stop) -> None:
        """Move the clock on to a stop, and make on the way what is used later."""
        if not self._clock.movable:
            raise NotApplicable(UNMOVABLE)
        if self._bbps.target.bills.provision == "pool":
            raise NotApplicable(POOL)
        with in_turn(self._way.lock):  # whoever comes first moves the clock, for all
            if STOPS.index(stop) < self._way.place:
                raise NotApplicable("not looked at: this run's clock is beyond that time")
            for_all = self._for_all()
            if self._way.place < 0:
                for_all._begin()
            while self._way.place < STOPS.index(stop):
                for_all._next()

    def _for_all(self) -> Self:
        """Return a view that makes things for all checks, and for none of them."""
        view = copy.copy(self)
        view._bbps = self._bbps.for_check(JOURNEY)
        view._clock = view._bbps.clock
        return view

    def _lasting(self, stop: Stop, name: str, ended: Signal | None) -> Promise:
        """Have what lasts, or over the night in a run of two days what it was left as."""
        effect = Effect.WRITES if ended is None else Effect.MOVES_MONEY
        if self._clock.movable or stop is not A_DAY:
            return self._promise(stop, name, effect)
        bill, left = self._deferred.lasting(ended)
        return Promise(bill=bill, transaction=self._bbps.transaction(left.id))

    def _promise(self, stop: Stop, name: str, effect: Effect) -> Promise:
        found: Promise = self._at(stop, name, effect)
        return found

    def _bill(self, stop: Stop, name: str, effect: Effect) -> Bill:
        found: Bill = self._at(stop, name, effect)
        return found

    def _over(self, bill: Bill) -> Bill:
        """Return a bill that has expired; NotApplicable if it is payable for longer than that."""
        if bill.expires_at >= self._clock.now():
            raise NotApplicable("not looked at: bills are payable for longer than was requested")
        return bill

    def _at(self, stop: Stop, name: str, effect: Effect) -> Any:
        """Return what was made under a name, at a stop."""
        self._bbps.client.require(effect)  # before anything is made
        self.go_on(stop)
        return self._bbps.once(_named(name), lambda: None)

    def _begin(self) -> None:
        """Make what is seen again later, early enough on a day for a bill of that day."""
        self._clock.steps_over(self._clock.now() + self._clock.until_tomorrow())
        makes: dict[str, Callable[[], object]] = {
            "paid": lambda: self._ended(SUCCESS),
            "failed": lambda: self._ended(FAILURE),
            "tried": lambda: self._ended(FAILURE),
            "pending": self._pending,
            "owned": self._pending,
            **{f"promised until {stop}": self._pending for stop in PROMISES},
            "forgotten": lambda: self._pending(valid_days=0),
            "owned and forgotten": lambda: self._pending(valid_days=0),
            "unpaid": lambda: self._bbps.new_bill(amount=SMALL, valid_days=FOR_YEARS),
            "expired": self._bbps.new_bill,
            "settled": self._settled,
            "collected": lambda: self._settled(valid_days=FOR_YEARS),
            **{f"session {how}": partial(ended_session, self._bbps, how) for how in ENDS},
        }
        self._make(makes)
        self._way.time = self._clock.now()

    def _next(self) -> None:
        """Go on to the next stop once what it uses up is there; begin to make what comes after."""
        way = self._way
        ahead, way.ahead = way.ahead or self._begun(), None  # made again where it got no answer
        ahead.result()
        way.time = STOPS[way.place + 1].after(self._clock, way.time)
        self._clock.go_to(way.time)
        way.place += 1
        if way.place + 1 < len(STOPS):
            way.ahead = self._begun()

    def _begun(self) -> Future[None]:
        """Begin to make what the next stop uses up."""
        makes = self._used_up(STOPS[self._way.place + 1])
        future = self._bbps.once.ahead(partial(self._make, makes))
        if self._bbps.jobs == 1:
            wait([future])
        return future

    def _used_up(self, stop: Stop) -> dict[str, Callable[[], object]]:
        """Return how what a stop uses up is made at the stop before."""
        makes: dict[str, Callable[[], object]] = {}
        if stop is YEAR_END:
            days = days_between(self._clock, self._way.time, stop)
            makes["ending"] = lambda: self._bbps.new_bill(valid_days=days)
        if stop in RECEIPTS:
            makes[f"for a receipt {stop}"] = lambda: self._to_be_receipted(RECEIPTS[stop])
        if stop in LATE:
            makes[f"late {stop}"] = lambda: self._due_today(LATE[stop])
        if stop is LATE_ELSEWHERE:
            makes["late elsewhere"] = self._due_elsewhere
        return makes

    def _make(self, makes: Mapping[str, Callable[[], object]]) -> None:
        """Make things side by side; what fails, fails where it is used, unless unanswered."""

        def make(name: str) -> None:
            try:
                self._made(name, makes[name])
            except Unanswered:
                raise
            except (Inconclusive, NotApplicable):
                return

        all_of(tuple(makes), make, jobs=self._bbps.jobs, abandon=self._bbps.client.abandon)

    def _made(self, name: str, make: Callable[[], T]) -> T:
        """Return what is made once; what got no answer is made again for the next check."""
        try:
            return self._bbps.once(_named(name), make)
        except Unanswered:
            self._bbps.once.forget(_named(name))
            raise

    def _pending(self, valid_days: int = FOR_YEARS) -> Promise:
        return self._promised(self._bbps.new_bill(amount=SMALL, valid_days=valid_days))

    def _to_be_receipted(self, receipted: Receipted) -> Promise:
        if not receipted.tried:
            return self._pending()
        tried = self._made("tried", lambda: self._ended(FAILURE))
        return self._promised(tried.bill)

    def _receipted(self, pending: Transaction, report: str) -> Payment:
        """Report success, in the usual way where another is not taken."""
        if not SUCCESS_REPORT.values[report](self._bbps, pending).succeeded and report != AS_EVER:
            self._bbps.update(pending, SUCCESS)
        self._way.receipts.append(self._bbps.receipt_of(pending))
        return self._way.receipts[-1]

    def _ended(self, signal: Signal) -> Promise:
        pending = self._pending()
        ended = self._bbps.finish(pending.transaction, signal)
        return Promise(bill=pending.bill, transaction=ended)

    def _settled(self, valid_days: int = 0) -> Bill:
        bill = self._bbps.new_bill(amount=SMALL, valid_days=valid_days)
        mode = needs.counter_mode(self._bbps, self._bbps.target.bills.certified[0])
        payments_in(self._bbps.submit_payment(bill, mode))
        return bill

    def _due_today(self, late: Late) -> Promise:
        return self._promised(late.shape(self._bbps), self._beside(late), late.parts)

    def _due_elsewhere(self) -> Promise:
        """Have a transaction of another city, where that is not hindered."""
        if not self._bbps.target.other_tenant:
            raise NotApplicable("the profile names no second city")
        there = self._bbps.target.second_city
        return unless_hindered(
            lambda: self._promised(self._bbps.new_bill(tenant=there)), " in another city"
        )

    def _beside(self, late: Late) -> Sequence[Bill]:
        """Provide the second bill of a late transaction, where one may pay several."""
        if late.beside is None:
            return ()
        try:
            trials.several_bills(self._bbps)
        except NotApplicable:
            return ()
        return (self._bbps.new_bill(amount=SMALL, valid_days=late.beside),)

    def _promised(self, bill: Bill, beside: Sequence[Bill] = (), parts: int = 1) -> Promise:
        part = {} if parts == 1 else {"amount": bill.amount // parts}
        transaction = self._bbps.create_transaction(bill, beside=beside, **part)
        return Promise(bill=bill, transaction=transaction)


def _named(name: str) -> str:
    """Return the name under which a run makes something of the journey once."""
    return f"{JOURNEY}: {name}"
