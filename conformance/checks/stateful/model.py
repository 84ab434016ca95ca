"""The life of one bill, held against a small model of the rules: what was done, what must follow.

Where the register leaves a choice (the counter was faster than a pending transaction, say) the
trace continues with what the deployment shows, and only the rules that always hold are demanded.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from conformance.bbps.flow import FAILURE, SUCCESS, Bbps, Signal, success
from conformance.bbps.models import Bill, Payment, Transaction, bills_in, rupees, transaction_in
from conformance.checks.controls import taken
from conformance.checks.expect import description, kept_out, state
from conformance.checks.probes import UPDATE
from conformance.client.client import ANONYMOUS
from conformance.client.response import Response
from conformance.core.verdicts import Inconclusive, Violation

OWNER: Final = "integrator"
RIVAL: Final = "rival"
OTHER_AMOUNT: Final = "success with another amount"
OUTCOMES: Final = ("success", "failure", OTHER_AMOUNT)
EXPECTED: Final = {"success": "SUCCESS", "failure": "FAILURE", OTHER_AMOUNT: ""}
ENDED: Final = frozenset({"SUCCESS", "FAILURE"})
CHANGED_AMOUNT: Final = Decimal(250)  # rupees


class ModelViolation(Violation):
    """A step of a trace after which the deployment violates one requirement of the model."""

    def __init__(self, requirement: str, required: str, observed: str) -> None:
        super().__init__(required, observed)
        self.requirement = requirement


@dataclass(frozen=True, slots=True)
class TraceLine:
    """what somebody did, in one line, with the id of the exchange that did it ("" for none)."""

    text: str
    exchange: str = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """A transaction with its receipts, as both read at one time."""

    transaction: Transaction
    receipts: tuple[str, ...]

    @property
    def status(self) -> str:
        """The status of the transaction."""
        return self.transaction.status

    @property
    def state(self) -> tuple[object, ...]:
        """What must not change once the transaction has ended."""
        return (*state(self.transaction), self.receipts)

    @property
    def description(self) -> str:
        """The transaction and its receipts, for a sentence."""
        return f"{description(self.transaction)}, receipts: {', '.join(self.receipts) or 'none'}"


class BillModel:
    """What actors do to one bill, step by step, with what the model knows of it by then."""

    _bill: Bill

    def __init__(self, bbps: Bbps, *, lateness: int, latest: Callable[[], str]) -> None:
        """Prepare a trace; `begin` makes its first calls.

        `lateness`: ms after a bill's expiry to which the clock moves. It should differ between
        traces: a token obtained a day ago, to the second, is about to expire.
        `latest` gives the id of the latest exchange of the trace.
        """
        self.lines: list[TraceLine] = []
        self.judged: set[str] = set()
        self._bbps = bbps
        self._lateness = lateness
        self._latest = latest
        self._observations: list[Observation] = []  # of each transaction, as last seen
        self._payments: list[Payment] | None = None  # of the bill, as last seen
        self._expired: set[str] = set()
        self._paid = False
        self._stale = False  # expired, or its demand changed: a fresh bill is due
        self._cancelled = False  # the demand: no bill is due
        self._undecided = False  # the register does not define what follows

    # what may come next ----------------------------------------------------------------------

    @property
    def transactions(self) -> int:
        """How many transactions the trace has created."""
        return len(self._observations)

    def may_pay_cash(self) -> bool:
        """Whether the counter takes cash, and for this bill still."""
        return "CASH" in self._bbps.target.payment_modes and not self._stale

    def may_expire(self) -> bool:
        """Whether the clock can be moved, and the bill has not expired yet."""
        return self._bbps.clock.movable and self._bill.id not in self._expired

    def may_change(self) -> bool:
        """Whether the demand of the bill may be changed or cancelled."""
        given = self._bbps.target.bills.provision == "demands"
        return given and not (self._paid or self._stale)

    # what actors do --------------------------------------------------------------------------

    def begin(self) -> None:
        """The owner fetches a payable bill of a new consumer code."""
        self._bill = self._bbps.new_bill()
        self._note(f"{OWNER} fetches the bill {self._bill.id} over ₹ {self._bill.amount}")

    def fetch(self) -> None:
        """The owner fetches again: a paid bill is gone, an outdated one is replaced."""
        kept = self._paid and not self._undecided
        replaced = self._stale and not self._paid and not self._pending
        offered, as_due = self._bbps.polling.within_deadline(
            self._offered,
            lambda bills: not (kept and bills) and not (replaced and self._wrong(bills)),
        )
        shown = ", ".join(f"{bill.id} over ₹ {bill.amount}" for bill in offered) or "nothing"
        self._note(f"{OWNER} fetches the bill again and gets {shown}")
        if kept:
            self._judge("BIL-05", as_due, "a paid bill is not offered again", f"{shown} is offered")
        if replaced:
            fresh = "no bill is offered" if self._cancelled else "a fresh bill is offered"
            self._judge(
                "BIL-06", as_due, f"{fresh} instead of the outdated one", f"{shown} is offered"
            )
        self._adopt(offered)

    def create(self) -> None:
        """The owner creates a transaction: one at a time, none on a paid or outdated bill."""
        response = self._bbps.submit_transaction(self._bill)
        self._record(f"{OWNER} creates a transaction on {self._bill.id}", response)
        mine = [
            each.status for each in self._observations if each.transaction.bill_id == self._bill.id
        ]
        if "PENDING" in mine or "SUCCESS" in mine:
            rule = "no second transaction is taken while one is pending or successful"
            self._judge("TXN-04", not response.succeeded, rule, _answered(response))
        elif self._stale:
            rule = "an outdated bill takes no new transaction"
            self._judge("BIL-06", not response.succeeded, rule, _answered(response))
        elif self._paid or self._undecided:
            self._undecided |= response.succeeded
        elif mine:
            rule = "after a failure a new transaction is taken"
            self._judge("TXN-04", response.succeeded, rule, _answered(response))
        elif not response.succeeded:
            raise Inconclusive(
                f"no transaction could be created: {response.description}", "see TXN-01"
            )
        if response.succeeded:
            self._enter(transaction_in(response))

    def report(self, actor: str, outcome: str, place: int = -1) -> None:
        """Somebody reports the outcome of a transaction, the latest one if not stated otherwise."""
        if not self._may_report(actor):
            return
        before = self._observations[place]
        response = self._bbps.update(
            before.transaction, _signal(outcome, before.transaction), as_=actor
        )
        report = f"{actor} reports {outcome} of {before.transaction.id}"
        if actor != OWNER:
            what = f"an update by the {actor}"
            self._note(f"{report}: {response.description}")
            self._judge("TXN-08", not response.succeeded, f"{what} is refused", _answered(response))
            kept_out(response, what)
            self._stays("TXN-08", before)
            self._read_payments()
            return
        self._record(report, response)
        if before.status in ENDED:
            self._stays("TXN-09" if before.status == "SUCCESS" else "TXN-10", before)
        else:
            self._observations[place] = self._outcome(before, outcome, response)
        self._read_payments()

    def pay_cash(self) -> None:
        """The cashier takes the bill's amount in cash: once, and not after a success."""
        if not self.may_pay_cash():
            return
        response = self._bbps.submit_payment(self._bill, "CASH")
        self._record(f"cashier takes ₹ {self._bill.amount} in cash for {self._bill.id}", response)
        if self._paid and not self._undecided:
            rule = "a paid bill is not paid again"
            self._judge("PAY-09", not response.succeeded, rule, _answered(response))
        elif response.succeeded:
            self._undecided |= self._pending
            self._paid = True
            self._bbps.polling.eventually(
                lambda: self._bbps.payments_of_bill(self._bill), bool, "the payment at the counter"
            )
        self._read_payments()

    def let_expire(self) -> None:
        """The bill's last moment passes (where the clock can be moved)."""
        if not self.may_expire():
            return
        clock = self._bbps.clock
        clock.advance(max(self._bill.expires_at - clock.now(), 0) + self._lateness)
        self._expired.add(self._bill.id)
        self._stale = self._stale or not self._paid
        self.lines.append(TraceLine(f"the clock moves on, and {self._bill.id} expires"))

    def change(self) -> None:
        """The administrator changes the demand that the bill is made of."""
        if self.may_change():
            self._undecided |= self._pending  # what becomes of it is open
            self._bbps.provision.change_demand(self._bill, CHANGED_AMOUNT)
            self._note(f"administrator changes the demand of the bill to ₹ {CHANGED_AMOUNT}")
            self._stale = True

    def cancel(self) -> None:
        """The administrator cancels the demand that the bill is made of."""
        if self.may_change():
            self._undecided |= self._pending
            self._bbps.provision.cancel_demand(self._bill)
            self._note("administrator cancels the demand of the bill")
            self._stale = self._cancelled = True

    # what always holds, judged by what was seen last --------------------------------------------

    def only_a_success_has_receipts(self) -> None:
        """Demand that no pending or failed transaction has a receipt."""
        for observation in self._observations:
            if observation.status != "SUCCESS":
                rule = f"a transaction that is {observation.status} has no receipt"
                self._judge("RCP-05", not observation.receipts, rule, observation.description)

    def the_bill_is_paid_once(self) -> None:
        """Demand that a bill has one payment at most."""
        if self._payments is not None:
            found = [f"₹ {each.amount} in mode {each.mode}" for each in self._payments]
            rule, executed = "a bill has one payment at most", f"it has {len(found)}: "
            self._judge("PAY-09", len(found) < 2, rule, executed + ", ".join(found))

    # what must follow ------------------------------------------------------------------------

    def _outcome(self, before: Observation, outcome: str, response: Response) -> Observation:
        """Judge the owner's report on a pending transaction; return how it is now."""
        late = before.transaction.bill_id in self._expired
        expected = "" if self._undecided else EXPECTED[outcome]
        rule = {"SUCCESS": "RCP-04" if late else "TXN-05", "FAILURE": "TXN-06"}.get(expected, "")
        if rule:
            what = f"the owner's report of {outcome} is accepted"
            self._judge(rule, response.succeeded, what, _answered(response))
        after = self._settled(before, expected, response)
        if expected:
            rule = "TXN-05" if expected == "SUCCESS" else "TXN-06"
            what = f"the transaction is a {outcome}"
            self._judge(rule, after.status == expected, what, after.description)
        elif not self._undecided:
            what = "a transaction does not succeed with another amount than promised"
            self._judge("TXN-12", after.status != "SUCCESS", what, after.description)
        if expected == "SUCCESS":
            what = "a success has exactly one receipt" + (", also when it is late" if late else "")
            one = len(after.receipts) == 1 and all(after.receipts)
            self._judge("RCP-04" if late else "RCP-01", one, what, after.description)
        self._paid |= after.status == "SUCCESS"
        return after

    def _settled(self, before: Observation, expected: str, response: Response) -> Observation:
        """Return a transaction once search shows what the update answered, or what is expected.

        Where they keep disagreeing, TXN-13 has its own checks, and this trace can show no more.
        """
        executed = transaction_in(response).status if response.succeeded else ""
        wanted = executed if executed in ENDED else expected
        if not wanted:
            return self._watched(
                before,
                lambda observation: (
                    observation.status == before.status and not observation.receipts
                ),
            )
        after, _ = self._bbps.polling.within_deadline(
            lambda: self._read(before.transaction),
            lambda observation: (
                observation.status == wanted and (wanted != "SUCCESS" or bool(observation.receipts))
            ),
        )
        if executed in ENDED and after.status != executed:
            raise Inconclusive(
                f"the update answered {executed}, and a search shows {after.status}", "see TXN-13"
            )
        if self._undecided and wanted == "SUCCESS" and not after.receipts:
            raise Inconclusive(
                "the transaction succeeded without a receipt, which may be allowed in this case",
                "see RCP-01",
            )
        if wanted == "SUCCESS":
            return after
        return self._watched(before, lambda observation: not observation.receipts)

    def _stays(self, requirement: str, before: Observation) -> None:
        after = self._watched(before, lambda observation: observation.state == before.state)
        rule = f"the transaction stays as it was: {before.description}"
        self._judge(requirement, after.state == before.state, rule, after.description)

    def _judge(self, requirement: str, holds: bool, required: str, observed: str) -> None:
        self.judged.add(requirement)
        if not holds:
            raise ModelViolation(requirement, required, observed)

    # what is read ----------------------------------------------------------------------------

    def _enter(self, created: Transaction) -> None:
        """Take a new transaction into the trace."""
        observation = self._bbps.polling.lastingly(
            lambda: self._read(created), lambda seen: not seen.receipts
        )
        if observation.status != "PENDING":
            raise Inconclusive(f"a new transaction is {observation.status}", "see TXN-01")
        self._observations.append(observation)

    def _read(self, transaction: Transaction) -> Observation:
        payments = self._bbps.payments_of(transaction)
        numbers = tuple(number for each in payments for number in each.receipt_numbers)
        return Observation(self._bbps.transaction(transaction.id), numbers)

    def _read_payments(self) -> None:
        """See how often the bill was paid, once it was at all."""
        if self._paid:
            self._payments = self._bbps.polling.lastingly(
                lambda: self._bbps.payments_of_bill(self._bill), lambda seen: len(seen) < 2
            )

    def _watched(
        self, observation: Observation, holds: Callable[[Observation], bool]
    ) -> Observation:
        return self._bbps.polling.lastingly(lambda: self._read(observation.transaction), holds)

    def _offered(self) -> list[Bill]:
        response = self._bbps.fetch(self._bill.consumer_code)
        found = bills_in(response) if taken(response, "fetchBill") else []
        return [bill for bill in found if bill.consumer_code == self._bill.consumer_code]

    def _wrong(self, offered: list[Bill]) -> bool:
        """Whether an outdated bill is still offered, or no fresh one in its place."""
        stale = any(bill.id == self._bill.id for bill in offered)
        return stale or len(offered) != (0 if self._cancelled else 1)

    def _adopt(self, offered: list[Bill]) -> None:
        """Continue with a fresh bill, if there is one."""
        if len(offered) == 1 and offered[0].id != self._bill.id:
            self._undecided |= self._pending or self._paid
            self._bill = offered[0]
            self._payments = None
            self._stale = False

    def _may_report(self, actor: str) -> bool:
        """Whether the run has that actor, and there is a transaction to speak of.

        A refusal shows something where the gateway lets such a user through: the owner, or for
        another user with its role that one himself.
        """
        client = self._bbps.client
        known = actor in client.actors and not client.actors[actor].create
        able = actor == ANONYMOUS or (known and not client.sessions.refused(actor))
        if not able or not self._observations:
            return False
        admitted = RIVAL if actor == RIVAL else OWNER
        known = client.admitted(admitted, UPDATE.operation)
        return known or UPDATE.call(self._bbps, as_=admitted).found

    @property
    def _pending(self) -> bool:
        return any(observation.status == "PENDING" for observation in self._observations)

    # how it is described --------------------------------------------------------------------------

    def _record(self, what: str, response: Response) -> None:
        self._note(f"{what}: {response.description}")
        taken(response, what)

    def _note(self, text: str) -> None:
        self.lines.append(TraceLine(text, self._latest()))


def _answered(response: Response) -> str:
    return f"it was answered {response.description}"


def _signal(outcome: str, transaction: Transaction) -> Signal:
    if outcome == OTHER_AMOUNT:
        return success(amount=rupees(transaction.amount) + 1)
    return SUCCESS if outcome == "success" else FAILURE
