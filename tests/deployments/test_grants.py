"""A right that no role was granted: its gateway's refusals are no judgement of a service."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.core.verdicts import Verdict
from conformance.reference.mdms import serving
from conformance.results.model import CheckRow
from conformance.run.certify import carry_out
from conformance.run.config import RunConfig
from tests.faults.matrix import limits

Certify = Callable[[str, str], list[CheckRow]]


@pytest.fixture
def certify_without(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Certify:
    """Certify one requirement of a reference that grants nobody one URL; return its checks."""

    def go(url: str, requirement: str) -> list[CheckRow]:
        granted = serving.granted_urls

        def but_one(*asked: Any) -> set[str]:
            return granted(*asked) - {url}

        monkeypatch.setattr(serving, "granted_urls", but_one)
        config = RunConfig(
            settings={"limits": limits()},
            only=(requirement,),
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
        ("/pg-service/transaction/v1/_create", "TXN-03"),
    ],
)
def test_missing_grant_is_named_and_blamed_on_no_service(
    certify_without: Certify, url: str, requirement: str
) -> None:
    checks = certify_without(url, requirement)
    assert {each.verdict for each in checks} - {Verdict.NOT_APPLICABLE} == {Verdict.INCONCLUSIVE}
    silent = [each.id for each in checks if each.reason and f"grant {url} to" not in each.reason]
    assert silent == []


def test_refused_outsiders_prove_nothing_where_no_rival_gets_through(
    certify_without: Certify,
) -> None:
    checks = certify_without("/pg-service/transaction/v1/_update", "TXN-08")
    assert {each.verdict for each in checks} == {Verdict.INCONCLUSIVE}
