"""The rehearsal of a first certification, fast: all its acts, with few checks."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.rehearsal.__main__ import PAGE, main
from tests.rehearsal.stage import FAULTS, Stage
from tests.rehearsal.wall_time import Conditions

FAST = ("--latency", "5", "--lag", "100", "--rate", "40", "--jobs", "4", "--depth", "quick")
ONLY = ("BIL-02", "USR-01", "TXN-01", "TXN-13", "RCP-06", "PAY-01", "PAY-02")


@pytest.mark.slow
def test_broken_repaired_killed_continued_and_cleaned(tmp_path: Path) -> None:
    only = [word for id_ in ONLY for word in ("--only", id_)]
    done = CliRunner().invoke(main, ["strict", *FAST, *only, "--reports", str(tmp_path)])
    assert done.exit_code == 0, done.output
    page = (tmp_path / PAGE).read_text(encoding="utf-8")
    for message in (
        "## strict: as predicted",
        *FAULTS,
        f"| {len(ONLY)} others | passed | passed |",
    ):
        assert message in page
    assert "0 demands with anything due, 0 pending transactions, 0 active users" in page


def test_a_verdict_that_was_not_predicted_is_a_deviation(tmp_path: Path) -> None:
    stage = Stage("digit-2.8", Conditions(), tmp_path)
    rows = {"USR-01": "passed", "USR-02": "failed", "USR-04": "passed", "USR-09": "inconclusive"}
    stage.compare(
        {
            "requirements": [
                {"id": id_, "verdict": verdict, "checks": ["some"]} for id_, verdict in rows.items()
            ],
            "checks": [],
        }
    )
    assert [each.partition(":")[2].split()[:3] for each in stage.deviations] == [
        ["USR-04", "is", "passed:"],
        ["USR-09", "is", "inconclusive:"],
    ]
