"""Bill, transaction and payment as the deployment shows them: typed views over its responses.

A view that cannot be read is inconclusive: the contract checks report what the response lacks.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Self

from conformance.client.response import Response
from conformance.core.verdicts import Inconclusive

# What stands for letters and digits that a reader may not see.
MASK: Final = re.compile(r"[*xX#•]{2,}|[*•]")
# What a search of transactions documents, in the published contract and in the lines of DIGIT.
TRANSACTION_FIELDS: Final = (
    "tenantId", "txnAmount", "billId", "module", "businessService", "consumerCode",
    "taxAndPayments", "productInfo", "gateway", "callbackUrl", "txnId", "user", "redirectUrl",
    "txnStatus", "txnStatusMsg", "gatewayTxnId", "gatewayPaymentMode", "gatewayStatusCode",
    "gatewayStatusMsg", "receipt", "auditDetails", "additionalDetails", "bankTransactionNo",
)  # fmt: skip
MOST_DIGITS: Final = 100  # of an amount: nobody owes more
# What its updates may change.
OF_THE_OUTCOME: Final = frozenset(
    {
        "/txnStatus", "/txnStatusMsg", "/gatewayTxnId", "/gatewayPaymentMode",
        "/gatewayStatusCode", "/gatewayStatusMsg", "/receipt",
        "/auditDetails/lastModifiedBy", "/auditDetails/lastModifiedTime",
    }
)  # fmt: skip


def read(document: Any, *place: str | int) -> Any:
    """Return the value at a place of a document; Inconclusive naming the place if it is absent."""
    node = document
    for key in place:
        try:
            node = node[key]
        except (KeyError, IndexError, TypeError):
            pointer = "/" + "/".join(str(part) for part in place)
            raise Inconclusive(
                f"the answer lacks {pointer}", "see CON-01 for departures from the contract"
            ) from None
    return node


def listed(document: Any, *place: str | int) -> list[Any]:
    """Return the list at a place of a document, empty for null; Inconclusive if it is no list."""
    node = read(document, *place)
    if node is not None and not isinstance(node, list):
        raise _misshapen(node, f"/{'/'.join(map(str, place))} is no list")
    return node or []


def whole(value: Any) -> int:
    """Return a whole number, such as a time in epoch ms, 0 for null; Inconclusive if it is none."""
    try:
        return int(value or 0)
    except (TypeError, ValueError, ArithmeticError):
        raise _misshapen(value, "a whole number is expected") from None


def _misshapen(value: Any, what: str) -> Inconclusive:
    shown = repr(value)[:40]
    return Inconclusive(
        f"{shown} in an answer: {what}", "see CON-01 for departures from the contract"
    )


def rupees(value: Any) -> Decimal:
    """Return an amount as Decimal; Inconclusive when it is no number."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or abs(amount.adjusted()) > MOST_DIGITS:
        raise Inconclusive(f"{value!r:.60} stands where an amount in rupees is expected")
    return amount


