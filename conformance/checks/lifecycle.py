"""The life of one bill, held against a small model of the rules: what was done, what must follow.

Where the register leaves a choice (the counter was faster than a pending transaction, say) the
story goes on with what the deployment shows, and only the rules that always hold are demanded.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from conformance.answers import Answer
from conformance.bbps import FAILURE, SUCCESS, Bbps, Signal, success
from conformance.checks.expect import in_words, state
from conformance.records import Bill, Transaction, bills_in, rupees, transaction_in
from conformance.verdicts import Inconclusive, Violation

OWNER: Final = "integrator"
OTHER_AMOUNT: Final = "success with another amount"
OUTCOMES: Final = ("success", "failure", OTHER_AMOUNT)
CHANGED_AMOUNT: Final = Decimal(250)  # rupees


class Departure(Violation):
    """A step of a story after which the deployment departs from the model, by one requirement."""

    def __init__(self, requirement: str, required: str, observed: str) -> None:
        super().__init__(required, observed)
        self.requirement = requirement


@dataclass(frozen=True, slots=True)
class Sight:
    """A transaction with its receipts, as both read at one time."""

    transaction: Transaction
    receipts: tuple[str, ...]

    @property
    def state(self) -> tuple[object, ...]:
        """What must not change once the transaction has ended."""
        return (*state(self.transaction), self.receipts)

    @property
    def ended(self) -> bool:
        """Whether the transaction has come to success or failure."""
        return self.transaction.status in {"SUCCESS", "FAILURE"}

    @property
    def in_words(self) -> str:
        """The transaction and its receipts, for a sentence."""
        return f"{in_words(self.transaction)}, receipts: {', '.join(self.receipts) or 'none'}"


class Story:
    """What actors do to one bill, step by step, with what the model knows of it by then."""

    def __init__(self, bbps: Bbps, *, lateness: int) -> None:
        """Begin with a payable bill of a new consumer code.

        `lateness`: ms after a bill's expiry to which the clock moves. It should differ between
        stories: a token asked for a day ago, to the second, is about to expire.
        """
        self.lines: list[str] = []
        self.judged: set[str] = set()
        self._bbps = bbps
        self._lateness = lateness
        self._bill = bbps.new_bill()
        self._lives: list[Sight] = []  # of each transaction, as last seen
        self._expired: set[str] = set()
        self._paid = False
        self._stale = False  # expired, or its demand changed: a fresh bill is due
        self._cancelled = False  # the demand: no bill is due
        self._undecided = False  # the register does not say how this goes on
        self._note(f"{OWNER} fetches the bill {self._bill.id} over ₹ {self._bill.amount}")

    # what actors do --------------------------------------------------------------------------

    def fetch(self) -> None:
        """The owner fetches again: a paid bill is gone, an outdated one is replaced."""
        kept = self._paid and not self._undecided
        replaced = self._stale and not self._paid and not self._pending()
        offered, as_due = self._bbps.patience.within_deadline(
            self._offered,
            lambda bills: not (kept and bills) and not (replaced and self._wrong(bills)),
        )
        shown = ", ".join(f"{bill.id} over ₹ {bill.amount}" for bill in offered) or "nothing"
        self._note(f"{OWNER} fetches the bill again and is offered {shown}")
        if kept:
            self._judge("BIL-05", as_due, "a paid bill is not offered again", f"offered is {shown}")
        if replaced:
            fresh = "no bill is offered" if self._cancelled else "a fresh bill is offered"
            self._judge(
                "BIL-06", as_due, f"{fresh} instead of the outdated one", f"offered is {shown}"
            )
        self._turn_to(offered)

    def create(self) -> None:
        """The owner asks for a transaction: one at a time, none on a paid or outdated bill."""
        answer = self._bbps.submit_transaction(self._bill)
        self._tell(f"{OWNER} asks for a transaction on {self._bill.id}", answer)
        mine = [
            sight.transaction for sight in self._lives if sight.transaction.bill_id == self._bill.id
        ]
        if any(each.status in {"PENDING", "SUCCESS"} for each in mine):
            rule = "no second transaction is taken while one is pending or successful"
            self._judge("TXN-04", not answer.succeeded, rule, self._answered(answer))
        elif self._stale:
            rule = "an outdated bill takes no new transaction"
            self._judge("BIL-06", not answer.succeeded, rule, self._answered(answer))
        elif self._paid or self._undecided:
            self._undecided |= answer.succeeded
        elif mine:
            rule = "after a failure a new transaction is taken"
            self._judge("TXN-04", answer.succeeded, rule, self._answered(answer))
        elif not answer.succeeded:
            raise Inconclusive(f"no transaction could be created: {answer.in_words}", "see TXN-01")
        if answer.succeeded:
            self._enter(transaction_in(answer).id)

    def report(self, actor: str, outcome: str, *, first: bool) -> None:
        """Somebody reports the outcome of the first or the latest transaction."""
        if not self._lives:
            return
        place = 0 if first else len(self._lives) - 1
        before = self._lives[place]
        answer = self._bbps.update(
            before.transaction, _signal(outcome, before.transaction), as_=actor
        )
        self._tell(f"{actor} reports {outcome} of {before.transaction.id}", answer)
        if actor != OWNER:
            rule = f"an update by the {actor} is refused"
            self._judge("TXN-08", not answer.succeeded, rule, self._answered(answer))
            self._stays("TXN-08", before)
        elif before.ended:
            self._stays("TXN-09" if before.transaction.status == "SUCCESS" else "TXN-10", before)
        else:
            self._lives[place] = self._outcome(before, outcome, answer)

    def pay_cash(self) -> None:
        """The cashier takes the bill's amount in cash: once, and not after a success."""
        if "CASH" not in self._bbps.target.payment_modes or self._stale:
            return
        answer = self._bbps.submit_payment(self._bill, "CASH")
        self._tell(f"cashier takes ₹ {self._bill.amount} in cash for {self._bill.id}", answer)
        if self._paid:
            rule = "a paid bill is not paid again"
            self._judge("PAY-09", not answer.succeeded, rule, self._answered(answer))
            self._paid_once()
        elif answer.succeeded:
            self._undecided |= self._pending()
            self._paid = True
            self._bbps.patience.eventually(
                lambda: self._bbps.payments_of_bill(self._bill), bool, "the payment at the counter"
            )

    def let_expire(self) -> None:
        """The bill's last moment passes (where the clock can be moved)."""
        if not self._bbps.clock.movable or self._bill.id in self._expired:
            return
        clock = self._bbps.clock
        clock.advance(max(self._bill.expires_at - clock.now(), 0) + self._lateness)
        self._expired.add(self._bill.id)
        self._stale = self._stale or not self._paid
        self._note(f"the clock moves on, and {self._bill.id} expires")

    def change(self) -> None:
        """The administrator changes the demand that the bill is made of."""
        if self._may_change():
            self._bbps.provision.change_demand(self._bill, CHANGED_AMOUNT)
            self._note(f"administrator changes the demand of the bill to ₹ {CHANGED_AMOUNT}")
            self._stale = True

    def cancel(self) -> None:
        """The administrator cancels the demand that the bill is made of."""
        if self._may_change():
            self._bbps.provision.cancel_demand(self._bill)
            self._note("administrator cancels the demand of the bill")
            self._stale = self._cancelled = True

    # what must follow ------------------------------------------------------------------------

    def _outcome(self, before: Sight, outcome: str, answer: Answer) -> Sight:
        """Judge the owner's report on a pending transaction; return how it is now."""
        if self._undecided:
            after = self._watched(before, lambda _: True)
        elif outcome == "success":
            after = self._succeeds(before, answer)
        elif outcome == "failure":
            after = self._fails(before, answer)
        else:
            after = self._watched(before, lambda sight: sight.transaction.status != "SUCCESS")
            rule = "a transaction does not succeed with another amount than promised"
            self._judge("TXN-12", after.transaction.status != "SUCCESS", rule, after.in_words)
        succeeded = after.transaction.status == "SUCCESS"
        if not succeeded:
            self._no_receipt(after)
        self._paid |= succeeded
        self._paid_once()
        return after

    def _succeeds(self, before: Sight, answer: Answer) -> Sight:
        late = before.transaction.bill_id in self._expired
        rule = "the owner's report of success is accepted"
        self._judge("RCP-04" if late else "TXN-05", answer.succeeded, rule, self._answered(answer))
        after = self._awaited(
            before, lambda sight: sight.transaction.status == "SUCCESS" and bool(sight.receipts)
        )
        rule = "the transaction is a success"
        self._judge("TXN-05", after.transaction.status == "SUCCESS", rule, after.in_words)
        rule = "a success has exactly one receipt" + (", also when it is late" if late else "")
        one = len(after.receipts) == 1 and all(after.receipts)
        self._judge("RCP-04" if late else "RCP-01", one, rule, after.in_words)
        return after

    def _fails(self, before: Sight, answer: Answer) -> Sight:
        rule = "the owner's report of failure is accepted"
        self._judge("TXN-06", answer.succeeded, rule, self._answered(answer))
        after = self._awaited(before, lambda sight: sight.transaction.status == "FAILURE")
        rule = "the transaction is a failure"
        self._judge("TXN-06", after.transaction.status == "FAILURE", rule, after.in_words)
        return after

    def _stays(self, requirement: str, before: Sight) -> None:
        after = self._watched(before, lambda sight: sight.state == before.state)
        rule = f"the transaction stays as it was: {before.in_words}"
        self._judge(requirement, after.state == before.state, rule, after.in_words)

    def _no_receipt(self, sight: Sight) -> None:
        after = self._watched(sight, lambda seen: not seen.receipts)
        rule = f"a transaction that is {sight.transaction.status} has no receipt"
        self._judge("RCP-05", not after.receipts, rule, after.in_words)

    def _paid_once(self) -> None:
        found = self._bbps.patience.lastingly(
            lambda: self._bbps.payments_of_bill(self._bill), lambda seen: len(seen) < 2
        )
        modes = ", ".join(f"₹ {each.amount} in mode {each.mode}" for each in found)
        rule = "a bill has one payment at most"
        self._judge("PAY-09", len(found) < 2, rule, f"it has {len(found)}: {modes}")

    def _judge(self, requirement: str, holds: bool, required: str, observed: str) -> None:
        self.judged.add(requirement)
        if not holds:
            raise Departure(requirement, required, observed)

    # what is read ----------------------------------------------------------------------------

    def _enter(self, id_: str) -> None:
        """Take a new transaction into the story."""
        sight = self._look(self._bbps.transaction(id_))
        if sight.transaction.status != "PENDING":
            raise Inconclusive(f"a new transaction is {sight.transaction.status}", "see TXN-01")
        self._lives.append(sight)
        self._no_receipt(sight)

    def _look(self, transaction: Transaction) -> Sight:
        payments = self._bbps.payments_of(transaction)
        numbers = tuple(number for each in payments for number in each.receipt_numbers)
        return Sight(self._bbps.transaction(transaction.id), numbers)

    def _awaited(self, sight: Sight, seen: Callable[[Sight], bool]) -> Sight:
        return self._bbps.patience.within_deadline(lambda: self._look(sight.transaction), seen)[0]

    def _watched(self, sight: Sight, holds: Callable[[Sight], bool]) -> Sight:
        return self._bbps.patience.lastingly(lambda: self._look(sight.transaction), holds)

    def _offered(self) -> list[Bill]:
        answer = self._bbps.fetch(self._bill.consumer_code)
        if answer.status >= 500:
            raise Inconclusive(f"the bill cannot be fetched: {answer.in_words}", "see BIL-01")
        found = bills_in(answer) if answer.succeeded else []
        return [bill for bill in found if bill.consumer_code == self._bill.consumer_code]

    def _wrong(self, offered: list[Bill]) -> bool:
        """Whether an outdated bill is still offered, or no fresh one in its place."""
        stale = any(bill.id == self._bill.id for bill in offered)
        return stale or len(offered) != (0 if self._cancelled else 1)

    def _turn_to(self, offered: list[Bill]) -> None:
        """Go on with a fresh bill, if there is one."""
        if len(offered) == 1 and offered[0].id != self._bill.id:
            self._undecided |= self._pending() or self._paid
            self._bill = offered[0]
            self._stale = False

    def _may_change(self) -> bool:
        """Whether the demand may be changed; what a pending transaction means then is open."""
        may = self._bbps.target.bills.provision == "demands" and not (self._paid or self._stale)
        self._undecided |= may and self._pending()
        return may

    def _pending(self) -> bool:
        return any(sight.transaction.status == "PENDING" for sight in self._lives)

    # how it is told --------------------------------------------------------------------------

    def _tell(self, what: str, answer: Answer) -> None:
        self._note(f"{what}: {answer.in_words}")
        if answer.status >= 500:
            raise Inconclusive(f"{what}: a breakdown, {answer.in_words}", "see CON-02 and CON-07")

    def _note(self, line: str) -> None:
        self.lines.append(line)

    @staticmethod
    def _answered(answer: Answer) -> str:
        return f"it was answered {answer.in_words}"


def _signal(outcome: str, transaction: Transaction) -> Signal:
    if outcome == OTHER_AMOUNT:
        return success(amount=rupees(transaction.amount) + 1)
    return SUCCESS if outcome == "success" else FAILURE
