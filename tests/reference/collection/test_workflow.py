"""Receipt workflow: cancel, dishonour, remit; what becomes of the demand."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.reference.conftest import Rehearsal
from tests.reference.money import NEIGHBOUR, Till, problems, rupees

INVALID = "RECEIPT_WORKFLOW_INVALID_RECEIPT"
# mode, actions, code of the last one or None where it is taken
PATHS: list[tuple[str, tuple[str, ...], str | None]] = [
    ("CASH", ("CANCEL",), None),
    ("CASH", ("REMIT",), None),
    ("CASH", ("DISHONOUR",), INVALID),
    ("CASH", ("REMIT", "CANCEL"), INVALID),
    ("CASH", ("CANCEL", "CANCEL"), INVALID),
    ("CHEQUE", ("CANCEL",), None),
    ("CHEQUE", ("REMIT", "DISHONOUR"), None),
    ("CHEQUE", ("DISHONOUR", "REMIT"), INVALID),
    ("DD", ("DISHONOUR",), None),
    ("DD", ("REMIT", "REMIT"), INVALID),
    ("ONLINE", ("CANCEL",), INVALID),
    ("ONLINE", ("DISHONOUR",), INVALID),
    ("CARD", ("REMIT",), INVALID),
    ("POSTAL_ORDER", ("CANCEL",), None),
    ("POSTAL_ORDER", ("REMIT",), INVALID),
]
REACHED = {
    "CANCEL": ("CANCELLED", "CANCELLED"),
    "DISHONOUR": ("DISHONOURED", "DISHONOURED"),
    "REMIT": ("DEPOSITED", "REMITTED"),
}
UNTAKEABLE: list[tuple[dict[str, Any], str]] = [
    ({"paymentId": "unknown"}, INVALID),
    ({"tenantId": NEIGHBOUR}, INVALID),
    ({"action": "cancel"}, "NotNull.paymentWorkflowRequest.paymentWorkflows[0].action"),
    ({"paymentId": None}, "NotNull.paymentWorkflowRequest.paymentWorkflows[0].paymentId"),
    ({"paymentId": ""}, "Size.paymentWorkflowRequest.paymentWorkflows[0].paymentId"),
    ({"reason": "<script>"}, "SafeHtml.paymentWorkflowRequest.paymentWorkflows[0].reason"),
]


@pytest.fixture(scope="module")
def till(digit: Rehearsal) -> Till:
    return Till(digit)


@pytest.mark.parametrize(("mode", "actions", "code"), PATHS)
def test_each_action_where_the_state_allows(
    till: Till, mode: str, actions: tuple[str, ...], code: str | None
) -> None:
    payment = till.receipt(till.bill(), mode)
    for action in actions[:-1]:
        assert till.workflow(payment, action).status_code == 200
    answer = till.workflow(payment, actions[-1])
    if code is not None:
        assert code in problems(answer)
        return
    (answered,) = answer.json()["Payments"]
    (seen,) = till.payments(ids=payment["id"])
    assert (answered["paymentStatus"], answered["instrumentStatus"]) == REACHED[actions[-1]]
    assert (seen["paymentStatus"], seen["instrumentStatus"]) == REACHED[actions[-1]]


@pytest.mark.parametrize(("changes", "code"), UNTAKEABLE)
def test_step_is_refused_by_code(till: Till, changes: dict[str, Any], code: str) -> None:
    payment = till.receipt(till.bill())
    answer = till.workflow(payment, "CANCEL", **changes)
    assert answer.status_code == 403 or code in problems(answer)
    assert till.payments(ids=payment["id"])[0]["paymentStatus"] == "NEW"


def test_steps_must_share_action_and_tenant(till: Till) -> None:
    path = "/collection-services/payments/PT/_workflow"
    steps = [
        {"paymentId": "a", "action": "CANCEL", "tenantId": "pb.amritsar"},
        {"paymentId": "b", "action": "REMIT", "tenantId": "pb.amritsar"},
    ]
    answer = till.post(path, {"PaymentWorkflows": steps}, "cashier")
    assert "PAYMENT_WORKFLOW_SINGLE_ACTION_ALLOWED" in problems(answer)
    answer = till.post(path, {"PaymentWorkflows": []}, "cashier", tenantId="pb.amritsar")
    assert "Size.paymentWorkflowRequest.paymentWorkflows" in problems(answer)


def test_cancelled_payment_leaves_the_demand_due_on_a_fresh_bill(till: Till) -> None:
    bill = till.bill(amount=100)
    payment = till.receipt(bill)
    (answered,) = till.workflow(payment, "CANCEL").json()["Payments"]
    fresh = till.bill_of(bill["consumerCode"])
    assert answered["paymentDetails"][0]["bill"]["status"] == "CANCELLED"
    assert answered["paymentDetails"][0]["bill"]["reasonForCancellation"] == "counted twice"
    assert fresh["id"] != bill["id"]
    assert rupees(fresh["totalAmount"]) == 100
    assert "BILL_EXPIRED" in problems(till.pay(bill))
    assert till.pay(fresh).status_code == 200


def test_only_the_newest_receipt_of_a_consumer_code(till: Till) -> None:
    bill = till.bill(businessService="SMP", amount=100)
    first = till.receipt(bill, amount=40)
    second = till.receipt(till.bill_of(bill["consumerCode"], "SMP"), amount=60)
    code = "RECEIPT_WORKFLOW_ACTION_NOT_APPLICABLE"
    assert code in problems(till.workflow(first, "CANCEL"))
    assert till.workflow(second, "CANCEL").status_code == 200
    assert till.workflow(first, "CANCEL").status_code == 200


def test_advance_that_was_used_cannot_be_taken_back(till: Till) -> None:
    bill = till.bill(businessService="ADV", amount=100)
    code = bill["consumerCode"]
    payment = till.receipt(bill, amount=130)
    first, last = till.year(back=1)
    following = till.demand(
        code, businessService="ADV", amount=50, taxPeriodFrom=first, taxPeriodTo=last
    )
    assert till.submit_demand(following).status_code == 201
    refusal = problems(till.workflow(payment, "CANCEL"))
    assert "RECEIPT_WORKFLOW_ACTION_NOT_APPLICABLE" in refusal
    assert till.payments(ids=payment["id"])[0]["paymentStatus"] == "NEW"


def test_remittance_leaves_the_demand_paid(till: Till) -> None:
    bill = till.bill()
    till.workflow(till.receipt(bill), "REMIT")
    assert till.fetch(bill["consumerCode"]).json()["Bill"] == []


FAULTY_STEPS: list[tuple[str, str, str, int]] = [
    ("remitted-receipt-cancelled", "ONLINE", "CANCEL", 200),
    ("cash-dishonoured", "CASH", "DISHONOUR", 200),
    ("workflow-does-nothing", "CASH", "CANCEL", 200),
]


@pytest.mark.parametrize(("fault", "mode", "action", "status"), FAULTY_STEPS)
def test_fault_takes_an_action(
    faulty: Callable[..., Rehearsal], fault: str, mode: str, action: str, status: int
) -> None:
    till = Till(faulty(fault))
    assert till.workflow(till.receipt(till.bill(), mode), action).status_code == status


def test_faults_of_the_books(faulty: Callable[..., Rehearsal]) -> None:
    till = Till(faulty("remit-reverses-demand", "older-receipt-cancelled"))
    bill = till.bill()
    till.workflow(till.receipt(bill), "REMIT")
    assert len(till.fetch(bill["consumerCode"]).json()["Bill"]) == 1
    bill = till.bill(businessService="SMP", amount=100)
    first = till.receipt(bill, amount=40)
    till.receipt(till.bill_of(bill["consumerCode"], "SMP"), amount=60)
    assert till.workflow(first, "CANCEL").status_code == 200
