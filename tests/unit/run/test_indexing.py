"""The index of checks is what a collection finds, and leaves no wanted check out."""

import pytest

from conformance.core import check_index
from conformance.core.check_index import PATH, IndexedCheck, checks, unneeded_files
from conformance.core.requirements import Register
from conformance.run.certify import collected
from conformance.run.config import RunConfig
from conformance.run.indexing import index_text


def test_index_is_current() -> None:
    assert PATH.read_text(encoding="utf-8") == index_text(), "run `make index`"


@pytest.mark.parametrize("only", [("MDM-01",), ("CON-03", "USR-07")], ids=", ".join)
def test_partial_run_imports_what_it_needs(only: tuple[str, ...]) -> None:
    every = collected(RunConfig()).planned
    partial = collected(RunConfig(only=only))
    assert partial.planned == tuple(each for each in every if {*each.requirements} & {*only})
    assert partial.ignored
    assert not partial.plans_all(Register.load())


def test_whole_run_imports_everything() -> None:
    assert unneeded_files(()) == ()
    assert unneeded_files([each.id for each in Register.load()]) == ()


def test_unknown_file_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_index, "checks", lambda: check_index_without("bill"))
    assert "checks/test_bill.py" not in unneeded_files(["MDM-01"])
    assert "checks/test_races.py" in unneeded_files(["MDM-01"])


def check_index_without(module: str) -> tuple[IndexedCheck, ...]:
    return tuple(each for each in checks() if each.module != module)
