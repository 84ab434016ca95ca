"""What must hold of one consumer code, by what was done to it so far. No I/O.

Where the register leaves a choice (the counter was faster than a pending transaction, say) nothing
is expected of the next answer; what it was is entered, and everything after it is expected again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

PENDING: Final = "PENDING"
SUCCESS: Final = "SUCCESS"
FAILURE: Final = "FAILURE"
ENDED: Final = frozenset({SUCCESS, FAILURE})


@dataclass(slots=True, eq=False)
class KnownTransaction:
    """A transaction as far as it is known; `shares` are the rupees that it pays on each bill.

    `late` says that its bills expired while it was pending, `crossed` that others acted meanwhile.
    """

    id: str
    shares: Mapping[str, Decimal]
    owner: str
    status: str = PENDING
    late: bool = False
    crossed: bool = False

    @property
    def bill(self) -> str:
        """The bill that it is filed under: the first."""
        return next(iter(self.shares))


@dataclass(slots=True)
class Receipt:
    """A payment of a bill, amount in rupees; by a transaction, or else at the counter."""

    bill: str
    amount: Decimal
    mode: str
    payment: str = ""
    transaction: str = ""
    stands: bool = True


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come of an act, and by which requirement; `holds` None leaves it open."""

    requirement: str = ""
    holds: bool | None = None


OPEN: Final = Expected()


