"""Demands: creation, search and update, each rule by its code."""

import secrets
from collections.abc import Callable
from typing import Any

import pytest

from tests.reference.conftest import Rehearsal
from tests.reference.money import CITY, NEIGHBOUR, Till, problems, rupees

NESTED = "demandRequest.demands[0]"
UNTAKEABLE: list[tuple[dict[str, Any], str]] = [
    ({"tenantId": None}, f"NotNull.{NESTED}.tenantId"),
    ({"consumerCode": None}, f"NotNull.{NESTED}.consumerCode"),
    ({"consumerType": None}, f"NotNull.{NESTED}.consumerType"),
    ({"taxPeriodFrom": None}, f"NotNull.{NESTED}.taxPeriodFrom"),
    ({"demandDetails": []}, f"Size.{NESTED}.demandDetails"),
    ({"demandDetails": None}, f"NotNull.{NESTED}.demandDetails"),
    ({"consumerCode": "<script>x</script>"}, f"SafeHtml.{NESTED}.consumerCode"),
    ({"businessService": "NOPE"}, "EG_BS_BUSINESSSERVICE_NOTFOUND"),
    ({"heads": {"SMP_TAX": 1}}, "EG_BS_TAXHEADS_NOTFOUND"),
    ({"taxPeriodFrom": 0}, "EG_BS_TAXPERIODS_DEMAND"),
    ({"payer": {"uuid": "nobody"}}, "EG_BS_USER_UUID_NOTFOUND"),
    ({"demandDetails": [None]}, "NullPointerException"),
    ({"demandDetails": "many"}, "JsonMappingException"),
    ({"taxPeriodFrom": "soon"}, "JsonMappingException"),
    ({"amount": "1E+1001"}, "JsonMappingException"),
    ({"amount": "1E+400"}, "DataIntegrityViolationException"),
    ({"amount": 10**10}, "DataIntegrityViolationException"),
    ({"minimumAmountPayable": 10**10}, "DataIntegrityViolationException"),
    ({"consumerCode": "T" * 251}, "DataIntegrityViolationException"),
    ({"amount": [1]}, "JsonMappingException"),
]
COLLECTIONS: list[tuple[int, int, bool]] = [
    (100, 0, True),
    (100, 100, True),
    (100, 101, False),
    (100, -1, False),
    (-10, 0, True),
    (-10, -10, True),
    (-10, -5, False),
]


@pytest.fixture(scope="module")
def till(digit: Rehearsal) -> Till:
    return Till(digit)


def test_demand_is_created_with_what_the_service_decides(till: Till) -> None:
    answer = till.submit_demand(till.demand())
    body = answer.json()
    demand = body["Demands"][0]
    assert answer.status_code == 201
    assert list(body) == ["ResponseInfo", "Demands", "CollectedReceipt"]
    assert body["ResponseInfo"]["status"] == "201 CREATED"
    assert body["ResponseInfo"]["resMsgId"] is None
    assert demand["status"] == "ACTIVE"
    assert demand["isPaymentCompleted"] is False
    assert demand["demandDetails"][0]["demandId"] == demand["id"]
    assert demand["demandDetails"][0]["tenantId"] == CITY


@pytest.mark.parametrize(("changes", "code"), UNTAKEABLE)
def test_demand_is_refused_by_code(till: Till, changes: dict[str, Any], code: str) -> None:
    answer = till.submit_demand(till.demand(**changes))
    assert code in problems(answer)


@pytest.mark.parametrize(("tax", "collected", "taken"), COLLECTIONS)
def test_collection_must_fit_the_tax(till: Till, tax: int, collected: int, taken: bool) -> None:
    detail = {"taxHeadMasterCode": "PT_TAX", "taxAmount": tax, "collectionAmount": collected}
    answer = till.submit_demand(till.demand(demandDetails=[detail]))
    assert (answer.status_code == 201) is taken
    assert taken or "EG_DEMAND_DEATIL_INVALID" in problems(answer)


def test_empty_list_of_demands_is_an_index_error(till: Till) -> None:
    answer = till.submit_demand()
    assert list(problems(answer)) == ["IndexOutOfBoundsException"]
    assert answer.json()["Errors"][0]["description"] == "Index: 0, Size: 0"


def test_one_active_demand_per_period_even_a_paid_one(till: Till) -> None:
    demand = till.demand()
    assert till.submit_demand(demand).status_code == 201
    assert "EG_BS_DUPLICATE_CONSUMERCODE" in problems(till.submit_demand(demand))
    till.receipt(till.bill_of(demand["consumerCode"]))
    assert "EG_BS_DUPLICATE_CONSUMERCODE" in problems(till.submit_demand(demand))


def test_one_request_cannot_hold_two_demands_of_a_period(till: Till) -> None:
    demand = till.demand()
    assert "DuplicateKeyException" in problems(till.submit_demand(demand, demand))
    assert till.fetch(demand["consumerCode"]).json()["Bill"] == []


def test_several_broken_rules_come_together(till: Till) -> None:
    found = problems(till.submit_demand(till.demand(heads={"NOPE": 1}, taxPeriodFrom=0)))
    assert {"EG_BS_TAXHEADS_NOTFOUND", "EG_BS_TAXPERIODS_DEMAND"} <= set(found)


