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
    Receipt,
)
from conformance.client.client import ANONYMOUS

OWNER: Final = "integrator"
RIVAL: Final = "rival"
CASHIER: Final = "cashier"
OUTSIDERS: Final = (RIVAL, CASHIER, "citizen", "administrator", ANONYMOUS)
OTHER_AMOUNT: Final = "success with another amount"
STATUS: Final = {"success": SUCCESS, "failure": FAILURE}
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
    changes: bool = False  # whether demands may be changed
    clock: bool = False  # whether time can be made to pass


class TraceStep(Protocol):
    """One thing that somebody does."""

    def possible(self, account: Account, setting: Setting) -> bool:
        """Whether it makes sense by now."""

    def foresee(self, account: Account) -> None:
        """Enter what comes of it where the rules are kept."""


@dataclass(frozen=True, slots=True)
class Fetch:
    """Somebody fetches the bill again."""

    actor: str = OWNER

    def possible(self, _account: Account, setting: Setting) -> bool:
        """Whether the actor may."""
        return self.actor in setting.callers

    def foresee(self, account: Account) -> None:
        """A fresh bill takes the place of an outdated one."""
        if account.offer().holds and account.due > 0:
            fresh = account.outdated or account.reissued
            account.offered(f"{account.bill}+" if fresh else account.bill, account.due)


@dataclass(frozen=True, slots=True)
class InParts:
    """From the start, the bill is one that may be paid in parts."""

    def possible(self, account: Account, setting: Setting) -> bool:
        """Whether there are such bills, and nothing has happened yet."""
        return setting.parts and not (account.transactions or account.receipts or account.history())

    def foresee(self, account: Account) -> None:
        """It may be paid in parts."""
        account.in_parts = True


@dataclass(frozen=True, slots=True)
class Create:
    """Somebody creates a transaction on the bill that the payer knows, or on a part of it."""

    actor: str = OWNER
    part: bool = False

    def possible(self, account: Account, setting: Setting) -> bool:
        """Whether the actor may, and it is known which bill is payable."""
        able = not self.part or (account.in_parts and account.amount > PART)
        return able and self.actor in setting.owners and not account.reissued

    def amount(self, account: Account) -> Decimal:
        """Return what it pays, in rupees."""
        return PART if self.part else account.amount

    def foresee(self, account: Account) -> None:
        """It is pending, where it is accepted."""
        if account.creation().holds is not False:
            place = f"transaction {len(account.transactions)}"
            amount = self.amount(account)
            account.created(KnownTransaction(place, account.bill, amount, self.actor))


@dataclass(frozen=True, slots=True)
class ReportOutcome:
    """Somebody reports the outcome of a transaction, the latest one if not stated otherwise."""

    outcome: str
    actor: str = OWNER
    place: int = -1

    def possible(self, account: Account, setting: Setting) -> bool:
        """Whether there is such a transaction, and the report shows something."""
        if not -len(account.transactions) <= self.place < len(account.transactions):
            return False
        return self.actor in {account.transactions[self.place].owner, *setting.outsiders}

    def foresee(self, account: Account) -> None:
        """The owner's report ends a transaction, once."""
        entry = account.transactions[self.place]
        if entry.status == PENDING and self.actor == entry.owner:
            paid_elsewhere = entry.crossed and account.due < entry.amount
            status = STATUS.get(self.outcome, FAILURE)
            account.ended(entry, FAILURE if paid_elsewhere else status)


@dataclass(frozen=True, slots=True)
class PayAtCounter:
    """The cashier takes the amount of the bill that the payer knows."""

    mode: str = "CASH"

    def possible(self, account: Account, setting: Setting) -> bool:
        """Whether the counter takes the mode, and the bill is payable or paid."""
        return self.mode in setting.modes and not (account.outdated or account.reissued)

    def foresee(self, account: Account) -> None:
        """A bill that is due is paid."""
        if account.counter_payment().holds is not False:
            account.paid_at_counter(self.mode, f"payment {len(account.receipts)}")


@dataclass(frozen=True, slots=True)
class CancelPayment:
    """The cashier cancels the latest payment that was made at the counter."""

    def possible(self, account: Account, setting: Setting) -> bool:
        """Whether there is one in cash, and nothing was paid since."""
        return CASHIER in setting.callers and _cancellable(account) is not None

    def foresee(self, account: Account) -> None:
        """What it paid is due again."""
        if receipt := _cancellable(account):
            account.cancelled(receipt)


@dataclass(frozen=True, slots=True)
class LetExpire:
    """Time passes, beyond the last moment of the bill."""

    def possible(self, account: Account, setting: Setting) -> bool:
        """Whether the clock can be moved, and the bill has not expired yet."""
        return setting.clock and not account.expired

    def foresee(self, account: Account) -> None:
        """A bill that is still to be paid is outdated."""
        account.time_passed()


@dataclass(frozen=True, slots=True)
class ChangeDemand:
    """The administrator changes the demand that the bill is made of, or cancels it (0 rupees)."""

    amount: Decimal = RAISED

    def possible(self, account: Account, setting: Setting) -> bool:
        """Whether demands may be changed, and nothing is paid on this one."""
        return setting.changes and not account.standing and account.demanded not in {0, self.amount}

    def foresee(self, account: Account) -> None:
        """The bill is outdated."""
        account.demand_changed(self.amount)


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
)  # fmt: skip


def _cancellable(account: Account) -> Receipt | None:
    latest = account.standing[-1] if account.standing else None
    if latest is None or latest.transaction or latest.mode != "CASH":
        return None
    return latest


def cancellable(account: Account) -> Receipt:
    """Return the payment that CancelPayment cancels; LookupError where it is not possible."""
    receipt = _cancellable(account)
    if receipt is None:
        raise LookupError("nothing can be cancelled")
    return receipt
