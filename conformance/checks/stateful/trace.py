"""One trace on its way: each step is made, and what comes of it is compared with the account."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from conformance.bbps.flow import FAILURE as REPORTED_FAILURE
from conformance.bbps.flow import SUCCESS as REPORTED_SUCCESS
from conformance.bbps.flow import Bbps, Signal, success
from conformance.bbps.models import Bill, Payment, Transaction, payment_in, rupees
from conformance.bbps.models import transaction_in as read_transaction
from conformance.checks.controls import taken
from conformance.checks.expect import kept_out
from conformance.checks.stateful.account import (
    ENDED,
    PENDING,
    SUCCESS,
    Account,
    Expected,
    KnownTransaction,
)
from conformance.checks.stateful.readings import Observation, Readings
from conformance.checks.stateful.steps import (
    CASHIER,
    OTHER_AMOUNT,
    OWNER,
    STATUS,
    CancelPayment,
    ChangeDemand,
    Create,
    Fetch,
    PayAtCounter,
    ReportOutcome,
    Setting,
    TraceStep,
    cancellable,
)
from conformance.client.response import Response
from conformance.core.verdicts import Inconclusive, Violation


class ModelViolation(Violation):
    """A step of a trace after which the deployment violates one requirement of the model."""

    def __init__(self, requirement: str, required: str, observed: str) -> None:
        super().__init__(required, observed)
        self.requirement = requirement


@dataclass(frozen=True, slots=True)
class TraceLine:
    """What somebody did, in one line, with the id of the exchange that did it ("" for none)."""

    text: str
    exchange: str = ""


PAYABLE: Final = Expected("TXN-01", True)


class Trace:
    """What actors do to one consumer code, and what the deployment shows of it.

    Raises ModelViolation where it is not what the account expects, Inconclusive where the trace
    cannot go on.
    """

    _bill: Bill
    account: Account

    def __init__(
        self, bbps: Bbps, setting: Setting, *, lateness: int, latest: Callable[[], str]
    ) -> None:
        """Prepare a trace; `begin` makes its first calls.

        `lateness`: ms after a bill's expiry to which the clock moves. `latest` gives the id of the
        latest exchange of the trace.
        """
        self.lines: list[TraceLine] = []
        self.judged: set[str] = set()
        self._bbps = bbps
        self._setting = setting
        self._lateness = lateness
        self._latest = latest
        self._readings = Readings(bbps)
        self._bills: dict[str, Bill] = {}
        self._payments: dict[str, Payment] = {}  # at the counter
        self._seen: dict[str, Observation] = {}  # of each transaction, as last seen

    def begin(self, *, in_parts: bool = False) -> None:
        """The owner fetches a payable bill of a new consumer code, perhaps one for parts."""
        service = self._bbps.target.bills.partial if in_parts else None
        bill = self._bbps.bill_of(service) if service else self._bbps.new_bill()
        self._bill = self._bills[bill.id] = bill
        self.account = Account(bill.id, bill.amount, bill.amount, in_parts=service is not None)
        self._note(f"{OWNER} fetches the bill {bill.id} over ₹ {bill.amount}")

    def take(self, step: TraceStep) -> None:
        """Make a step, if it still makes sense; for time to pass is not a trace's alone."""
        if not step.possible(self.account, self._setting):
            return
        match step:
            case Fetch():
                self._fetch(step.actor)
            case Create():
                self._create(step)
            case ReportOutcome():
                self._report(step)
            case PayAtCounter():
                self._pay(step.mode)
            case CancelPayment():
                self._cancel_payment()
            case ChangeDemand():
                self._change_demand(step)

    def time_left(self) -> int:
        """Return the ms until the known bill has expired, with what the trace is to be late."""
        left = max(self._bill.expires_at - self._bbps.clock.now(), 0)
        return left + self._lateness

    def time_passed(self) -> None:
        """Enter that the clock has moved beyond the last moment of the bill."""
        self.account.time_passed()
        self.lines.append(TraceLine(f"the clock moves on, and {self._bill.id} expires"))

    def end(self) -> None:
        """Read back all that the trace made: nothing is missing, nothing is there next to it."""
        for bill in self.account.bills:
            mine = {each.id: each.status for each in self.account.transactions if each.bill == bill}
            if mine:
                self._listed(bill, mine)
            self._paid(self._bills[bill])

    # what actors do ----------------------------------------------------------------------------

    def _fetch(self, actor: str) -> None:
        expected, due = self.account.offer(), self.account.due
        offered, as_due = self._bbps.polling.within_deadline(
            lambda: self._readings.offered(self._bill, actor),
            lambda bills: self._as_expected(expected, bills),
        )
        shown = ", ".join(f"{bill.id} over ₹ {bill.amount}" for bill in offered) or "nothing"
        self._note(f"{actor} fetches the bill again and gets {shown}")
        outdated = f" in place of one that is outdated ({self.account.outdated})"
        rule = (
            f"a bill over ₹ {due} is offered" + (outdated if self.account.outdated else "")
            if expected.holds
            else "no bill is offered where nothing is due"
        )
        self._judge(expected, as_due, rule, f"{shown} is offered")
        if len(offered) == 1:
            self._bill = self._bills[offered[0].id] = offered[0]
            self.account.offered(offered[0].id, offered[0].amount)

    def _create(self, step: Create) -> None:
        expected, amount = self.account.creation(), step.amount(self.account)
        response = self._bbps.submit_transaction(self._bill, amount=amount, as_=step.actor)
        what = f"a transaction of ₹ {amount} on {self._bill.id}"
        self._record(f"{step.actor} creates {what}", response)
        if expected == PAYABLE and not response.succeeded:
            self._payable_otherwise(response)
        if expected != PAYABLE or self.account.history():
            self._answer(expected, response, self._rule_of_creation(expected))
        if response.succeeded:
            self._enter(read_transaction(response), amount, step.actor)

    def _payable_otherwise(self, response: Response) -> None:
        """Make sure that a refusal is due to what happened before: a new bill is not refused."""
        plain = self.account.history() and self._bbps.submit_transaction(self._bbps.new_bill())
        if not plain or not plain.succeeded:
            raise Inconclusive(
                f"no transaction could be created: {response.description}", "see TXN-01"
            )

    def _report(self, step: ReportOutcome) -> None:
        entry = self.account.transactions[step.place]
        before = self._seen[entry.id]
        response = self._bbps.update(
            before.transaction, _signal(step.outcome, before.transaction), as_=step.actor
        )
        text = f"{step.actor} reports {step.outcome} of {entry.id}"
        if step.actor != entry.owner:
            what = f"an update by the {step.actor}"
            self._note(f"{text}: {response.description}")
            self._answer(Expected("TXN-08", False), response, f"{what} is refused")
            kept_out(response, what)
            self._stays("TXN-08", entry, before)
            return
        self._record(text, response)
        if entry.status in ENDED:
            self._stays("TXN-09" if entry.status == SUCCESS else "TXN-10", entry, before)
        else:
            self._ended(entry, before, step.outcome, response)

    def _pay(self, mode: str) -> None:
        expected = self.account.counter_payment()
        response = self._bbps.submit_payment(self._bill, mode)
        what = f"{CASHIER} takes ₹ {self._bill.amount} in {mode} for {self._bill.id}"
        self._record(what, response)
        if not expected.holds:
            self._answer(expected, response, "a paid bill is not paid again")
        if response.succeeded:
            payment = payment_in(response)
            self._payments[payment.id] = payment
            self.account.paid_at_counter(mode, payment.id)
        self._paid(self._bill)

    def _cancel_payment(self) -> None:
        receipt = cancellable(self.account)
        response = self._bbps.cancel(self._payments[receipt.payment])
        self._record(f"{CASHIER} cancels the payment {receipt.payment}", response)
        if response.succeeded:
            self._bbps.polling.eventually(
                lambda: self._bbps.payment(receipt.payment),
                lambda seen: seen.status == "CANCELLED",
                f"the cancellation of {receipt.payment}",
            )
            self.account.cancelled(receipt)

    def _change_demand(self, step: ChangeDemand) -> None:
        if step.amount:
            self._bbps.provision.change_demand(self._bill, step.amount)
            self._note(f"administrator changes the demand of the bill to ₹ {step.amount}")
        else:
            self._bbps.provision.cancel_demand(self._bill)
            self._note("administrator cancels the demand of the bill")
        self.account.demand_changed(step.amount)

    # what must follow --------------------------------------------------------------------------

    def _ended(
        self, entry: KnownTransaction, before: Observation, outcome: str, response: Response
    ) -> None:
        """Judge the owner's report on a pending transaction."""
        expected = self._expected_end(entry, outcome)
        status = STATUS.get(outcome, "") if expected.holds else ""
        if expected.holds:
            self._answer(expected, response, f"the owner's report of {outcome} is accepted")
        after = self._settled(entry, before, status, response)
        if status:
            rule = "TXN-05" if status == SUCCESS else "TXN-06"
            what = f"the transaction is a {outcome}"
            self._judge(Expected(rule, True), after.status == status, what, after.description)
        elif outcome == OTHER_AMOUNT:
            what = "a transaction does not succeed with another amount than promised"
            held = after.status != SUCCESS
            self._judge(Expected("TXN-12", True), held, what, after.description)
        if after.status == SUCCESS:
            rule = "RCP-04" if entry.late else "RCP-01"
            what = "a success has exactly one receipt" + (", also when late" if entry.late else "")
            one = len(after.receipts) == 1 and all(after.receipts)
            self._judge(Expected(rule, True), one, what, after.description)
        self._no_receipt_without_success(after)
        self.account.ended(entry, after.status, len(after.receipts))

    def _expected_end(self, entry: KnownTransaction, outcome: str) -> Expected:
        if outcome == "success":
            return self.account.success(entry)
        return Expected("TXN-06", True) if outcome == "failure" else Expected()

    def _settled(
        self, entry: KnownTransaction, before: Observation, expected: str, response: Response
    ) -> Observation:
        """Return a transaction once search shows what the update answered, or what is expected.

        Where they keep disagreeing, TXN-13 has its own checks, and this trace can show no more.
        """
        answered = read_transaction(response).status if response.succeeded else ""
        wanted = answered if answered in ENDED else expected
        if not wanted:
            return self._watched(
                entry, lambda seen: seen.status == before.status and not seen.receipts
            )
        after, _ = self._bbps.polling.within_deadline(
            lambda: self._readings.of(entry.id),
            lambda seen: seen.status == wanted and (wanted != SUCCESS or bool(seen.receipts)),
        )
        if answered in ENDED and after.status != answered:
            raise Inconclusive(
                f"the update answered {answered}, and a search shows {after.status}", "see TXN-13"
            )
        if wanted == SUCCESS:
            self._seen[entry.id] = after
            return after
        return self._watched(entry, lambda seen: not seen.receipts)

    def _stays(self, requirement: str, entry: KnownTransaction, before: Observation) -> None:
        after = self._watched(entry, lambda seen: seen.state == before.state)
        rule = f"the transaction stays as it was: {before.description}"
        self._judge(
            Expected(requirement, True), after.state == before.state, rule, after.description
        )

    def _no_receipt_without_success(self, seen: Observation) -> None:
        if seen.status != SUCCESS:
            rule = f"a transaction that is {seen.status} has no receipt"
            self._judge(Expected("RCP-05", True), not seen.receipts, rule, seen.description)

    def _rule_of_creation(self, expected: Expected) -> str:
        if expected.holds and expected != PAYABLE:
            return "after a failure a new transaction is taken"
        if expected == PAYABLE:
            before = ", ".join(sorted(self.account.history()))
            return f"a bill that is offered takes a transaction, also after: {before}"
        if expected.requirement == "TXN-04":
            return "no second transaction is taken while one is pending or successful"
        return f"an outdated bill takes no new transaction ({self.account.outdated})"

    def _answer(self, expected: Expected, response: Response, rule: str) -> None:
        """Judge whether a call was accepted."""
        self._judge(
            expected,
            expected.holds is None or response.succeeded is expected.holds,
            rule,
            f"it was answered {response.description}",
        )

    def _judge(self, expected: Expected, holds: bool, required: str, observed: str) -> None:
        if expected.holds is None:
            return
        self.judged.add(expected.requirement)
        if not holds:
            raise ModelViolation(expected.requirement, required, observed)

    # what is read ------------------------------------------------------------------------------

    def _enter(self, created: Transaction, amount: Decimal, owner: str) -> None:
        """Take a new transaction into the trace, of an amount in rupees."""
        entry = KnownTransaction(created.id, self._bill.id, amount, owner)
        seen = self._watched(entry, lambda seen: not seen.receipts)
        if seen.status != PENDING:
            raise Inconclusive(f"a new transaction is {seen.status}", "see TXN-01")
        self._no_receipt_without_success(seen)
        self.account.created(entry)

    def _watched(
        self, entry: KnownTransaction, holds: Callable[[Observation], bool]
    ) -> Observation:
        seen = self._bbps.polling.lastingly(lambda: self._readings.of(entry.id), holds)
        self._seen[entry.id] = seen
        return seen

    def _listed(self, bill: str, mine: dict[str, str]) -> None:
        """Demand that a search by the bill shows its transactions, and how each ended."""
        seen, as_known = self._bbps.polling.within_deadline(
            lambda: self._readings.listed(bill), lambda seen: seen == mine
        )
        rule = f"a search by the bill {bill} shows {_listing(mine)}"
        self._judge(Expected("TXN-13", True), as_known, rule, f"it shows {_listing(seen)}")

    def _paid(self, bill: Bill) -> None:
        """Demand the payments of a bill that the trace has made, and no others."""
        mine = [each for each in self.account.standing if each.bill == bill.id]
        seen = self._bbps.polling.lastingly(
            lambda: self._readings.standing(bill), lambda seen: len(seen) <= len(mine)
        )
        if len(seen) < len(mine):
            seen, _ = self._bbps.polling.within_deadline(
                lambda: self._readings.standing(bill), lambda seen: len(seen) >= len(mine)
            )
        found = ", ".join(f"₹ {each.amount} in mode {each.mode}" for each in seen) or "none"
        rule = "a bill has one payment at most that stands"
        self._judge(Expected("PAY-09", True), len(seen) < 2, rule, f"it has {len(seen)}: {found}")
        paid = sum(each.amount for each in mine)
        agree = sum(each.amount for each in seen) == paid
        rule = f"the payments of the bill {bill.id} are over ₹ {paid} together"
        self._judge(Expected("RCP-07", True), agree, rule, f"there are: {found}")

    def _as_expected(self, expected: Expected, offered: list[Bill]) -> bool:
        """Whether fetchBill offers what is due, as the same bill or as a fresh one."""
        if expected.holds is None:
            return True
        if not expected.holds:
            return not offered
        return (
            len(offered) == 1
            and offered[0].amount == self.account.due
            and self.account.may_be(offered[0].id)
        )

    # how it is described -----------------------------------------------------------------------

    def _record(self, what: str, response: Response) -> None:
        self._note(f"{what}: {response.description}")
        taken(response, what)

    def _note(self, text: str) -> None:
        self.lines.append(TraceLine(text, self._latest()))


def _listing(statuses: dict[str, str]) -> str:
    return ", ".join(f"{id_} {status}" for id_, status in sorted(statuses.items())) or "nothing"


def _signal(outcome: str, transaction: Transaction) -> Signal:
    if outcome == OTHER_AMOUNT:
        return success(amount=rupees(transaction.amount) + 1)
    return REPORTED_SUCCESS if outcome == "success" else REPORTED_FAILURE
