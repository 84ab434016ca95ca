"""Several bills in one transaction: what is wrong with one of them, in whatever place it stands."""

from collections.abc import Callable, Sequence
from typing import Final

from conformance.bbps.dimensions.dimension import Dimension
from conformance.bbps.dimensions.payments import Position
from conformance.bbps.flow import FAILURE, SUCCESS, Bbps
from conformance.bbps.models import Bill, Transaction
from conformance.bbps.payloads import due
from conformance.bbps.shelf import cheap_bill
from conformance.core.verdicts import Inconclusive, NotApplicable

SEVERAL: Final = Dimension(
    name="place of the bill",
    source="each bill of a transaction is judged, paid and receipted like a single one",
    values={
        "second of two": Position(bills=2, index=1),
        "first of two": Position(bills=2),
        "last of three": Position(bills=3, index=2),
    },
)
WRONG_BILL: Final[Dimension[Callable[[Bbps, Bill], Bill]]] = Dimension(
    name="wrong bill",
    source="TXN-03",
    values={
        "of an unknown id": lambda bbps, bill: bbps.unknown_bill(
            bill.consumer_code, "CONF-NO-BILL"
        ),
        "of another city": lambda bbps, _: bbps.new_bill(tenant=bbps.target.second_city),
        "with a blank after its id": lambda _, bill: _with_id(bill, f"{bill.id} "),
        "by its number": lambda _, bill: _with_id(bill, str(bill.raw.get("billNumber"))),
        "by its consumer code": lambda _, bill: _with_id(bill, bill.consumer_code),
    },
)


def _with_id(bill: Bill, id_: str) -> Bill:
    if id_ == bill.id:
        raise NotApplicable("not looked at: the bill's id is the same")
    return Bill(
        id=id_, tenant=bill.tenant, business_service=bill.business_service, raw=bill.raw,
        consumer_code=bill.consumer_code, amount=bill.amount, expires_at=bill.expires_at,
        status=bill.status,
    )  # fmt: skip


def _pending(bbps: Bbps, bill: Bill) -> Transaction:
    return bbps.create_transaction(bill, shares=due([bill]))


def _pending_as_second(bbps: Bbps, bill: Bill) -> None:
    together = [_like(bbps, bill), bill]
    bbps.create_transaction(together[0], shares=due(together))


def _paid(bbps: Bbps, bill: Bill) -> None:
    bbps.pay(bill)


def _paid_as_second(bbps: Bbps, bill: Bill) -> None:
    together = [_like(bbps, bill), bill]
    bbps.finish(bbps.taken_transaction(together[0], shares=due(together)), SUCCESS)


def _paid_at_the_counter(bbps: Bbps, bill: Bill) -> None:
    response = bbps.submit_payment(bill, "CASH")
    if not response.succeeded:
        raise Inconclusive(
            f"no payment was taken: {response.description}", response.missing_grant or "see PAY-01"
        )


def _like(bbps: Bbps, bill: Bill) -> Bill:
    """Provide another bill of the same business service."""
    services = bbps.target.bills.certified
    return cheap_bill(
        bbps, next(each for each in services if each.business_service == bill.business_service)
    )


# Each takes a bill; it returns the transaction that is pending on it alone, if there is one.
TAKEN: Final[Dimension[Callable[[Bbps, Bill], Transaction | None]]] = Dimension(
    name="the bill is",
    source="TXN-04; a bill may stand in any place of one transaction, and of the next",
    values={
        "pending": _pending,
        "pending as the second of two": _pending_as_second,
        "paid": _paid,
        "paid as the second of two": _paid_as_second,
        "paid at the counter": _paid_at_the_counter,
    },
)


def failed(bbps: Bbps, bills: Sequence[Bill]) -> None:
    """Let a transaction on several bills fail."""
    bbps.finish(bbps.taken_transaction(bills[0], shares=due(bills)), FAILURE)
