"""Criteria of searches: whether a record that a search shows meets what was searched for.

All criteria of a search hold at once. Dates are in epoch ms; `toDate` has 24 hours added, which the
contract of DIGIT leaves out and its code does.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from conformance.bbps.clock import DAY

Record = Mapping[str, Any]
Meets = Callable[[Record, Sequence[str]], bool]
MASKS: Final = frozenset("*xX")


def unmet(criteria: Mapping[str, Meets], record: Record, query: Mapping[str, str]) -> list[str]:
    """Return the criteria of a query that a record does not meet; blank ones say nothing.

    Raises what reading a malformed record raises: KeyError, TypeError, ValueError.
    """
    return [
        name
        for name, text in query.items()
        if name in criteria and text.strip() and not criteria[name](record, text.split(","))
    ]


def _one(*place: str) -> Meets:
    """Compare one field with the wanted values."""
    return lambda record, wanted: _text(record, *place) in wanted


def _folded(name: str) -> Meets:
    """Compare one field with the wanted values, in any case of letters."""
    return lambda record, wanted: _text(record, name).upper() in {each.upper() for each in wanted}


def _any_detail(*place: str) -> Meets:
    """Whether a detail of a payment has one of the wanted values."""
    return lambda record, wanted: any(
        _text(detail, *place) in wanted for detail in record["paymentDetails"]
    )


def _tenant(record: Record, wanted: Sequence[str]) -> bool:
    """A state is searched with its cities."""
    own = _text(record, "tenantId")
    return any(own == each or ("." not in each and own.startswith(f"{each}.")) for each in wanted)


def _number(record: Record, wanted: Sequence[str]) -> bool:
    """A number that the reader may see in part only, or not at all, says nothing."""
    own = _text(record, "mobileNumber")
    return own in wanted or not own or bool(MASKS & set(own))


PAYMENT: Final[Mapping[str, Meets]] = {
    "tenantId": _tenant,
    "ids": _one("id"),
    "billIds": _any_detail("billId"),
    "consumerCodes": _any_detail("bill", "consumerCode"),
    "receiptNumbers": _any_detail("receiptNumber"),
    "transactionNumber": _one("transactionNumber"),
    "payerIds": _one("payerId"),
    "mobileNumber": _number,
    "status": _folded("paymentStatus"),
    "instrumentStatus": _folded("instrumentStatus"),
    "paymentModes": _folded("paymentMode"),
    "businessServices": _any_detail("businessService"),
    "fromDate": lambda record, wanted: int(record["transactionDate"]) >= int(wanted[0]),
    "toDate": lambda record, wanted: int(record["transactionDate"]) <= int(wanted[0]) + DAY,
}
TRANSACTION: Final[Mapping[str, Meets]] = {
    "tenantId": _one("tenantId"),
    "txnId": _one("txnId"),
    "billId": _one("billId"),
    "consumerCode": _one("consumerCode"),
    "userUuid": _one("user", "uuid"),
    "receipt": _one("receipt"),
    "txnStatus": _one("txnStatus"),
}
BILL: Final[Mapping[str, Meets]] = {
    "tenantId": _tenant,
    "billId": _one("id"),
    "consumerCode": _one("consumerCode"),
    "businessService": _one("businessService"),
}


def _text(record: Any, *place: str) -> str:
    for name in place:
        record = None if record is None else record.get(name)
    return "" if record is None else str(record)
