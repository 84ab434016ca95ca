"""The index of checks is what a collection finds, and leaves no wanted check out."""

import pytest

from conformance.core import check_index, resources
from conformance.core.check_index import PATH, IndexedCheck, checks, needed_files, unneeded_files
from conformance.core.requirements import Register
from conformance.run.certify import collected
from conformance.run.config import RunConfig
from conformance.run.indexing import index_text
from conformance.run.scenario_files import scenario_checks


def test_index_is_current() -> None:
    assert PATH.read_text(encoding="utf-8") == index_text(), "run `make index`"


@pytest.mark.parametrize("only", [("MDM-01",), ("CON-03", "USR-07")], ids=", ".join)
def test_partial_run_imports_what_it_needs(only: tuple[str, ...]) -> None:
    every = collected(RunConfig()).planned
    partial = collected(RunConfig(only=only))
    assert partial.planned == tuple(each for each in every if {*each.requirements} & {*only})
    assert "checks" not in partial.paths
    assert not partial.plans_all(Register.load())


def test_partial_run_reads_the_scenarios_that_it_plays() -> None:
    every = scenario_checks(RunConfig())
    wanted = [each for each in every if "MDM-01" in each.claim.requirements]
    assert scenario_checks(RunConfig(only=("MDM-01",))) == wanted
    own = RunConfig(only=("MDM-01",), scenarios=(resources.folder("scenarios") / "mdms",))
    assert {each.id for each in scenario_checks(own)} == {each.id for each in every}, (
        "one of the user may have the name of any"
    )


def test_whole_run_imports_everything() -> None:
    assert unneeded_files(()) == ()
    assert unneeded_files([each.id for each in Register.load()]) == ()
    assert needed_files(()) == ("checks",)


def test_unknown_file_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_index, "checks", lambda: check_index_without("bill"))
    assert "checks/test_bill.py" not in unneeded_files(["MDM-01"])
    assert "checks/test_races.py" in unneeded_files(["MDM-01"])
    assert {"checks/test_bill.py", "checks/test_master_data.py"} <= {*needed_files(["MDM-01"])}


def check_index_without(module: str) -> tuple[IndexedCheck, ...]:
    return tuple(each for each in checks() if each.module != module)
