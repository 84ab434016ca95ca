"""The doctor names the rights that an actor lacks, the rows to add, and what stays undecided."""

import json
from typing import Any

import pytest

from conformance.doctor import Prediction
from conformance.reference.mdms.masters import ACTIONS
from tests.deployments.conftest import Go, Serve, Visit

VALIDATE = "/collection-services/payments/_validate"


def rows(remedy: str) -> list[dict[str, Any]]:
    """The master data rows that a remedy holds."""
    lines = [line.rstrip(",") for line in remedy.splitlines() if line.startswith("{")]
    return [json.loads(line) for line in lines]


def about(seen: Visit, id_: str) -> list[Prediction]:
    return [each for each in seen.examination.predictions if id_ in each.requirements]


@pytest.mark.parametrize("lineage", ["strict", "digit-lts"])
def test_action_without_a_row_is_named_with_the_rows(
    served: Serve, visit: Go, lineage: str
) -> None:
    seen = visit(served(lineage=lineage, no_action=(VALIDATE,), zone="Asia/Kolkata").base_url)
    fault = next(each for each in seen.examination.faults if VALIDATE in each.what)
    assert fault.what == f"the gateway does not let the cashier call {VALIDATE}"
    assert "CustomException" in fault.evidence
    action, grant = rows(fault.remedy)
    assert (action["url"], grant["actionid"]) == (VALIDATE, action["id"])
    assert grant["rolecode"] in fault.evidence
    assert f"mdms plan --role {grant['rolecode']} --url {VALIDATE} " in fault.remedy
    assert not fault.blocking
    reason = next(each for each in about(seen, "PAY-10") if each.exists)
    assert reason.reason.startswith("the cashier does not reach payment.validate: HTTP 40")
    assert VALIDATE in reason.remedy


def test_fit_deployment_leaves_nothing_undecided_but_what_another_day_decides(
    served: Serve, visit: Go
) -> None:
    seen = visit(served().base_url)
    assert [each.requirements for each in seen.examination.predictions] == [
        ("BIL-06", "TXN-03", "RCP-02", "RCP-04")
    ]
    assert visit(served().base_url, clock_url="/reference/clock").examination.predictions == ()


def test_service_that_does_not_stand_is_no_missing_right(served: Serve, visit: Go) -> None:
    seen = visit(served(no_service=("collection-services",)).base_url)
    assert not [each for each in seen.examination.faults if each.area == "role"]
    assert "no service answers at /collection-services/payments/_validate" in seen.text
    (reason,) = (each for each in about(seen, "PAY-10") if "payment.validate" in each.reason)
    assert reason.remedy.startswith("start the service behind /collection-services/")
    remedies = [each.remedy for each in about(seen, "USR-09")]
    assert any(each.startswith("start the service behind") for each in remedies)
    assert not any("grant" in each for each in remedies)


def test_service_that_does_not_run_is_one_fault(served: Serve, visit: Go) -> None:
    seen = visit(served(down=("collection-services",)).base_url)
    (fault,) = (each for each in seen.examination.faults if each.area == "network")
    assert fault.what == "/collection-services gives no answer that can be used"
    assert "the gateway reports that it cannot reach the service" in fault.evidence
    assert "each actor reaches" not in seen.text
    assert seen.text.count("payment.create as") <= 2


def test_service_that_does_not_run_leaves_open_whether_it_is_reached(
    served: Serve, visit: Go
) -> None:
    seen = visit(served(down=("pg-service",)).base_url)
    for id_ in ("MDM-04", "MDM-08"):
        assert any("cannot reach the service" in each.reason for each in about(seen, id_))


def test_actor_that_is_not_there_is_predicted_and_called_by_nobody(
    served: Serve, visit: Go
) -> None:
    seen = visit(served().base_url, actors={"cashier": None})
    assert any("names no actor 'cashier'" in each.reason for each in about(seen, "PAY-01"))
    assert not [each for each in seen.exchanges if each.actor == "cashier"]


def test_sandbox_probes_an_update_that_can_only_fail(served: Serve, visit: Go) -> None:
    seen = visit(served().base_url, mode="sandbox")
    assert about(seen, "USR-09") == []
    assert "transaction.update" in {each.operation for each in seen.exchanges}


def test_neighbours_are_shown_as_a_range() -> None:
    ids = ("TXN-09", "PAY-01", "PAY-02", "PAY-03", "RCP-01", "RCP-02")
    shown = Prediction(requirements=ids, reason="there is none", remedy="add one").describe()
    assert shown.splitlines()[0].strip() == "TXN-09, PAY-01 to PAY-03, RCP-01, RCP-02"
    assert "do     add one" in shown


def test_ids_of_added_actions_are_free(served: Serve, visit: Go) -> None:
    seen = visit(served(no_action=(VALIDATE,)).base_url)
    fault = next(each for each in seen.examination.faults if VALIDATE in each.what)
    assert rows(fault.remedy)[0]["id"] not in ACTIONS
