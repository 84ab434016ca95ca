"""What actors do to an account, step by step, as data: when it makes sense, and what it leads to.

`foresee` enters what comes of a step where the deployment keeps the rules, so that whole traces can
be drawn before anything is sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Protocol

from conformance.checks.stateful.account import (
    FAILURE,
    PENDING,
    SUCCESS,
    Account,
    KnownTransaction,
)
from conformance.checks.stateful.payer import BOTH, FIRST, OWNER, SECOND, PayerModel
from conformance.client.client import ANONYMOUS

RIVAL: Final = "rival"
CASHIER: Final = "cashier"
OUTSIDERS: Final = (RIVAL, CASHIER, "citizen", "administrator", ANONYMOUS)
OTHER_AMOUNT: Final = "success with another amount"
STATUS: Final = {"success": SUCCESS, "failure": FAILURE}
DEACTIVATED: Final = "it is deactivated"  # as the dimension of changes names it
WITHDRAWN: Final = "its role is withdrawn"
PART: Final = Decimal(40)  # rupees of a part payment
RAISED: Final = Decimal(250)  # rupees of a demand that changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a deployment and its profile let a trace do: whose calls, which modes, the clock."""

    callers: tuple[str, ...] = (OWNER,)  # may fetch
    owners: tuple[str, ...] = (OWNER,)  # may create transactions
    outsiders: tuple[str, ...] = ()  # whose refusal shows something
    modes: tuple[str, ...] = ()  # that the counter takes
    parts: bool = False  # whether there is a service that allows part payment
    together: bool = False  # whether two bills may be paid together
    dismissals: tuple[str, ...] = ()  # how an owner's account may be changed
    changes: bool = False  # whether demands may be changed
    clock: bool = False  # whether time can be made to pass


class TraceStep(Protocol):
    """One thing that somebody does."""

    def possible(self, payer: PayerModel, setting: Setting) -> bool:
        """Whether it makes sense by now."""

    def foresee(self, payer: PayerModel) -> None:
        """Enter what comes of it where the rules are kept."""


@dataclass(frozen=True, slots=True)
class Fetch:
    """Somebody fetches a bill again."""

    actor: str = OWNER
    account: int = 0

    def possible(self, payer: PayerModel, setting: Setting) -> bool:
        """Whether the actor may."""
        return self.actor in setting.callers and payer.has([self.account])

    def foresee(self, payer: PayerModel) -> None:
        """A fresh bill takes the place of an outdated one."""
        account = payer.accounts[self.account]
        if not payer.bars(self.actor) and account.offer().holds and account.due > 0:
            fresh = account.outdated or account.reissued
            account.offered(f"{account.bill}+" if fresh else account.bill, account.due)


@dataclass(frozen=True, slots=True)
class InParts:
    """From the start, the bill is one that may be paid in parts."""

    def possible(self, payer: PayerModel, setting: Setting) -> bool:
        """Whether there are such bills, and nothing has happened yet."""
        return setting.parts and payer.fresh

    def foresee(self, payer: PayerModel) -> None:
        """It may be paid in parts."""
        payer.accounts[0].in_parts = True


@dataclass(frozen=True, slots=True)
class OfKind:
    """From the start, the bill or its payer is of a kind."""

    kind: str

    def possible(self, payer: PayerModel, setting: Setting) -> bool:
        """Whether there are such bills, and nothing has happened yet."""
        return setting.changes and payer.fresh

    def foresee(self, payer: PayerModel) -> None:
        """It is of that kind."""
        payer.kind = self.kind


@dataclass(frozen=True, slots=True)
class TwoBills:
    """From the start, the payer has a second bill, of another consumer code."""

    def possible(self, payer: PayerModel, setting: Setting) -> bool:
        """Whether they may be paid together, and nothing has happened yet."""
        return setting.together and payer.fresh

    def foresee(self, payer: PayerModel) -> None:
        """There are two accounts, over the same amount."""
        first = payer.accounts[0]
        payer.accounts.append(Account(f"other {first.bill}", first.amount, first.demanded))


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """From the start, the owner of transactions is a user that no other trace has."""

    def possible(self, payer: PayerModel, setting: Setting) -> bool:
        """Whether such a user may be changed later, and there is none yet."""
        return bool(setting.dismissals) and not (payer.own or payer.transactions)

    def foresee(self, payer: PayerModel) -> None:
        """There is one."""
        payer.own = True


@dataclass(frozen=True, slots=True)
class Dismiss:
    """The administrator changes the owner's account so that it opens nothing any more."""

    how: str = DEACTIVATED

    def possible(self, payer: PayerModel, setting: Setting) -> bool:
        """Whether it may be changed so, and was not changed before."""
        again = payer.dismissed or payer.returned
        return payer.own and self.how in setting.dismissals and not again

    def foresee(self, payer: PayerModel) -> None:
        """The owner is shut out."""
        payer.dismissed = self.how


@dataclass(frozen=True, slots=True)
class Reinstate:
    """The administrator takes the change of the owner's account back."""

    def possible(self, payer: PayerModel, _setting: Setting) -> bool:
        """Whether it is changed now."""
        return bool(payer.dismissed)

    def foresee(self, payer: PayerModel) -> None:
        """The owner may act again."""
        payer.dismissed, payer.returned = "", True


