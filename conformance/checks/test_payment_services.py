"""Searching payments: each criterion finds, narrows and keeps tenants apart (PAY-11)."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import pytest

from conformance.bbps import needs
from conformance.bbps.clock import DAY
from conformance.bbps.flow import Bbps
from conformance.bbps.models import Bill, Payment, payments_in, read
from conformance.checks.controls import granted, taken
from conformance.checks.expect import same
from conformance.core.requirements import verifies

pytestmark = pytest.mark.independent

Criterion = Callable[[Payment], dict[str, Any]]
CRITERIA: Final[dict[str, Criterion]] = {
    "ids": lambda payment: {"ids": payment.id},
    "billIds": lambda payment: {"billIds": payment.bill_ids[0]},
    "receiptNumbers": lambda payment: {"receiptNumbers": payment.receipt_numbers[0]},
    "consumerCodes": lambda payment: {"consumerCodes": _consumer_code(payment)},
    "transactionNumber": lambda payment: {"transactionNumber": payment.transaction_number},
}
# Criteria that many payments match are tried together with one that only ours matches.
SHARED_CRITERIA: Final[dict[str, tuple[Criterion, dict[str, Any]]]] = {
    "status": (lambda payment: {"status": payment.status}, {"status": "CANCELLED"}),
    "instrumentStatus": (
        lambda payment: {"instrumentStatus": payment.instrument_status},
        {"instrumentStatus": "DISHONOURED"},
    ),
    "paymentModes": (lambda payment: {"paymentModes": payment.mode}, {"paymentModes": "DD"}),
    "mobileNumber": (
        lambda payment: {"mobileNumber": payment.raw.get("mobileNumber")},
        {"mobileNumber": "6000000000"},
    ),
    "fromDate": (
        lambda payment: {"fromDate": payment.transaction_date - DAY},
        {"fromDate": 4102444800000},
    ),
    "toDate": (
        lambda payment: {"toDate": payment.transaction_date},
        {"toDate": 1},
    ),
    "payerIds": (
        lambda payment: {"payerIds": read(payment.raw, "payerId")},
        {"payerIds": "CONF-NONE"},
    ),
}


@verifies("PAY-11")
@pytest.mark.parametrize("name", CRITERIA)
def test_search_finds_by_criterion(bbps: Bbps, bill: Bill, name: str) -> None:
    """A payment is searched by one criterion, then by a value that matches nothing."""
    ours, _ = _stored(bbps, bill), _payment(bbps, bbps.new_bill())

    found = bbps.payments(**CRITERIA[name](ours))
    none = bbps.payments(**dict.fromkeys(CRITERIA[name](ours), "CONF-NONE"))

    same([each.id for each in found], [ours.id], f"the payments found by {name}")
    same([each.id for each in none], [], f"the payments found by a {name} that matches nothing")


@verifies("PAY-11")
@pytest.mark.parametrize("name", SHARED_CRITERIA)
def test_search_narrows_by_criterion(bbps: Bbps, bill: Bill, name: str) -> None:
    """A criterion that others match too is tried together with our bill's id."""
    ours = _stored(bbps, bill)
    matching, missing = SHARED_CRITERIA[name]

    found = bbps.payments(billIds=bill.id, **matching(ours))
    none = bbps.payments(billIds=bill.id, **missing)

    same([each.id for each in found], [ours.id], f"the payments found by bill and {name}")
    same([each.id for each in none], [], f"the payments found with a {name} that does not match")


@verifies("PAY-11")
def test_search_narrows_by_business_service(bbps: Bbps) -> None:
    """A payment is searched with its business service, then with another one."""
    service = needs.second_service(bbps)
    bill = bbps.bill_of(service)
    ours = _stored(bbps, bill)

    found = bbps.payments(billIds=bill.id, businessServices=service.business_service)
    none = bbps.payments(billIds=bill.id, businessServices=bbps.target.bills.business_service)

    same([each.id for each in found], [ours.id], "the payments found by bill and business service")
    same([each.id for each in none], [], "the payments found with another business service")


@verifies("PAY-11")
@pytest.mark.parametrize("name", ["ids", "billIds", "consumerCodes"])
def test_search_finds_by_each_of_a_list(bbps: Bbps, bill: Bill, name: str) -> None:
    """Two payments are searched by two values of one criterion."""
    pair = [_stored(bbps, bill), _stored(bbps, bbps.new_bill())]
    values = [CRITERIA[name](each)[name] for each in pair]

    found = bbps.payments(**{name: ",".join(values)})

    same(sorted(each.id for each in found), sorted(each.id for each in pair), "the payments found")


@verifies("PAY-11")
@pytest.mark.parametrize("name", CRITERIA)
def test_search_keeps_tenants_apart(bbps: Bbps, bill: Bill, name: str) -> None:
    """A payment is searched by one criterion in another tenant."""
    criterion = CRITERIA[name](_stored(bbps, bill))
    at_home = bbps.search_payments(as_="administrator", **criterion)
    granted(at_home, "the same search in the payment's own tenant")

    response = bbps.search_payments(
        as_="administrator", **(criterion | {"tenantId": bbps.target.second_city})
    )

    if taken(response, "a search in another tenant"):
        same(
            [each.id for each in payments_in(response)], [], "the payments found in another tenant"
        )


def _payment(
    bbps: Bbps, bill: Bill, mode: str = "CASH", *, amount: Decimal | None = None
) -> Payment:
    response = bbps.submit_payment(bill, mode, amount=amount)
    granted(response, f"a payment in mode {mode}")
    return payments_in(response)[0]


def _stored(bbps: Bbps, bill: Bill) -> Payment:
    """Have a payment in CASH, as a search by its id shows it."""
    return bbps.payment(_payment(bbps, bill).id)


def _consumer_code(payment: Payment) -> str:
    return str(payment.raw["paymentDetails"][0]["bill"]["consumerCode"])
