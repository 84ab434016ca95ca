"""The doctor says of which line of DIGIT the gateway and each service are."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from conformance.reference.lineages.catalogue import LINEAGES
from conformance.run.certify import carry_out
from conformance.run.config import ReferenceOptions, RunConfig
from tests.deployments.conftest import Go, Serve

LINES = {  # reference -> what it is said to be
    "strict": "gateway: Zuul, which refuses a body that is not JSON; pg-service: DIGIT 2.8; "
    "collection-services: DIGIT 2.8; billing-service: DIGIT 2.8; MDMS: DIGIT 2.8",
    "digit-2.8": "gateway: Zuul; pg-service: DIGIT 2.8; collection-services: DIGIT 2.8; "
    "billing-service: DIGIT 2.8; MDMS: DIGIT 2.8",
    "digit-lts": "gateway: Spring Cloud Gateway; pg-service: Digit-Core LTS; "
    "collection-services: DIGIT 2.8; billing-service: DIGIT 2.8; MDMS: DIGIT 2.8",
    "mseva": "gateway: Zuul; pg-service: Punjab mSeva fork; collection-services: Punjab mSeva "
    "fork; billing-service: DIGIT 2.8; MDMS: DIGIT 2.8",
}


IN_UTC = [("clock", "the day of a bill ends at midnight of UTC, 05:30 in Asia/Kolkata")]


@pytest.mark.parametrize("lineage", LINES)
def test_each_line_of_digit_is_told_and_finds_no_other_fault(
    served: Serve, visit: Go, lineage: str
) -> None:
    seen = visit(served(lineage=lineage).base_url)
    assert seen.faults == ([] if lineage == "strict" else IN_UTC)
    assert seen.examination.detected == LINES[lineage]


def test_each_service_of_a_mixed_deployment_is_told(
    served: Serve, visit: Go, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new pg-service before Zuul; then a fork's services where billing and MDMS are newer."""
    newer = replace(LINEAGES["digit-2.8"], newer=frozenset({"pg-service"}))
    monkeypatch.setitem(cast(dict[str, Any], LINEAGES), "mixed", newer)
    told = visit(served(lineage="mixed").base_url).examination.detected
    assert told == LINES["digit-2.8"].replace("pg-service: DIGIT 2.8", "pg-service: Digit-Core LTS")
    fork = replace(LINEAGES["mseva"], newer=frozenset({"billing-service", "egov-mdms-service"}))
    monkeypatch.setitem(cast(dict[str, Any], LINEAGES), "mixed", fork)
    told = visit(served(lineage="mixed").base_url).examination.detected
    assert told == LINES["mseva"].replace("DIGIT 2.8", "Digit-Core LTS")


def test_a_line_is_not_told_where_it_does_not_show(served: Serve, visit: Go) -> None:
    seen = visit(served(lineage="mseva").base_url, mode="inspect")
    assert "pg-service: DIGIT 2.8 or a fork of it" in seen.examination.detected
    closed = served(no_action=("/collection-services/payments/_validate",))
    told = visit(closed.base_url).examination.detected
    assert "collection-services: DIGIT 2.8 or a fork of it (no payment may be" in told
    absent = served(no_service=("collection-services",))
    assert "collection-services: not seen" in visit(absent.base_url).examination.detected


def test_gateway_is_not_the_declared_one(served: Serve, visit: Go) -> None:
    declared = visit(served().base_url, network={"gateway": "spring"})
    assert "behaves as zuul" in declared.only.what


@pytest.mark.parametrize("lineage", LINES)
def test_line_of_digit_is_recorded_with_the_run(tmp_path: Path, lineage: str) -> None:
    run, _ = carry_out(
        RunConfig(reference=ReferenceOptions(lineage=lineage), only=("TXN-07",), reports=tmp_path)
    )
    results = json.loads((run.folder / "results.json").read_text(encoding="utf-8"))
    assert results["target"]["detected"] == LINES[lineage]