@dataclass(slots=True, eq=False)
class Account:
    """A consumer code: what it owes, the bill that its payer knows, transactions and payments.

    `outdated` says why the known bill is to be replaced; it is empty if it is not. `reissued` is
    set while the same bill may come back, or another: its payment was cancelled, or paid a part of
    it. `in_parts` says whether it may be.
    """

    bill: str
    amount: Decimal
    demanded: Decimal
    in_parts: bool = False
    outdated: str = ""
    reissued: bool = False
    expired: bool = False
    changed: bool = False
    transactions: list[KnownTransaction] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    known: list[str] = field(default_factory=list)  # every bill that was offered for it

    def __post_init__(self) -> None:
        """Its first bill is known."""
        self.known.append(self.bill)

    @property
    def due(self) -> Decimal:
        """What is left to pay, in rupees; negative if more was paid than demanded."""
        return self.demanded - sum((each.amount for each in self.standing), Decimal(0))

    @property
    def standing(self) -> list[Receipt]:
        """The payments that nobody has cancelled."""
        return [each for each in self.receipts if each.stands]

    @property
    def at_counter(self) -> list[Receipt]:
        """The payments that were made at the counter, and that stand."""
        return [each for each in self.standing if not each.transaction]

    @property
    def pending(self) -> bool:
        """Whether a transaction waits for its outcome."""
        return any(each.status == PENDING for each in self.transactions)

    @property
    def bills(self) -> list[str]:
        """The bills that transactions and payments name, and the known one."""
        named = {bill for each in self.transactions for bill in each.shares}
        named |= {each.bill for each in self.receipts}
        return [each for each in self.known if each in named or each == self.bill]

    def share(self, entry: KnownTransaction) -> Decimal:
        """Return what a transaction pays on this account, in rupees."""
        return sum((entry.shares.get(each, Decimal(0)) for each in self.known), Decimal(0))

    def history(self, entry: KnownTransaction | None = None) -> frozenset[str]:
        """Return what happened before, to all but one transaction, that may not matter now."""
        others = [each for each in self.transactions if each is not entry]
        paid = [each for each in self.standing if entry is None or each.transaction != entry.id]
        happened = {
            "a transaction failed": any(each.status == FAILURE for each in others),
            "a payment was cancelled": len(self.standing) < len(self.receipts),
            "something was paid": bool(paid),
            "the bill expired": self.expired or bool(entry and entry.late),
            "the demand changed": self.changed,
            "another user tried": any(each.owner != self.first_owner for each in others),
            "it was tried with another bill": any(len(each.shares) > 1 for each in others),
            "it pays a part": bool(entry and self.in_parts and self.share(entry) < self.demanded),
        }
        return frozenset(name for name, did in happened.items() if did)

    @property
    def first_owner(self) -> str:
        """Who created the first transaction; empty if there is none."""
        return self.transactions[0].owner if self.transactions else ""

    # what must come of the next act --------------------------------------------------------------

    def creation(self) -> Expected:
        """Return what must come of a transaction on the known bill."""
        on_it = [each.status for each in self.transactions if self.bill in each.shares]
        if SUCCESS in on_it and self.due > 0:
            return OPEN  # the rest is offered as the same bill
        if PENDING in on_it or SUCCESS in on_it:
            return Expected("TXN-04", False)
        if self.outdated:
            return Expected("BIL-06", False)
        if self.due <= 0 or self.pending:
            return OPEN  # paid at the counter, or by another bill: the outcome decides
        return Expected("TXN-04", True) if on_it else Expected("TXN-01", True)

    def counter_payment(self) -> Expected:
        """Return what must come of a payment of the known bill at the counter."""
        if self.due <= 0:
            return Expected("PAY-09", False)
        return OPEN if self.pending else Expected("PAY-01", True)

    def offer(self) -> Expected:
        """Return whether fetchBill must offer a bill; it is over what is due."""
        if self.pending and (self.outdated or self._crossed):
            return OPEN
        if self.due < 0:
            return OPEN  # an advance: what it is for is not defined
        if self.due == 0:
            return Expected("BIL-05" if self.standing else "BIL-06", False)
        if self.receipts:
            return Expected("RCP-07", True)  # paid in part, or the payment was cancelled
        return Expected("BIL-06" if self.outdated else "BIL-04", True)

    def may_be(self, bill: str) -> bool:
        """Whether a bill that fetchBill offers may be this one: the known one, or a fresh one."""
        if self.reissued or (self.pending and self.outdated):
            return True
        return (bill == self.bill) != bool(self.outdated)

    # what has happened ---------------------------------------------------------------------------

    def created(self, entry: KnownTransaction) -> None:
        """Enter a transaction that was accepted, perhaps while others act."""
        if self.pending:
            self._cross()
            entry.crossed = True
        entry.crossed |= self.due <= 0
        self.transactions.append(entry)

    def paid_by(self, entry: KnownTransaction) -> None:
        """Enter the receipt that the success of a transaction made."""
        bill = next(each for each in entry.shares if each in self.known)
        self._paid(Receipt(bill, self.share(entry), "ONLINE", transaction=entry.id))

    def paid_at_counter(self, mode: str, payment: str) -> None:
        """Enter a payment of the known bill at the counter."""
        self._paid(Receipt(self.bill, self.amount, mode, payment=payment))

    def cancelled(self, receipt: Receipt) -> None:
        """Enter that a payment was cancelled: what it paid is due again, by whichever bill."""
        receipt.stands = False
        self._cross()
        self.reissued, self.outdated = True, ""

    def demand_changed(self, amount: Decimal) -> None:
        """Enter that the demand is another one now, 0 if it was cancelled; in rupees."""
        self.demanded, self.changed = amount, True
        self.outdated = "its demand changed" if amount else "its demand was cancelled"
        self._cross()

    def time_passed(self) -> None:
        """Enter that the known bill has expired, if it is still to be paid."""
        self.expired = True
        for each in self.transactions:
            each.late |= each.status == PENDING
        if self.due > 0:
            self.outdated = self.outdated or "it expired"

    def offered(self, bill: str, amount: Decimal) -> None:
        """Enter the bill that fetchBill offers now, in rupees."""
        if bill not in self.known:
            self.known.append(bill)
        if bill != self.bill:
            self.expired = False
        self.bill, self.amount = bill, amount
        self.outdated, self.reissued = "", False

    def _paid(self, receipt: Receipt) -> None:
        self.receipts.append(receipt)
        self.reissued = self.due > 0 and not self.outdated
        self._cross()

    @property
    def _crossed(self) -> bool:
        """Whether it is open what comes of a pending transaction."""
        return any(each.crossed and each.status == PENDING for each in self.transactions)

    def _cross(self) -> None:
        """Leave it open what comes of transactions that are pending now."""
        for each in self.transactions:
            each.crossed |= each.status == PENDING
