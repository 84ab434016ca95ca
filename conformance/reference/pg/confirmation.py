"""What an owner's report makes of a pending transaction: its state, by outcome and amount."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Any, Final

from conformance.reference.payment_gateways.outcomes import Outcome, State, parameter
from conformance.reference.pg import lapses
from conformance.reference.pg.tables import Stored
from conformance.reference.platform.amounts import PAISE, ZERO, amount_of, rupees
from conformance.reference.platform.world import Call, World

Document = dict[str, Any]
SUCCESSFUL: Final = ("SUCCESS", "Transaction successful")
MISMATCH: Final = ("FAILURE", "Transaction failed, amount mismatch")
FAILED: Final = ("FAILURE", "Transaction failed at gateway")
INITIATED: Final = ("PENDING", "Transaction initiated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The owner's report: its call, the first value of each parameter, and the outcome in it.

    `unpaid` is whether a fault judged, a moment ago, that nobody had paid the bills.
    """

    call: Call
    parameters: Mapping[str, str]
    outcome: Outcome
    unpaid: bool = False

    def claimed(self, name: str) -> Any:
        """Return what the transaction of the body holds of a field; None where there is none."""
        return merged(self.call, (name,)).get(name)


def merged(call: Call, names: tuple[str, ...]) -> Document:
    """Return what the transaction of a body holds of some fields (a fault takes it over)."""
    sent = (call.body or {}).get("Transaction")
    each = sent[0] if isinstance(sent, list) and sent else sent
    document = each if isinstance(each, dict) else {}
    return {name: document[name] for name in names if document.get(name) is not None}


def decided(world: World, stored: Stored, report: Report) -> tuple[State, str]:
    """Return the state and message that a report leads to."""
    on = world.faults.on
    state = report.outcome.state
    if report.claimed("txnStatus") in {"SUCCESS", "FAILURE"} and on("status-of-the-body-wins"):
        state = report.claimed("txnStatus")
    again = stored.version > 1
    if state == "SUCCESS" and not on("success-ignored"):
        if again and on("success-after-open-ignored"):
            return INITIATED
        agreed = amounts_agree(world, stored, report)
        agreed = agreed or lapses.amount_forgotten(world, stored.document)
        return SUCCESSFUL if agreed else MISMATCH
    if state == "FAILURE" and not on("failure-ignored"):
        return INITIATED if again and on("failure-after-open-ignored") else FAILED
    if state == "PENDING" and world.lineage.pending_is_failure:
        return FAILED
    return INITIATED


def amounts_agree(world: World, stored: Stored, report: Report) -> bool:
    """Whether the confirmed amount is the promised one; an unstated one agrees (TXN-12)."""
    on, confirmed = world.faults.on, report.outcome.amount
    promised = amount_of(stored.document["txnAmount"]) or ZERO
    claimed = amount_of(report.claimed("txnAmount"))
    if claimed is not None and on("promise-of-the-body-counts"):
        promised = claimed
    if confirmed is None:
        return True
    if confirmed == promised:
        return not misread(world, stored.document["txnAmount"], report)
    return (
        taken_for_right(world, promised, confirmed)
        or (stored.version > 1 and on("amount-unchecked-after-open"))
        or (report.call.method == "GET" and on("amount-of-a-get-unchecked"))
    )


def misread(world: World, promised: str, report: Report) -> bool:
    """Whether a fault does not recognise the right amount in another notation."""
    on = world.faults.on
    confirmed = parameter(report.parameters, "txnAmount") or promised
    return (
        (confirmed != promised and on("amount-compared-as-text"))
        or (confirmed[-2:-1] == "." and on("amount-of-one-place-fails"))
        or (confirmed != confirmed.strip() and on("amount-with-blanks-fails"))
        or ("e" in confirmed.lower() and on("amount-with-exponent-fails"))
        or ("." in promised and confirmed != promised and on("promise-with-paise-as-text"))
    )


def taken_for_right(world: World, promised: Decimal, confirmed: Decimal) -> bool:
    """Whether a fault takes another amount for the promised one."""
    on = world.faults.on
    return (
        on("other-amount-succeeds")
        or (confirmed == 0 and on("zero-amount-unstated"))
        or (confirmed == promised * 100 and on("paise-taken-for-rupees"))
        or (confirmed * 100 == promised and on("rupees-taken-for-paise"))
        or (abs(confirmed - promised) <= 1 and on("amount-off-by-one-succeeds"))
        or (confirmed > promised and on("larger-amount-succeeds"))
        or (abs(confirmed) == promised and on("amount-without-sign"))
        or (rupees(confirmed) == promised and on("amount-rounded-to-rupees"))
        or (cut(confirmed) == promised and on("amount-cut-to-paise"))
        or (digits(confirmed) == digits(promised) and on("amount-by-its-digits"))
        or (f"{confirmed:f}".startswith(f"{promised:f}") and on("amount-by-its-beginning"))
    )


def cut(amount: Decimal) -> Decimal:
    """Return an amount without what is less than a paisa."""
    return amount.quantize(PAISE, ROUND_DOWN)


def digits(amount: Decimal) -> str:
    """Return the digits of an amount, without dot and without zeros at the end."""
    return f"{amount:f}".replace(".", "").rstrip("0")