def optional_rupees(value: Any) -> Decimal | None:
    """Return an amount, or None where the deployment sends null."""
    return None if value is None else rupees(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """A payable bill; `amount` in rupees, `expires_at` the earliest expiry in epoch ms."""

    id: str
    tenant: str
    business_service: str
    consumer_code: str
    amount: Decimal
    expires_at: int
    status: str
    raw: Mapping[str, Any]

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        """Read one element of `Bill` in a fetchBill or bill search response."""
        details = listed(raw, "billDetails")
        return cls(
            id=str(read(raw, "id")),
            tenant=str(read(raw, "tenantId")),
            business_service=str(read(raw, "businessService")),
            consumer_code=str(read(raw, "consumerCode")),
            amount=rupees(read(raw, "totalAmount")),
            expires_at=min((whole(read(each, "expiryDate")) for each in details), default=0),
            status=str(raw.get("status")),
            raw=raw,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """A transaction; `amount` in rupees or None where unknown, times in epoch ms."""

    id: str
    status: str
    amount: Decimal | None
    bill_id: str
    created_by: str
    created_at: int
    modified_by: str | None
    modified_at: int
    raw: Mapping[str, Any]

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        """Read a `Transaction` object."""
        audit = read(raw, "auditDetails")
        return cls(
            id=str(read(raw, "txnId")),
            status=str(read(raw, "txnStatus")),
            amount=optional_rupees(read(raw, "txnAmount")),
            bill_id=str(read(raw, "billId")),
            created_by=str(read(audit, "createdBy")),
            created_at=whole(read(audit, "createdTime")),
            modified_by=audit.get("lastModifiedBy"),
            modified_at=whole(audit.get("lastModifiedTime")),
            raw=raw,
        )

    @property
    def record(self) -> dict[str, Any]:
        """The documented fields that have a value, by their places; amounts as Decimal.

        What is null, or absent, is left out; so is the time of a change that there was not.
        """
        shown = {name: self.raw[name] for name in TRANSACTION_FIELDS if name in self.raw}
        found = dict(leaves(shown | {"txnAmount": self.amount}))
        if not self.modified_at:
            found.pop("/auditDetails/lastModifiedTime", None)
        return found

    @property
    def creation(self) -> dict[str, Any]:
        """What of the record no update may change."""
        return {place: value for place, value in self.record.items() if place not in OF_THE_OUTCOME}


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A payment with its receipts; amounts in rupees, dates in epoch ms."""

    id: str
    mode: str
    amount: Decimal
    transaction_number: str
    status: str
    instrument_status: str
    transaction_date: int
    receipt_numbers: tuple[str, ...]
    receipt_dates: tuple[int, ...]
    bill_ids: tuple[str, ...]
    raw: Mapping[str, Any]

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        """Read one element of `Payments`."""
        details = [each for each in listed(raw, "paymentDetails") if isinstance(each, dict)]
        return cls(
            id=str(read(raw, "id")),
            mode=str(read(raw, "paymentMode")),
            amount=rupees(read(raw, "totalAmountPaid")),
            transaction_number=str(read(raw, "transactionNumber")),
            status=str(read(raw, "paymentStatus")),
            instrument_status=str(read(raw, "instrumentStatus")),
            transaction_date=whole(read(raw, "transactionDate")),
            receipt_numbers=tuple(str(each.get("receiptNumber") or "") for each in details),
            receipt_dates=tuple(whole(each.get("receiptDate")) for each in details),
            bill_ids=tuple(str(read(each, "billId")) for each in details),
            raw=raw,
        )

    def paid_on(self, bill: str) -> Decimal:
        """Return what it pays on one bill, in rupees: all of it where it names no other."""
        if set(self.bill_ids) == {bill}:
            return self.amount
        details = zip(self.bill_ids, listed(self.raw, "paymentDetails"), strict=False)
        paid = [rupees(read(each, "totalAmountPaid")) for id_, each in details if id_ == bill]
        return sum(paid, Decimal(0))


def masked(text: str, whole: str) -> bool:
    """Whether a text is the whole one with something hidden from its reader, as DIGIT masks people.

    A mask may be longer than what it hides: only what stands before and behind it counts.
    """
    first, *others = MASK.split(text)
    return bool(others) and whole.startswith(first) and whole.endswith(others[-1])


def bills_in(response: Response) -> list[Bill]:
    """Read the bills of a fetchBill or bill search response.

    An empty body means none; so does a refusal by a service, as some refuse where nothing is due.
    """
    if response.body is None or (response.refused and not response.turned_away):
        return []
    return [Bill.of(each) for each in listed(response.body, "Bill")]


def bill_in(response: Response) -> Bill:
    """Read the first bill of a response; Inconclusive if it shows none."""
    return Bill.of(read(response.body, "Bill", 0))


def payment_in(response: Response) -> Payment:
    """Read the first payment of a response; Inconclusive if it shows none."""
    return Payment.of(read(response.body, "Payments", 0))


def transaction_in(response: Response) -> Transaction:
    """Read the transaction that a create (an object) or an update (a list of one) returns."""
    node = read(response.body, "Transaction")
    return Transaction.of(read(node, 0) if isinstance(node, list) else node)


def transactions_in(response: Response) -> list[Transaction]:
    """Read the transactions of a search response."""
    return [Transaction.of(each) for each in listed(response.body, "Transaction")]


def payments_in(response: Response) -> list[Payment]:
    """Read the payments of a create, validate, search or workflow response."""
    return [Payment.of(each) for each in listed(response.body, "Payments")]


def leaves(node: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each value of a document that is not null, with its place."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from leaves(value, f"{place}/{key}")
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from leaves(value, f"{place}/{number}")
    elif node is not None:
        yield place, node


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each place at which two records differ."""
    places = sorted(before.keys() | after.keys())
    return [
        f"{place} was {before.get(place, 'null')}, and is {after.get(place, 'null')}"
        for place in places
        if before.get(place) != after.get(place)
    ]
