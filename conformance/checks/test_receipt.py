"""Receipt: made by success alone, once, for what was promised (RCP-*). Days: test_deferred."""

from contextlib import suppress
from decimal import Decimal

import pytest

from conformance.bbps import needs
from conformance.bbps.clock import SECOND
from conformance.bbps.dimensions.amounts import AMOUNT, GREAT_PAID, INDIVISIBLE
from conformance.bbps.dimensions.bills import BILL, DEMANDS, SPLIT
from conformance.bbps.dimensions.dimension import Combination, never
from conformance.bbps.flow import FAILURE, OPEN, SUCCESS, Bbps
from conformance.bbps.hindrance import unless_hindered
from conformance.bbps.models import Bill, Payment, Transaction, bills_in, payments_in, read, rupees
from conformance.bbps.payloads import PAYER
from conformance.bbps.reconciliation.comparison import disagreements_on
from conformance.bbps.reconciliation.records import BillRecords
from conformance.bbps.shelf import great_bill
from conformance.checks.controls import taken
from conformance.checks.crossed import crossed
from conformance.checks.expect import demand, kept, no_receipt, one_receipt, paid_once, same
from conformance.checks.settled import Settled, settled
from conformance.core.requirements import verifies
from conformance.core.verdicts import Inconclusive, NotApplicable

pytestmark = pytest.mark.independent

PASSING = 3 * SECOND  # ms between bill, creation and update: a receipt date must follow creation
MANY_DEMANDS = DEMANDS.only("12 demands")
OF_DEMANDS = Decimal(20)  # rupees due on several demands
PART = Decimal(40)  # rupees
FETCHERS = ("integrator", "rival", "cashier", "citizen")
UNSPLIT = (never(BILL, SPLIT, AMOUNT, INDIVISIBLE),)


@verifies("RCP-01")
@crossed(BILL, AMOUNT, never=UNSPLIT, rows=14)
def test_success_makes_one_receipt(bbps: Bbps, combination: Combination) -> None:
    """The owner reports success; the payments of the transaction, and of its bill, are counted."""
    paid = _paid(bbps, combination)

    one_receipt(bbps, paid.transaction)
    paid_once(bbps, paid.bill)


@verifies("RCP-01")
@crossed(GREAT_PAID)
def test_great_success_makes_one_receipt(bbps: Bbps, combination: Combination) -> None:
    """The owner reports success over a great amount; payments are counted."""
    paid = bbps.pay(great_bill(bbps, combination[GREAT_PAID]))

    one_receipt(bbps, paid)


@verifies("RCP-01")
def test_repeated_report_makes_no_second_receipt(bbps: Bbps, bill: Bill) -> None:
    """The owner reports success again, as after a lost answer."""
    paid = bbps.pay(bill)
    bbps.receipt_of(paid)

    bbps.update(paid, SUCCESS)

    one_receipt(bbps, paid)


@pytest.mark.afterwards("moves the clock by seconds")
@verifies("RCP-03")
def test_receipt_carries_the_creation_time(bbps: Bbps, bill: Bill) -> None:
    """Time passes between bill, creation and success; the receipt's time is compared."""
    bbps.clock.pass_by(PASSING)
    transaction = bbps.create_transaction(bill)
    bbps.clock.pass_by(PASSING)
    bbps.finish(transaction, SUCCESS)

    payment = bbps.receipt_of(transaction)

    dates = sorted(set(payment.receipt_dates))
    same(dates, [transaction.created_at], "the list of timestamps on the receipt")


@verifies("RCP-05")
def test_pending_transaction_has_no_receipt(
    bbps: Bbps, bill: Bill, transaction: Transaction
) -> None:
    """A transaction is pending; a receipt is searched, also one that names another number."""
    no_receipt(bbps, transaction, "while the transaction is pending")
    _bill_is_unpaid(bbps, bill, "while its transaction is pending")


