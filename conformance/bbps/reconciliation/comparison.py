"""What demand, bill, transaction, payment and receipt hold on one consumer code; which disagree.

A rule compares two books on a page; what the register does not decide it leaves open, with the
reason. How the books are read stands in records.py.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from conformance.bbps.models import Bill, Payment, Transaction, read, rupees
from conformance.core.errors import ConformanceError
from conformance.core.verdicts import Inconclusive

REVERSED: Final = frozenset({"CANCELLED", "DISHONOURED"})
PAPER: Final = frozenset({"CASH", "CHEQUE", "DD"})  # deposited by remittance only
BEFORE: Final = "the demand was there before this run, and what was collected on it is not known"
# The books, and by which operation each is read.
BOOKS: Final = {
    "transaction": "transaction.search",
    "payment": "payment.module-search",
    "demand": "demand.search",
    "bill": "bill.search",
}

Place = tuple[str, str]  # tenant, business service


class LeftOpen(ConformanceError):
    """The register does not decide what two books on a page must hold; the text is the reason."""


@dataclass(slots=True, kw_only=True)
class Page:
    """What each book holds on one consumer code, whose money `check` may have moved.

    `raised`: whether the run raised its demand; `unread` maps a book to why it is not here.
    """

    code: str
    place: Place
    check: str
    raised: bool
    ids: list[str] = field(default_factory=list)  # of its bills
    transacted: list[str] = field(default_factory=list)  # those with a requested transaction
    bills: list[Bill] = field(default_factory=list)  # those that a search shows
    transactions: list[Transaction] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    demands: list[Mapping[str, Any]] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, ...]:
        """What names the page in an exchange: its consumer code and the ids of its bills."""
        return (self.code, *self.ids)

    @property
    def living(self) -> list[Payment]:
        """The payments that stand: neither cancelled nor dishonoured."""
        return [each for each in self.payments if each.status not in REVERSED]

    def pays(self, payment: Payment) -> bool:
        """Whether a payment is this page's: on its bills, or on a demand that the run raised."""
        ours = self.raised and bool(self._details(payment))
        return ours or bool(set(self.ids) & set(payment.bill_ids))

    def paid(self, payment: Payment) -> Decimal:
        """Return the rupees that a payment pays on this consumer code."""
        own = self._details(payment)
        return sum((rupees(each.get("totalAmountPaid")) for each in own), Decimal(0))

    def _details(self, payment: Payment) -> list[Any]:
        """Return the details of a payment that are about this page: the code of this service."""
        return [
            each
            for each in read(payment.raw, "paymentDetails")
            if _code_of(each) == self.code and _service_of(each) in (None, self.place[1])
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """How two books disagree on a page."""

    page: Page
    text: str

    @property
    def description(self) -> str:
        """The disagreement with the bill it is about and the check that moved the money."""
        place = f"consumer code {self.page.code}, bill {', '.join(self.page.ids)}"
        return f"{self.text} ({place}, check {self.page.check})"


@dataclass(slots=True)
class Comparison:
    """What came of comparing two books on every page."""

    agreeing: int = 0
    disagreements: list[Disagreement] = field(default_factory=list)
    left_open: Counter[str] = field(default_factory=Counter)  # reason -> pages
    unread: Counter[str] = field(default_factory=Counter)  # why not -> pages

    @property
    def description(self) -> str:
        """How many pages agree, and which were not compared, and why."""
        spared = [f"{reason}: {count}" for reason, count in self.left_open.most_common()]
        rest = f"; not compared: {', '.join(spared)}" if spared else ""
        return f"consumer codes that agree: {self.agreeing}{rest}"


def transaction_and_payment(page: Page) -> Iterator[str]:
    """Success has a payment over its amount; a transaction without success has none."""
    if not page.transactions:
        raise LeftOpen("no transaction was stored")
    for transaction in page.transactions:
        own = [each for each in page.payments if each.transaction_number == transaction.id]
        state = f"transaction {transaction.id} says {transaction.status}"
        if transaction.status != "SUCCESS":
            for payment in own:
                yield f"{state}, payment {_receipt(payment)} says ₹ {payment.amount} paid by it"
        elif not own:
            yield f"{state}, payments with its id: none"
        elif transaction.amount is not None:  # a second payment is found by RCP-01 and PAY-09
            for payment in own:
                if payment.amount != transaction.amount:
                    paid = f"payment {_receipt(payment)} says ₹ {payment.amount}"
                    yield f"{state} over ₹ {transaction.amount}, {paid}"


def payment_and_receipts(page: Page) -> Iterator[str]:
    """The receipts of a payment add up to it."""
    if not page.payments:
        raise LeftOpen("no payment was stored")
    for payment in page.payments:
        details = read(payment.raw, "paymentDetails")
        total = sum((rupees(each.get("totalAmountPaid")) for each in details), Decimal(0))
        if total != payment.amount:
            paid = f"payment {_receipt(payment)} says ₹ {payment.amount}"
            yield f"{paid}, its receipts say ₹ {total}"


def payment_and_demand(page: Page) -> Iterator[str]:
    """What was collected on the demand is what standing payments paid, no more and no less."""
    if not page.raised:
        raise LeftOpen(BEFORE)
    if not page.demands:
        raise LeftOpen("the demand is not shown")
    if any(each.get("status") not in {None, "ACTIVE"} for each in page.demands):
        raise LeftOpen("the demand was cancelled")
    if any(each.mode in PAPER and each.status == "DEPOSITED" for each in page.living):
        raise LeftOpen("a receipt was remitted (PAY-12 checks what that does to the demand)")
    details = [each for demand in page.demands for each in read(demand, "demandDetails")]
    demanded = sum((rupees(each.get("taxAmount")) for each in details), Decimal(0))
    collected = sum((rupees(each.get("collectionAmount")) for each in details), Decimal(0))
    paid = sum((page.paid(each) for each in page.living), Decimal(0))
    if not 0 <= paid <= demanded:
        raise LeftOpen("another amount than the amount due was paid (PAY-08 and PAY-09 check that)")
    if collected != paid:
        yield f"payments say ₹ {paid} paid, demand says ₹ {collected} collected"
    elif paid < demanded and all(each.get("isPaymentCompleted") for each in page.demands):
        yield f"payments say ₹ {paid} of ₹ {demanded} paid, demand says that it is completed"


def payment_and_bill(page: Page) -> Iterator[str]:
    """A bill that was paid is no longer due; one with the status of a paid bill has a payment."""
    if not page.bills:
        raise LeftOpen("the bill is not shown")
    for bill in page.bills:
        own = [each for each in page.living if bill.id in each.bill_ids]
        if own and bill.status == "ACTIVE":
            yield f"payment {_receipt(own[0])} says ₹ {own[0].amount} paid, bill says ACTIVE"
        if bill.status in {"PAID", "PARTIALLY_PAID"} and not page.payments:
            yield f"bill says {bill.status}, payments of it: none"


Rule = Callable[[Page], Iterator[str]]
RULES: Final[Mapping[str, tuple[Rule, tuple[str, ...]]]] = {  # rule, and the books it needs
    "transaction and payment": (transaction_and_payment, ("transaction", "payment")),
    "payment and receipt": (payment_and_receipts, ("payment",)),
    "payment and demand": (payment_and_demand, ("payment", "demand")),
    "payment and bill": (payment_and_bill, ("payment", "bill")),
}


class Reading:
    """What all books hold on the bills of a run, page by page."""

    def __init__(self, pages: list[Page]) -> None:
        self.pages = pages

    @property
    def disagreeing(self) -> list[Page]:
        """The pages on which any two books disagree."""
        found = {
            id(each.page): each.page for pair in RULES for each in self.compared(pair).disagreements
        }
        return list(found.values())

    def compared(self, pair: str) -> Comparison:
        """Compare two books on every page."""
        comparison = Comparison()
        rule, books = RULES[pair]
        for page in self.pages:
            _compare(comparison, page, rule, books)
        return comparison


def disagreements_on(page: Page) -> list[str]:
    """Return how any two books disagree on one page."""
    found = (Reading([page]).compared(pair).disagreements for pair in RULES)
    return [each.text for disagreements in found for each in disagreements]


def _compare(comparison: Comparison, page: Page, rule: Rule, books: Sequence[str]) -> None:
    unread = [page.unread[book] for book in books if book in page.unread]
    if unread:
        comparison.unread[unread[0]] += 1
        return
    try:
        texts = list(rule(page))
    except LeftOpen as reason:
        comparison.left_open[str(reason)] += 1
    except Inconclusive as problem:
        comparison.unread[problem.reason] += 1
    else:
        comparison.agreeing += not texts
        comparison.disagreements += [Disagreement(page=page, text=each) for each in texts]


def codes_of(payment: Payment) -> set[str]:
    """Return the consumer codes on which a payment pays."""
    return {_code_of(detail) for detail in read(payment.raw, "paymentDetails")}


def _code_of(detail: Any) -> str:
    return str(read(detail, "bill", "consumerCode"))


def _service_of(detail: Mapping[str, Any]) -> Any:
    """Return the business service on whose bill a detail pays; None where it does not say."""
    return (detail.get("bill") or {}).get("businessService")


def _receipt(payment: Payment) -> str:
    return ", ".join(payment.receipt_numbers) or payment.id
