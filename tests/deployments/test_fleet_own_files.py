"""Contracts and scenarios of the user's own are those of every city, and begin its run anew."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.core import resources
from conformance.reference import Settings, serve
from conformance.results.model import Results
from conformance.results.reading import read
from tests.deployments.test_fleet import FEW, Office

SCENARIO = """\
name: fetched-by-us
title: A bill is fetched
requirements: [BIL-03]
values:
  bill: {generate: bill}
steps:
  - name: Fetch
    call: bill.fetch
    query:
      tenantId: "{{tenant}}"
      businessService: "{{bill.business_service}}"
      consumerCode: "{{bill.consumer_code}}"
    eventually: true
    expect: {equals: {/Bill/0/consumerCode: "{{bill.consumer_code}}"}}
"""
WORDS = ("run", "punjab.yaml", "--scenarios", "ours.yaml", "--contract", "user=user.yaml", *FEW)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Two cities of one reference, with a contract and a scenario of the user's own."""
    (tmp_path / "ours.yaml").write_text(SCENARIO, encoding="utf-8")
    shipped = (resources.folder("contracts") / "user.yaml").read_bytes()
    (tmp_path / "user.yaml").write_bytes(shipped + b"\n# ours\n")
    with serve(Settings()) as served:
        yield Office(tmp_path, dict.fromkeys(("C0", "C1"), served.base_url))


def results_of(office: Office) -> dict[str, Results]:
    home = office.folder / "reports" / "fleet" / "punjab" / "cities"
    found = office.cities().items()
    return {name: read(home / name / "runs" / each["run"]) for name, each in found}


def given(results: Results) -> list[Any]:
    documents = results.header.contract["documents"]
    return [each["service"] for each in documents if each["source"] == "given"]


def test_own_contracts_and_scenarios_are_those_of_every_city(office: Office) -> None:
    code, printed = office.run(*WORDS)
    assert code == 4, printed
    begun = [each.split()[1] for each in printed.splitlines() if each.endswith("  begins")]
    assert sorted(begun) == ["C0", "C1"]
    before = results_of(office)
    assert [given(each) for each in before.values()] == [["user"], ["user"]]
    for each in before.values():
        assert any("fetched-by-us" in check.id for check in each.checks)

    assert "2 of 2 have their result already." in office.run(*WORDS)[1]
    scenario = office.folder / "ours.yaml"
    scenario.write_text(SCENARIO.replace("A bill", "One bill"), encoding="utf-8")
    printed = office.run(*WORDS)[1]
    assert "have their result already" not in printed
    after = results_of(office)
    assert not {each.header.run for each in before.values()} & {
        each.header.run for each in after.values()
    }


def test_a_broken_scenario_is_refused_before_any_city_begins(office: Office) -> None:
    (office.folder / "ours.yaml").write_text("name: ours", encoding="utf-8")
    code, printed = office.run(*WORDS)
    assert (code, "ours.yaml" in printed, "begins" in printed) == (2, True, False)
    assert office.cities() == {}
