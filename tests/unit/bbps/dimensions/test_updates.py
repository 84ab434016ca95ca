import json
from decimal import Decimal, InvalidOperation
from typing import Any

import pytest

from conformance.bbps.dimensions.confirmations import CONFIRMED, OTHER_AMOUNT, PLAIN
from conformance.bbps.dimensions.creations import DICTATED, PLACE
from conformance.bbps.dimensions.dimension import Dimension
from conformance.bbps.dimensions.states import FAILED, FRESH, PENDING, REPORTED, STATE, SUCCESSFUL
from conformance.bbps.dimensions.updates import (
    AS_USUAL,
    CLAIM,
    CONTENT,
    LOOKALIKES,
    METHOD,
    NAMING,
    NAMING_ALONE,
    SERVED,
    SPELLINGS,
    UNSERVED,
    identity_headers,
)
from conformance.bbps.models import OF_THE_OUTCOME, Transaction, differences, leaves

OWN, OTHER = "PB_PG_2024_04_10_000001_37", "PB_PG_2024_04_10_000002_74"
OWNER = {"uuid": "u-1", "userName": "owner", "name": "Öwner", "mobileNumber": "9000000001"}
RAW: dict[str, Any] = {
    "txnId": OTHER,
    "txnStatus": "PENDING",
    "txnAmount": "100.00",
    "billId": "b-1",
    "consumerCode": "PT-1",
    "productInfo": "tax",
    "receipt": None,
    "user": {"name": "Payer", "mobileNumber": "9876543210", "emailId": None},
    "taxAndPayments": [{"amountPaid": Decimal("100.0"), "billId": "b-1", "taxAmount": None}],
    "additionalDetails": None,
    "auditDetails": {
        "createdBy": "u-1",
        "createdTime": 5,
        "lastModifiedBy": None,
        "lastModifiedTime": 0,
    },
}
TRANSACTION = Transaction.of(RAW)
RUPEES = [Decimal(10), Decimal(100), Decimal("7.50"), Decimal(1)]


def without(names: tuple[str, ...], document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in names}


def number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


@pytest.mark.parametrize("amount", RUPEES)
def test_a_confirmation_of_what_was_promised_is_that_amount(amount: Decimal) -> None:
    written = {name: number(write(amount)) for name, write in CONFIRMED.values.items()}
    exact = {name for name, value in written.items() if value == amount}
    rough = {"with one decimal place"} if amount != round(amount, 1) else set()
    assert exact == set(CONFIRMED.values) - rough
    assert set(PLAIN) < set(CONFIRMED.values)


@pytest.mark.parametrize("amount", RUPEES)
def test_another_amount_is_another_amount(amount: Decimal) -> None:
    assert [
        name for name, write in OTHER_AMOUNT.values.items() if number(write(amount)) == amount
    ] == []


def test_states_are_pending_or_ended_in_one_way() -> None:
    groups = [set(each.values) for each in (PENDING, SUCCESSFUL, FAILED)]
    assert set.union(*groups) == set(STATE.values)
    assert sum(map(len, groups)) == len(STATE.values)
    assert {FRESH} < set(REPORTED.values) < set(PENDING.values)


def test_an_outsiders_request_names_the_transaction_and_its_own_where_it_says_so() -> None:
    for name, naming in NAMING.values.items():
        sent = json.dumps([naming.parameters(OWN, OTHER), naming.body(OWN, OTHER)])
        assert OTHER.lower() in sent.lower(), name
        assert (OWN in sent) == naming.two, name
    assert set(NAMING_ALONE.values) == {
        name for name, each in NAMING.values.items() if not each.two
    }


def test_spellings_name_one_id_as_it_is() -> None:
    for naming in SPELLINGS.values.values():
        assert list(naming.parameters("", OTHER).values()) == [OTHER]
    assert SPELLINGS.plain == AS_USUAL


def test_methods_are_served_or_not() -> None:
    assert {*SERVED.values, *UNSERVED} == set(METHOD.values)


def test_a_claim_names_the_owner_in_its_own_place_only() -> None:
    for name, claim in CLAIM.values.items():
        made = claim(OWNER, TRANSACTION)
        places = {
            place
            for place in ("request_info", "body", "headers", "parameters")
            if "u-1" in json.dumps(getattr(made, place), default=str)
        }
        expected = {
            "none": set(),
            "the owner in the body": {"request_info", "body"},
            "the owner in headers": {"headers"},
            "the owner in parameters": {"parameters"},
        }[name]
        assert places == expected, name


def test_headers_can_be_sent() -> None:
    headers = identity_headers(OWNER)
    assert all(value.isascii() and value.isprintable() for value in headers.values())
    assert json.loads(headers["x-user-info"]) == OWNER
    assert headers["x-user-id"] == "u-1"


def test_a_smuggled_transaction_differs_in_each_field_of_the_creation() -> None:
    sent = CONTENT.values["a transaction in the body"].body(TRANSACTION)["Transaction"]
    changed = {place.split("/")[1] for place in places_that_differ(RAW, sent)}
    assert set(RAW) - changed == {"txnId"}


def places_that_differ(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return [
        each.partition(" ")[0] for each in differences(dict(leaves(before)), dict(leaves(after)))
    ]


@pytest.mark.parametrize("id_", [OTHER, "17", "a0f3-77", "PB-PG-X"])
def test_lookalikes_differ_from_the_id(id_: str) -> None:
    found = [change(id_) for change in LOOKALIKES.values()]
    assert id_ not in found
    assert len(set(found)) >= len(found) - 1  # of a short id two may be the same


def test_what_is_dictated_stands_in_its_place_only() -> None:
    fields = {"txnStatus": "SUCCESS", "auditDetails": {"createdBy": "x"}}
    for name, place in PLACE.values.items():
        placed = place(fields)
        filled = [each for each in (placed.transaction, placed.beside, placed.query) if each]
        assert len(filled) == 1, name
        assert {"SUCCESS", "x"} <= {value for _, value in leaves(filled[0])}, name
    assert DICTATED.plain == "odd values"


def test_null_absent_and_scale_are_no_difference() -> None:
    bare = {
        **without(("receipt", "additionalDetails"), RAW),
        "txnAmount": 100,
        "user": {"name": "Payer", "mobileNumber": "9876543210"},
        "taxAndPayments": [{"amountPaid": 100, "billId": "b-1"}],
        "auditDetails": {"createdBy": "u-1", "createdTime": 5},
        "shownAt": "of no contract",
    }
    assert differences(TRANSACTION.record, Transaction.of(bare).record) == []


def test_each_documented_field_is_a_difference_with_its_place() -> None:
    other = Transaction.of({**RAW, "productInfo": "other", "user": {"name": "Payer"}})
    assert differences(TRANSACTION.record, other.record) == [
        "/productInfo was tax, and is other",
        "/user/mobileNumber was 9876543210, and is null",
    ]


def test_an_outcome_is_no_part_of_the_creation() -> None:
    ended = {**RAW, "txnStatus": "SUCCESS", "gatewayTxnId": "7", "receipt": "r"}
    ended["auditDetails"] = {**RAW["auditDetails"], "lastModifiedTime": 9, "lastModifiedBy": "u-1"}
    assert differences(TRANSACTION.creation, Transaction.of(ended).creation) == []
    assert not OF_THE_OUTCOME & TRANSACTION.creation.keys()


def test_dimensions_have_sources() -> None:
    dimensions: list[Dimension[Any]] = [METHOD, NAMING, CLAIM, CONTENT, STATE, CONFIRMED, PLACE]
    assert all(each.source and each.values for each in dimensions)