@verifies("RCP-05")
def test_open_outcome_makes_no_receipt(bbps: Bbps, bill: Bill, transaction: Transaction) -> None:
    """The owner's update leaves the outcome open; a receipt is searched."""
    bbps.update(transaction, OPEN)  # whatever it answers: the record decides

    status = bbps.transaction(transaction.id).status
    if status == "SUCCESS":
        raise Inconclusive(
            "an update without an outcome was treated as a success",
            "see outcome.* in the profile: how the deployment learns the outcome",
        )
    no_receipt(bbps, transaction, f"for a transaction that is {status}")
    _bill_is_unpaid(bbps, bill, f"by a transaction that is {status}")


@verifies("RCP-05")
def test_failed_transaction_has_no_receipt(
    bbps: Bbps, bill: Bill, transaction: Transaction
) -> None:
    """A transaction failed; a receipt is searched, also one that names another number."""
    failed = bbps.finish(transaction, FAILURE)

    no_receipt(bbps, failed, "after a failure")
    _bill_is_unpaid(bbps, bill, "after a failure")


@verifies("RCP-06")
@crossed(BILL, AMOUNT, never=UNSPLIT, rows=14)
def test_receipt_repeats_the_transaction(bbps: Bbps, combination: Combination) -> None:
    """The receipt is compared with its transaction, field by field."""
    found = _paid(bbps, combination)
    bill, paid = found.bill, found.transaction

    payment = bbps.receipt_of(paid)

    same(payment.amount, paid.amount, "the amount of the payment")
    same(payment.mode, "ONLINE", "the mode of the payment")
    same(payment.bill_ids, (bill.id,), "the bills that the payment pays")
    demand(
        any(payment.raw.get(each) for each in ("paidBy", "payerName", "mobileNumber")),
        required="the receipt names its payer",
        observed="it shows neither a name nor a number of the payer",
    )
    kept(payment.raw.get("paidBy"), PAYER["name"], "the payer's name")
    kept(payment.raw.get("mobileNumber"), PAYER["mobileNumber"], "the payer's mobile number")
    details = read(payment.raw, "paymentDetails")
    same(
        [detail.get("businessService") for detail in details],
        [bill.business_service],
        "the business service of the receipt",
    )
    same(
        sum((rupees(detail.get("totalAmountPaid")) for detail in details), Decimal(0)),
        paid.amount,
        "the sum of the receipt's details",
    )


@verifies("RCP-06")
def test_receipt_numbers_are_unique(bbps: Bbps) -> None:
    """Bills of two business services and two cities are paid; their receipts are compared."""
    numbers = [*_receipt(bbps, bbps.new_bill()).receipt_numbers]
    with suppress(Inconclusive, NotApplicable):  # the audit of the run compares all that was seen
        numbers += _receipt(bbps, bbps.bill_of(needs.second_service(bbps))).receipt_numbers
    with suppress(Inconclusive, NotApplicable):
        numbers += _receipt(bbps, bbps.new_bill(tenant=bbps.target.second_city)).receipt_numbers

    if len(numbers) < 2:
        numbers += _receipt(bbps, bbps.new_bill()).receipt_numbers

    demand(
        len(set(numbers)) == len(numbers),
        required="no two receipts have the same number",
        observed=f"the numbers are {numbers}",
    )


@verifies("RCP-07")
def test_books_agree_after_success(bbps: Bbps, bill: Bill) -> None:
    """Demand, bill, transaction, payment and receipt are read back at once, and compared.

    At the end of the run that is done for every bill.
    """
    _books_agree(bbps, bill, bbps.pay(bill))


@verifies("RCP-07")
@crossed(MANY_DEMANDS)
def test_success_settles_all_demands(bbps: Bbps, combination: Combination) -> None:
    """A bill of several demands is paid: nothing is due on any of them."""
    bill = combination[MANY_DEMANDS](bbps, amount=OF_DEMANDS)
    bbps.receipt_of(bbps.pay(bill))

    due, _ = bbps.polling.within_deadline(
        lambda: unless_hindered(lambda: bbps.provision.due_on(bill)), lambda left: not left
    )

    same(due, Decimal(0), "what is due on the demands of a paid bill")


