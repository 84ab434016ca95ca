"""What must hold of one payer: consumer codes, and transactions and payments on one or two. No I/O.

Each consumer code has its own account; here is what concerns several.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from conformance.checks.stateful.account import (
    OPEN,
    PENDING,
    SUCCESS,
    Account,
    Expected,
    KnownTransaction,
    Receipt,
)

PAYABLE: Final = Expected("TXN-01", True)
OWNER: Final = "integrator"
FIRST: Final = (0,)  # the places of accounts
SECOND: Final = (1,)
BOTH: Final = (0, 1)


@dataclass(slots=True)
class PayerModel:
    """A payer's accounts, the first of which every trace has, and all transactions on them.

    `kind` names what is special about its first bill or itself, and is empty if nothing is. `own`
    says that the owner of transactions is a user of the trace's own, `dismissed` how the
    administrator changed it, so that it is shut out; empty if it is not.
    """

    accounts: list[Account]
    transactions: list[KnownTransaction] = field(default_factory=list)
    kind: str = ""
    own: bool = False
    dismissed: str = ""
    returned: bool = False

    @property
    def fresh(self) -> bool:
        """Whether nothing has happened yet, and there is one account."""
        first = self.accounts[0]
        happened = (
            self.transactions or first.receipts or first.history() or first.in_parts or self.kind
        )
        return len(self.accounts) == 1 and not happened

    def bars(self, actor: str) -> bool:
        """Whether an actor is shut out at present."""
        return actor == OWNER and bool(self.dismissed)

    def has(self, places: Sequence[int]) -> bool:
        """Whether there are accounts in these places."""
        return max(places) < len(self.accounts)

    def at(self, places: Sequence[int]) -> list[Account]:
        """Return the accounts in these places."""
        return [self.accounts[place] for place in places]

    def concerned(self, entry: KnownTransaction) -> list[Account]:
        """Return the accounts that a transaction pays."""
        return [each for each in self.accounts if entry in each.transactions]

    def history(
        self, accounts: Sequence[Account], entry: KnownTransaction | None = None
    ) -> frozenset[str]:
        """Return what happened before to some accounts, and to others, that may not matter now."""
        happened = {each for account in accounts for each in account.history(entry)}
        others = [each for each in self.accounts if each not in accounts]
        if any(each.standing for each in others):
            happened.add("another bill was paid")
        if self.returned:
            happened.add("the owner was dismissed for a time")
        return frozenset(happened)

    def repeated(
        self, id_: str, paid: Mapping[str, Decimal], owner: str
    ) -> KnownTransaction | None:
        """Return the pending transaction that a user gets again for the same creation, if any."""
        same = (
            each
            for each in self.transactions
            if each.id == id_ and each.status == PENDING and each.owner == owner
        )
        return next((each for each in same if each.shares == paid), None)

    # what must come of the next act --------------------------------------------------------------

    def creation(self, accounts: Sequence[Account]) -> Expected:
        """Return what must come of a transaction on the known bills of some accounts."""
        return _together([each.creation() for each in accounts])

    def success(self, entry: KnownTransaction) -> Expected:
        """Return what must come of the report that a pending transaction has succeeded."""
        if entry.crossed:
            return OPEN
        return Expected("RCP-04" if entry.late else "TXN-05", True)

    def counter_payment(self, accounts: Sequence[Account]) -> Expected:
        """Return what must come of a payment of the known bills of some accounts at the counter."""
        return _together([each.counter_payment() for each in accounts])

    def cancellable(self, account: Account) -> str:
        """Return the payment in cash at the counter that is the latest of all that it paid.

        Empty where there is none.
        """
        latest = account.standing[-1] if account.standing else None
        if latest is None or latest.transaction or latest.mode != "CASH":
            return ""
        paid = self._paid_with(latest.payment)
        return latest.payment if all(one.standing[-1] is each for one, each in paid) else ""

    # what has happened ---------------------------------------------------------------------------

    def created(self, entry: KnownTransaction) -> None:
        """Enter a transaction that was accepted, perhaps while others act."""
        self.transactions.append(entry)
        for account in self.accounts:
            if account.share(entry):
                account.created(entry)

    def ended(self, entry: KnownTransaction, status: str, receipts: int = 1) -> None:
        """Enter how a transaction ended, and the receipts that a success made of it."""
        entry.status = status
        for account in self.concerned(entry) if status == SUCCESS and receipts else ():
            account.paid_by(entry)

    def paid_at_counter(self, accounts: Sequence[Account], mode: str, payment: str) -> None:
        """Enter a payment of the known bills of some accounts at the counter."""
        for account in accounts:
            account.paid_at_counter(mode, payment)

    def cancelled(self, payment: str) -> None:
        """Enter that a payment was cancelled."""
        for account, receipt in self._paid_with(payment):
            account.cancelled(receipt)

    def time_passed(self) -> None:
        """Enter that all known bills have expired."""
        for account in self.accounts:
            account.time_passed()

    def _paid_with(self, payment: str) -> list[tuple[Account, Receipt]]:
        """Return the receipts of a payment that stands, each with its account."""
        return [
            (account, each)
            for account in self.accounts
            for each in account.standing
            if each.payment == payment
        ]


def _together(expected: Sequence[Expected]) -> Expected:
    """Return what must come of an act on several accounts: each of them may refuse it."""
    refused = [each for each in expected if each.holds is False]
    if refused or OPEN in expected:
        return refused[0] if refused else OPEN
    return next((each for each in expected if each != PAYABLE), expected[0])