@dataclass(frozen=True, slots=True)
class Create:
    """Somebody creates a transaction on a bill that the payer knows, on both, or on a part."""

    actor: str = OWNER
    part: bool = False
    accounts: tuple[int, ...] = FIRST

    def possible(self, payer: PayerModel, setting: Setting) -> bool:
        """Whether the actor may, and it is known which bills are payable."""
        if not payer.has(self.accounts) or self.actor not in setting.owners:
            return False
        first, known = payer.accounts[0], payer.at(self.accounts)
        able = not self.part or (first.in_parts and first.amount > PART)
        return able and not any(each.reissued for each in known)

    def share(self, account: Account) -> Decimal:
        """Return what it pays of an account, in rupees."""
        return PART if self.part else account.amount

    def foresee(self, payer: PayerModel) -> None:
        """It is pending, where it is accepted."""
        known = payer.at(self.accounts)
        if not payer.bars(self.actor) and payer.creation(known).holds is not False:
            shares = {each.bill: self.share(each) for each in known}
            name = f"transaction {len(payer.transactions)}"
            payer.created(KnownTransaction(name, shares, self.actor))


@dataclass(frozen=True, slots=True)
class ReportOutcome:
    """Somebody reports the outcome of a transaction, the latest one if not stated otherwise."""

    outcome: str
    actor: str = OWNER
    place: int = -1

    def possible(self, payer: PayerModel, setting: Setting) -> bool:
        """Whether there is such a transaction, and the report shows something."""
        if not -len(payer.transactions) <= self.place < len(payer.transactions):
            return False
        return self.actor in {payer.transactions[self.place].owner, *setting.outsiders}

    def foresee(self, payer: PayerModel) -> None:
        """The owner's report ends a transaction, once."""
        entry = payer.transactions[self.place]
        if entry.status == PENDING and self.actor == entry.owner and not payer.bars(self.actor):
            less = any(each.due < each.share(entry) for each in payer.concerned(entry))
            paid_elsewhere = entry.crossed and less
            status = STATUS.get(self.outcome, FAILURE)
            payer.ended(entry, FAILURE if paid_elsewhere else status)


@dataclass(frozen=True, slots=True)
class PayAtCounter:
    """The cashier takes the amounts of bills that the payer knows."""

    mode: str = "CASH"
    accounts: tuple[int, ...] = FIRST

    def possible(self, payer: PayerModel, setting: Setting) -> bool:
        """Whether the counter takes the mode, and the bills are payable or paid."""
        if self.mode not in setting.modes or not payer.has(self.accounts):
            return False
        return not any(each.outdated or each.reissued for each in payer.at(self.accounts))

    def foresee(self, payer: PayerModel) -> None:
        """A bill that is due is paid."""
        known = payer.at(self.accounts)
        if payer.counter_payment(known).holds is not False:
            number = sum(len(each.receipts) for each in payer.accounts)
            payer.paid_at_counter(known, self.mode, f"payment {number}")


@dataclass(frozen=True, slots=True)
class CancelPayment:
    """The cashier cancels the latest payment that was made at the counter."""

    account: int = 0

    def possible(self, payer: PayerModel, setting: Setting) -> bool:
        """Whether there is one in cash, and nothing was paid since."""
        able = CASHIER in setting.callers and payer.has([self.account])
        return able and bool(payer.cancellable(payer.accounts[self.account]))

    def foresee(self, payer: PayerModel) -> None:
        """What it paid is due again."""
        payer.cancelled(payer.cancellable(payer.accounts[self.account]))


@dataclass(frozen=True, slots=True)
class LetExpire:
    """Time passes, beyond the last moment of the bills."""

    def possible(self, payer: PayerModel, setting: Setting) -> bool:
        """Whether the clock can be moved, and no bill has expired yet."""
        return setting.clock and not any(each.expired for each in payer.accounts)

    def foresee(self, payer: PayerModel) -> None:
        """A bill that is still to be paid is outdated."""
        payer.time_passed()


@dataclass(frozen=True, slots=True)
class ChangeDemand:
    """The administrator changes the demand that a bill is made of, or cancels it (0 rupees)."""

    amount: Decimal = RAISED
    account: int = 0

    def possible(self, payer: PayerModel, setting: Setting) -> bool:
        """Whether demands may be changed, and nothing is paid on this one."""
        if not setting.changes or not payer.has([self.account]):
            return False
        account = payer.accounts[self.account]
        plain = self.account > 0 or not payer.kind  # one demand of one tax head
        return plain and not account.standing and account.demanded not in {0, self.amount}

    def foresee(self, payer: PayerModel) -> None:
        """The bill is outdated."""
        payer.accounts[self.account].demand_changed(self.amount)


CANCEL_DEMAND: Final = ChangeDemand(Decimal(0))
# What a trace may consist of, the likelier steps more than once.
STEPS: Final[Sequence[TraceStep]] = (
    Create(), Create(), Create(RIVAL), Create(part=True), Create(part=True),
    Fetch(), Fetch(), Fetch(RIVAL), Fetch(CASHIER),
    *(ReportOutcome(outcome, place=place) for outcome in ("success", "failure", OTHER_AMOUNT)
      for place in (-1, -1, -2)),
    *(ReportOutcome("success", actor) for actor in OUTSIDERS),
    ReportOutcome("failure", RIVAL), ReportOutcome("success", RIVAL, -2),
    PayAtCounter(), PayAtCounter("CHEQUE"), CancelPayment(), LetExpire(), ChangeDemand(),
    CANCEL_DEMAND,
    Create(accounts=BOTH), Create(accounts=BOTH), Create(RIVAL, accounts=BOTH),
    Create(accounts=SECOND), Create(RIVAL, accounts=SECOND), Fetch(account=1), Fetch(account=1),
    PayAtCounter(accounts=BOTH), PayAtCounter(accounts=SECOND), CancelPayment(1),
    ChangeDemand(account=1), Dismiss(), Dismiss(WITHDRAWN), Reinstate(), Reinstate(),
)  # fmt: skip
