"""What a deployment lacks, a right or a service, is no fault of its services, and no merit."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from conformance.core.verdicts import Verdict
from conformance.results.model import CheckRow
from conformance.run.certify import carry_out
from conformance.run.config import RunConfig
from tests.deployments.conftest import Serve, described
from tests.faults.collected import limits

Certify = Callable[..., list[CheckRow]]


@pytest.fixture
def certify(tmp_path: Path) -> Certify:
    """Certify one requirement of a deployment, or some checks; return the checks."""

    def go(base_url: str, requirement: str, checks: frozenset[str] | None = None) -> list[CheckRow]:
        profile = tmp_path / "target.yaml"
        profile.write_text(yaml.safe_dump(described(base_url, limits=limits())), encoding="utf-8")
        config = RunConfig(
            target=profile,
            only=(requirement,) if requirement else (),
            checks=checks,
            depth="quick",
            reports=tmp_path,
            written=False,
        )
        run, _ = carry_out(config)
        assert run.results is not None
        return list(run.results.checks)

    return go


@pytest.mark.parametrize(
    ("url", "requirement"),
    [
        ("/collection-services/payments/_validate", "PAY-10"),
        ("/collection-services/payments/_create", "PAY-06"),
        ("/collection-services/payments/_create", "PAY-10"),
        ("/pg-service/transaction/v1/_create", "TXN-02"),
        ("/billing-service/bill/v2/_fetchbill", "BIL-04"),
    ],
)
def test_missing_grant_is_named_and_blamed_on_no_service(
    served: Serve, certify: Certify, url: str, requirement: str
) -> None:
    checks = certify(served(no_action=(url,)).base_url, requirement)
    assert {each.verdict for each in checks} - {Verdict.NOT_APPLICABLE} == {Verdict.INCONCLUSIVE}
    undecided = [each for each in checks if each.verdict == Verdict.INCONCLUSIVE]
    silent = [each.id for each in undecided if f"grant {url} to" not in each.reason]
    assert silent == []


def test_refused_outsiders_prove_nothing_where_no_rival_gets_through(
    served: Serve, certify: Certify
) -> None:
    update = "/pg-service/transaction/v1/_update"
    checks = certify(served(no_action=(update,)).base_url, "TXN-08")
    assert {each.verdict for each in checks} - {Verdict.NOT_APPLICABLE} == {Verdict.INCONCLUSIVE}


def test_nothing_is_reached_where_no_service_stands(served: Serve, certify: Certify) -> None:
    checks = certify(served(no_service=("egov-hrms",)).base_url, "MDM-05")
    beyond = {each.id for each in checks if each.verdict == Verdict.NOT_APPLICABLE}
    assert len(beyond) == 2
    assert all("egov-hrms" in id_ or "employee.create" in id_ for id_ in beyond)
    assert {each.verdict for each in checks if each.id not in beyond} == {Verdict.PASSED}


@pytest.mark.parametrize("requirement", ["USR-09", "MDM-04", "PAY-01", "PAY-08", "PAY-13"])
def test_service_that_is_not_there_is_blamed_for_nothing(
    served: Serve, certify: Certify, requirement: str
) -> None:
    checks = certify(served(no_service=("collection-services",)).base_url, requirement)
    verdicts = {each.verdict for each in checks}
    assert Verdict.INCONCLUSIVE in verdicts
    assert verdicts <= {Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE, Verdict.PASSED}


@pytest.mark.parametrize("lineage", ["digit-2.8", "digit-lts"])
def test_service_that_does_not_run_is_blamed_for_nothing(
    served: Serve, certify: Certify, lineage: str
) -> None:
    checks = certify(served(lineage=lineage, down=("collection-services",)).base_url, "PAY-06")
    assert {each.verdict for each in checks} - {Verdict.NOT_APPLICABLE} == {Verdict.INCONCLUSIVE}


@pytest.mark.parametrize(
    ("url", "check"),
    [
        (
            "/pg-service/transaction/v1/_create",
            "contract_input::odd_value_breaks_nothing[an empty text-transaction.create]",
        ),
        (
            "/collection-services/payments/PT/_workflow",
            "payment_workflow::money_is_left_alone_that_no_action_is_for[ONLINE cancelled]",
        ),
        (
            "/pg-service/transaction/v1/_update",
            "updates::other_amount_never_succeeds[one rupee less, fresh, POST, none]",
        ),
        (
            "/pg-service/transaction/v1/_update",
            "scenarios::scenario[online-bill-payment, TXN-05]",
        ),
    ],
)
def test_gateway_that_refuses_everything_proves_nothing(
    served: Serve, certify: Certify, url: str, check: str
) -> None:
    (found,) = certify(served(no_action=(url,)).base_url, "", frozenset({check}))
    assert found.verdict == Verdict.INCONCLUSIVE
    assert f"grant {url} to" in found.reason or "did not reach the service" in found.reason


def test_what_a_scenario_does_not_come_to_is_left_to_other_checks(
    served: Serve, certify: Certify
) -> None:
    update = "/pg-service/transaction/v1/_update"
    check = "scenarios::scenario[online-bill-payment]"  # of the receipt, after the update
    (found,) = certify(served(no_action=(update,)).base_url, "", frozenset({check}))
    assert found.verdict == Verdict.NOT_APPLICABLE
    assert "let the integrator through to no transaction.update" in found.reason
    assert "other checks judge this" in found.reason
