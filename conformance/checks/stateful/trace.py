"""One trace on its way: each step is made, and what comes of it is compared with the payer."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from conformance.bbps.flow import FAILURE as REPORTED_FAILURE
from conformance.bbps.flow import SUCCESS as REPORTED_SUCCESS
from conformance.bbps.flow import Bbps, Signal, success
from conformance.bbps.models import Bill, Payment, Transaction, payment_in
from conformance.bbps.models import transaction_in as read_transaction
from conformance.bbps.payloads import Share, total
from conformance.checks.expect import kept_out
from conformance.checks.stateful.account import ENDED, Account, Expected, KnownTransaction
from conformance.checks.stateful.kinds import KINDS, ORDINARY
from conformance.checks.stateful.observer import TraceObserver
from conformance.checks.stateful.own_owner import OwnOwner
from conformance.checks.stateful.payer import OWNER, PAYABLE, PayerModel
from conformance.checks.stateful.record import TraceRecord
from conformance.checks.stateful.steps import (
    CASHIER,
    OTHER_AMOUNT,
    CancelPayment,
    ChangeDemand,
    Create,
    Dismiss,
    Fetch,
    OwnAccount,
    PayAtCounter,
    Reinstate,
    ReportOutcome,
    Setting,
    TraceStep,
    TwoBills,
)
from conformance.client.client import Unanswered
from conformance.client.response import Response
from conformance.core.verdicts import Inconclusive, NotAllowed, NotApplicable


class Trace:
    """What actors do to the bills of one payer, and what the deployment shows of them.

    Raises ModelViolation where it is not what is expected, Inconclusive where the trace cannot go
    on.
    """

    payer: PayerModel
    _observer: TraceObserver

    def __init__(
        self, bbps: Bbps, setting: Setting, *, lateness: int, latest: Callable[[], str]
    ) -> None:
        """Prepare a trace; `begin` makes its first calls.

        `lateness`: ms after a bill's expiry to which the clock moves. `latest` gives the id of the
        latest exchange of the trace.
        """
        self.record = TraceRecord(latest)
        self._bbps = bbps
        self._setting = setting
        self._lateness = lateness
        self._bills: dict[str, Bill] = {}
        self._payments: dict[str, Payment] = {}  # at the counter
        self._owner = OwnOwner(bbps, self.record)

    def begin(self, *, in_parts: bool, kind: str) -> None:
        """Have a bill fetched: of a kind, one that may be paid in parts, or a plain one."""
        bill = self._of_kind(kind)
        if bill is None:
            self.payer = PayerModel([self._fetched(in_parts=in_parts)])
        else:
            self.payer = PayerModel([self._known_as(bill)], kind=kind)
        self._observer = TraceObserver(self._bbps, self.payer, self.record)

    def take(self, step: TraceStep) -> None:
        """Make a step, if it still makes sense; for time to pass is not a trace's alone."""
        if not step.possible(self.payer, self._setting):
            return
        match step:
            case TwoBills():
                self.payer.accounts.append(self._fetched())
            case OwnAccount():
                self._owner.enter()
                step.foresee(self.payer)
            case Dismiss():
                self._owner.dismiss(step.how)
                step.foresee(self.payer)
            case Reinstate():
                self._owner.reinstate()
                step.foresee(self.payer)
            case Fetch():
                self._fetch(step)
            case Create():
                self._create(step)
            case ReportOutcome():
                self._report(step)
            case PayAtCounter():
                self._pay(step)
            case CancelPayment():
                self._cancel_payment(step)
            case ChangeDemand():
                self._change_demand(step)

    def time_left(self) -> int:
        """Return the ms until the known bills have expired, with what the trace is to be late."""
        ends = [self._known(each).expires_at for each in self.payer.accounts]
        return max(max(ends) - self._bbps.clock.now(), 0) + self._lateness

    def time_passed(self) -> None:
        """Enter that the clock has moved beyond the last moment of the bills."""
        self.payer.time_passed()
        expired = ", ".join(each.bill for each in self.payer.accounts)
        self.record.did(f"the clock moves on, and {expired} expires")

    def end(self) -> None:
        """Read back all that the trace made: nothing is missing, nothing is there next to it."""
        for account in self.payer.accounts:
            for bill in account.bills:
                self._observer.listed(bill)
                self._observer.paid(self._bills[bill])

    # what actors do ----------------------------------------------------------------------------

    def _fetched(self, *, in_parts: bool = False) -> Account:
        service = self._bbps.target.bills.partial if in_parts else None
        bill = self._bbps.bill_of(service) if service else self._bbps.new_bill()
        account = self._known_as(bill)
        account.in_parts = service is not None
        return account

    def _of_kind(self, kind: str) -> Bill | None:
        """Have a bill of a kind; None where there is none."""
        try:
            return KINDS[kind].bill(self._bbps) if kind else None
        except (Unanswered, NotAllowed):
            raise
        except (Inconclusive, NotApplicable):
            return None

    def _known_as(self, bill: Bill) -> Account:
        self._bills[bill.id] = bill
        self.record.called(f"{OWNER} fetches the bill {bill.id} over ₹ {bill.amount}")
        return Account(bill.id, bill.amount, bill.amount)

    def _fetch(self, step: Fetch) -> None:
        account = self.payer.accounts[step.account]
        bill = self._known(account)
        if self.payer.bars(step.actor):
            self._owner.shut_out_of_fetching(bill)
            return
        offered = self._observer.offered(
            account.offer(), bill, step.account, self._actor(step.actor)
        )
        if len(offered) == 1:
            self._bills[offered[0].id] = offered[0]
            account.offered(offered[0].id, offered[0].amount)

    def _create(self, step: Create) -> None:
        accounts = self.payer.at(step.accounts)
        expected = self.payer.creation(accounts)
        shares = [Share(bill=self._known(each), paid=step.share(each)) for each in accounts]
        if self.payer.bars(step.actor):
            self._owner.shut_out_of_creating(shares)
            return
        bill = shares[0].bill
        kind = KINDS.get(self.payer.kind, ORDINARY)
        response = self._bbps.submit_transaction(
            bill,
            shares=shares,
            as_=self._actor(step.actor),
            **kind.changes(self._bbps, bill),
        )
        bills = " and ".join(each.bill.id for each in shares)
        what = f"a transaction of ₹ {total(shares)} on {bills}"
        self.record.answered(f"{step.actor} creates {what}", response)
        created = read_transaction(response) if response.succeeded else None
        paid = {each.bill.id: each.paid for each in shares}
        if created and (first := self.payer.repeated(created.id, paid, step.actor)):
            self._observer.stays("TXN-04", first)  # it is answered again, and nothing is created
            return
        if expected == PAYABLE and not response.succeeded:
            self._payable_otherwise(accounts, response)
        if expected != PAYABLE or self.payer.history(accounts):
            rule = _rule_of_creation(expected, self.payer, accounts)
            self.record.accepted(expected, response, rule)
        if created is not None:
            self._enter(created, paid, step.actor)

    def _payable_otherwise(self, accounts: list[Account], response: Response) -> None:
        """Make sure that a refusal is due to what happened before: a new bill is not refused."""
        happened = self.payer.history(accounts)
        plain = happened and self._bbps.submit_transaction(self._bbps.new_bill())
        if not plain or not plain.succeeded:
            raise Inconclusive(
                f"no transaction could be created: {response.description}", "see TXN-01"
            )

    def _enter(self, created: Transaction, paid: Mapping[str, Decimal], owner: str) -> None:
        """Take a new transaction into the trace, with what it pays on each bill."""
        entry = KnownTransaction(created.id, paid, owner)
        self._observer.created(entry)
        self.payer.created(entry)

    def _report(self, step: ReportOutcome) -> None:
        entry = self.payer.transactions[step.place]
        transaction = self._observer.transaction(entry)
        signal = _signal(step.outcome, entry)
        text = f"{step.actor} reports {step.outcome} of {entry.id}"
        if self.payer.bars(step.actor):
            self._owner.shut_out_of_reporting(transaction, signal, text)
            self._observer.stays("USR-12", entry)
            return
        response = self._bbps.update(transaction, signal, as_=self._actor(step.actor))
        if step.actor != entry.owner:
            what = f"an update by the {step.actor}"
            self.record.called(f"{text}: {response.description}")
            self.record.accepted(Expected("TXN-08", False), response, f"{what} is refused")
            kept_out(response, what)
            self._observer.stays("TXN-08", entry)
            return
        self.record.answered(text, response)
        if entry.status in ENDED:
            self._observer.stays("TXN-09" if entry.status == "SUCCESS" else "TXN-10", entry)
            return
        after = self._observer.ended(entry, step.outcome, response)
        self.payer.ended(entry, after.status, len(after.receipts))

    def _pay(self, step: PayAtCounter) -> None:
        accounts = self.payer.at(step.accounts)
        expected = self.payer.counter_payment(accounts)
        bills = [self._known(each) for each in accounts]
        shares = [Share(bill=each, paid=each.amount) for each in bills]
        response = self._bbps.submit_payment(bills[0], step.mode, shares=shares)
        what = f"₹ {total(shares)} in {step.mode} for {' and '.join(each.id for each in bills)}"
        self.record.answered(f"{CASHIER} takes {what}", response)
        if not expected.holds:
            self.record.accepted(expected, response, "a paid bill is not paid again")
        if response.succeeded:
            payment = payment_in(response)
            self._payments[payment.id] = payment
            self.payer.paid_at_counter(accounts, step.mode, payment.id)
        for bill in bills:
            self._observer.paid(bill)

    def _cancel_payment(self, step: CancelPayment) -> None:
        payment = self.payer.cancellable(self.payer.accounts[step.account])
        response = self._bbps.cancel(self._payments[payment])
        self.record.answered(f"{CASHIER} cancels the payment {payment}", response)
        if response.succeeded:
            self._bbps.polling.eventually(
                lambda: self._bbps.payment(payment),
                lambda seen: seen.status == "CANCELLED",
                f"the cancellation of {payment}",
            )
            self.payer.cancelled(payment)

    def _change_demand(self, step: ChangeDemand) -> None:
        account = self.payer.accounts[step.account]
        bill = self._known(account)
        if step.amount:
            self._bbps.provision.change_demand(bill, step.amount)
            self.record.called(
                f"administrator changes the demand of {bill.consumer_code} to ₹ {step.amount}"
            )
        else:
            self._bbps.provision.cancel_demand(bill)
            self.record.called(f"administrator cancels the demand of {bill.consumer_code}")
        account.demand_changed(step.amount)

    def _known(self, account: Account) -> Bill:
        """Return the bill of an account that its payer knows."""
        return self._bills[account.bill]

    def _actor(self, name: str) -> str:
        """Return who acts under a name: the owner may be a user of the trace's own."""
        return self._owner.name if self.payer.own and name == OWNER else name


def _rule_of_creation(expected: Expected, payer: PayerModel, accounts: list[Account]) -> str:
    if expected.holds and expected != PAYABLE:
        return "after a failure a new transaction is taken"
    if expected == PAYABLE:
        before = ", ".join(sorted(payer.history(accounts)))
        return f"a bill that is offered takes a transaction, also after: {before}"
    if expected.requirement == "TXN-04":
        return "no second transaction is taken while one is pending or successful"
    outdated = ", ".join(each.outdated for each in accounts if each.outdated)
    return f"an outdated bill takes no new transaction ({outdated})"


def _signal(outcome: str, entry: KnownTransaction) -> Signal:
    if outcome == OTHER_AMOUNT:
        return success(amount=sum(entry.shares.values(), Decimal(1)))
    return REPORTED_SUCCESS if outcome == "success" else REPORTED_FAILURE