@verifies("BIL-05")
@crossed(BILL, AMOUNT, never=UNSPLIT, rows=14)
def test_paid_bill_is_offered_to_nobody(bbps: Bbps, combination: Combination) -> None:
    """A bill is paid through BBPS; the integrator and somebody else fetch again."""
    paid = _paid(bbps, combination)
    others = [each for each in FETCHERS[1:] if each in bbps.client.actors]
    turn = list(BILL.values).index(combination.name(BILL))  # each kind of bill has another

    for fetcher in (FETCHERS[0], *others[turn % max(len(others), 1) :][:1]):
        offered, gone = bbps.polling.within_deadline(
            lambda fetcher=fetcher: _offered(bbps, paid.bill, fetcher),  # type: ignore[misc]
            lambda bills: not bills,
        )
        demand(
            gone,
            required="a paid bill is not offered again",
            observed=f"the {fetcher} is offered {[each.id for each in offered]} over "
            f"₹ {sum(each.amount for each in offered)}",
        )


@verifies("RCP-07")
def test_books_agree_after_a_part(bbps: Bbps) -> None:
    """Part of a bill is paid where that is allowed; the records are read back and compared."""
    bill = bbps.bill_of(needs.part_by_transaction(bbps))
    created = bbps.create_transaction(bill, amount=PART)

    _books_agree(bbps, bill, bbps.finish(created, SUCCESS))

    offered = bbps.bills_for(bill)
    demand(
        [each.id for each in offered] != [bill.id],
        required="a fresh bill for the rest is offered",
        observed=f"the bill that was paid in part, {bill.id}, is offered again",
    )


def _receipt(bbps: Bbps, bill: Bill) -> Payment:
    """Have the payment of a bill, by a transaction; Inconclusive where nobody may read it.

    The readers of the profile are of its own city.
    """
    paid, own = bbps.pay(bill), bill.tenant == bbps.target.tenant

    def read_back() -> list[Payment]:
        response = bbps.search_payments(
            as_=None if own else "administrator", tenantId=bill.tenant, transactionNumber=paid.id
        )
        if not response.succeeded:
            raise Inconclusive(f"payments of {bill.tenant} are not shown: {response.description}")
        return [each for each in payments_in(response) if each.transaction_number == paid.id]

    return bbps.polling.eventually(read_back, bool, "the payment of the transaction")[0]


def _offered(bbps: Bbps, bill: Bill, fetcher: str) -> list[Bill]:
    """Return what somebody is offered for a bill's code; nobody else than the integrator has to."""
    response = bbps.fetch(bill.consumer_code, service=bill.business_service, as_=fetcher)
    if fetcher != FETCHERS[0] and response.turned_away:
        return []
    return bills_in(response) if taken(response, f"fetchBill as {fetcher}") else []


def _paid(bbps: Bbps, combination: Combination) -> Settled:
    """Have a bill of some kind and amount that was paid through BBPS."""
    return settled(
        bbps,
        str(combination),
        lambda: [combination[BILL](bbps, amount=combination[AMOUNT])],
        lambda bills: bbps.taken_transaction(bills[0]),
    )


def _bill_is_unpaid(bbps: Bbps, bill: Bill, when: str) -> None:
    """Demand that no payment is for a bill, whatever number it names."""
    found = bbps.payments_of_bill(bill)
    same([each.transaction_number for each in found], [], f"the list of its bill's payments {when}")


def _books_agree(bbps: Bbps, bill: Bill, paid: Transaction) -> None:
    """Demand that no two books disagree on a paid bill, and that only the rest stays due."""
    page = BillRecords(bbps).page(bill)
    demand(
        not disagreements_on(page),
        required="demand, bill, transaction, payment and receipt agree",
        observed="; ".join(disagreements_on(page)),
    )
    for book, why in page.unread.items():
        raise Inconclusive(
            f"the {book} could not be read back: {why}",
            "see to that first; where a right is missing, check readers in the profile",
        )
    ended = [each.id for each in page.transactions if each.status != "FAILURE"]
    same(ended, [paid.id], "the list of the bill's transactions that did not fail")
    rest = bill.amount - rupees(paid.amount)
    due, _ = bbps.polling.within_deadline(
        lambda: sum((each.amount for each in bbps.bills_for(bill)), Decimal(0)),
        lambda due: due == rest,
    )
    same(due, rest, "the amount still due by fetchBill")