def test_keys_bind_in_any_case(till: Till) -> None:
    demand = {key.upper(): value for key, value in till.demand().items()}
    answer = till.post("/billing-service/demand/_create", {"DEMANDS": [demand]}, "administrator")
    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"consumerCode": "X"}, "NotNull.demandCriteria.tenantId"),
        ({"tenantId": CITY}, "businessService"),
        ({"tenantId": CITY, "status": "ACTIVE"}, "businessService"),
        ({"tenantId": CITY, "type": "", "demandFrom": "", "demandTo": ""}, "businessService"),
        ({"tenantId": CITY, "type": "Z"}, "typeMismatch.demandCriteria.type"),
        ({"tenantId": CITY, "email": ""}, "InvalidUserSearchCriteriaException"),
        (
            {"tenantId": CITY, "consumerCode": "X", "mobileNumber": ""},
            "InvalidUserSearchCriteriaException",
        ),
    ],
)
def test_search_names_what_is_missing(till: Till, query: dict[str, str], code: str) -> None:
    answer = till.post("/billing-service/demand/_search", as_="administrator", **query)
    assert code in problems(answer)


def test_search_finds_by_consumer_code_and_state_tenant(till: Till) -> None:
    demand = till.raised()
    for tenant in (CITY, "pb"):
        answer = till.post(
            "/billing-service/demand/_search",
            as_="administrator",
            tenantId=tenant,
            consumerCode=demand["consumerCode"],
        )
        assert [each["id"] for each in answer.json()["Demands"]] == [demand["id"]]


def test_update_changes_tax_and_withdraws_the_bill(till: Till) -> None:
    demand = till.raised(amount=100)
    old = till.bill_of(demand["consumerCode"])
    demand["demandDetails"][0]["taxAmount"] = 150
    assert till.submit_demand(demand, action="_update").status_code == 201
    fresh = till.bill_of(demand["consumerCode"])
    assert fresh["id"] != old["id"]
    assert rupees(fresh["totalAmount"]) == 150
    assert "BILL_EXPIRED" in problems(till.submit(old))


def test_update_cannot_touch_what_was_collected(till: Till) -> None:
    demand = till.raised(amount=100)
    till.receipt(till.bill_of(demand["consumerCode"]))
    demand["demandDetails"][0]["collectionAmount"] = 0
    assert till.submit_demand(demand, action="_update").status_code == 201
    stored = till.stored_demand(demand["consumerCode"])
    assert rupees(stored["demandDetails"][0]["collectionAmount"]) == 100
    demand["demandDetails"][0]["taxAmount"] = 99
    assert "EG_DEMAND_DEATIL_INVALID" in problems(till.submit_demand(demand, action="_update"))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"id": None}, "EG_BS_DEMANDS_UNDIDENTIFIABLE"),
        ({"id": "unknown"}, "EG_BS_DEMANDS_NOT_FOUND"),
        ({"tenantId": NEIGHBOUR}, "EG_BS_DEMANDS_NOT_FOUND"),
        (
            {"demandDetails": [{"id": "x", "taxHeadMasterCode": "PT_TAX", "taxAmount": 1}]},
            "EG_BS_DEMAND_DETAIL_NOTFOUND",
        ),
    ],
)
def test_update_of_what_is_not_there(till: Till, changes: dict[str, Any], code: str) -> None:
    demand = till.raised() | changes
    assert code in problems(till.submit_demand(demand, action="_update"))


def test_unknown_demand_makes_its_details_unknown_and_they_come_first(till: Till) -> None:
    unknown = till.raised() | {"id": "unknown"}
    unknown["demandDetails"][0]["id"] = "unknown, too"
    found = problems(till.submit_demand(unknown, action="_update"))
    assert list(found) == ["EG_BS_DEMAND_DETAIL_NOTFOUND", "EG_BS_DEMANDS_NOT_FOUND"]


def test_largest_amount_and_longest_code_that_the_columns_hold(till: Till) -> None:
    till.raised(amount=10**10 - 1, code=f"{secrets.token_hex(4):T<250}")


def test_cancelled_demand_gives_no_bill(till: Till) -> None:
    demand = till.raised()
    till.bill_of(demand["consumerCode"])
    assert till.submit_demand(demand | {"status": "CANCELLED"}, action="_update").is_success
    assert till.fetch(demand["consumerCode"]).json()["Bill"] == []


def test_advance_is_used_by_the_next_demand(till: Till) -> None:
    demand = till.raised(businessService="ADV", amount=100)
    code = demand["consumerCode"]
    till.receipt(till.bill_of(code, "ADV"), amount=130)
    first, last = till.year(back=1)
    following = till.demand(
        code, businessService="ADV", amount=50, taxPeriodFrom=first, taxPeriodTo=last
    )
    assert till.submit_demand(following).status_code == 201
    assert rupees(till.bill_of(code, "ADV")["totalAmount"]) == 20


def test_fault_leaves_a_changed_demand_unseen(faulty: Callable[..., Rehearsal]) -> None:
    till = Till(faulty("demand-change-unseen"))
    demand = till.raised(amount=100)
    old = till.bill_of(demand["consumerCode"])
    demand["demandDetails"][0]["taxAmount"] = 150
    assert till.submit_demand(demand, action="_update").status_code == 201
    assert till.bill_of(demand["consumerCode"])["id"] == old["id"]
