"""Master data of somebody else: the commands of `mdms` end with flaws or the documented errors."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings

from conformance.cli.output import write_whole
from conformance.core.errors import SetupError
from conformance.mdms.checkout import Checkout
from conformance.mdms.comparison import differences
from conformance.mdms.lint import Expectations, lint
from conformance.mdms.masters import FOUR_URLS, MASTERS, MasterRows, Spot
from conformance.mdms.plan import MARK, planned, unified
from conformance.report.lint import FORMS
from tests.unit.foreign.documents import changed
from tests.unit.foreign.documents import written as any_text
from tests.unit.mdms import clean

MEANT = Expectations(role=clean.ROLE, day=clean.TODAY, services=frozenset({"PT"}))


@pytest.mark.parametrize("file", MASTERS)
def test_a_master(file: str, tmp_path: Path) -> None:
    clean.written(tmp_path)
    (path,) = tmp_path.rglob(file)
    usual = json.loads(path.read_text(encoding="utf-8"))

    @settings(max_examples=60, derandomize=True, database=None, deadline=None)
    @given(content=any_text(changed(usual)))
    def judged(content: bytes) -> None:
        path.write_bytes(content)
        flaws = lint(Checkout(tmp_path, clean.STATE), MEANT)
        for form in FORMS.values():
            assert form(flaws, 0).encode()
        try:
            changes = planned(Checkout(tmp_path, clean.STATE), "NEW", FOUR_URLS)
        except SetupError:
            return
        for change in changes:
            json.loads(change.after.removeprefix(MARK))
            assert unified(change, path.name).encode()
            write_whole(change.path, change.after, "make it writable")
        assert planned(Checkout(tmp_path, clean.STATE), "NEW", FOUR_URLS) == []
        clean.written(tmp_path)

    judged()


@pytest.mark.parametrize("file", MASTERS)
def test_rows_of_any_form_are_compared(file: str) -> None:
    @settings(max_examples=60, derandomize=True, database=None, deadline=None)
    @given(rows=changed(clean.CLEAN[file]))
    def judged(rows: object) -> None:
        own = MasterRows(rows=rows if isinstance(rows, list) else [rows], spot=lambda *_: Spot())
        assert list(differences(file, own, own)) == []
        assert len(list(differences(file, own, MasterRows(rows=[], spot=own.spot)))) == len(
            own.rows
        )

    judged()
