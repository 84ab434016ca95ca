"""Midnight blames nobody: bills expire then, whatever a run is doing, also at the end of a year."""

import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from conformance.core.verdicts import Verdict
from conformance.reference import Settings, serve
from conformance.run.certify import carry_out
from conformance.run.config import RunConfig

END_OF_YEAR = datetime(2027, 4, 1, tzinfo=ZoneInfo("Asia/Kolkata"))
LOOKED_AT = ("BIL-01", "BIL-04", "TXN-01", "TXN-11", "RCP-03", "RCP-07", "PAY-01", "PAY-09")


@pytest.mark.parametrize("seconds", [0.5, 1.5, 3, 5, 200])
def test_midnight_blames_nobody(seconds: float) -> None:
    clock_ms = int((END_OF_YEAR - timedelta(seconds=seconds)).timestamp() * 1000)
    with serve(Settings(clock_ms=clock_ms)) as digit, tempfile.TemporaryDirectory() as folder:
        config = RunConfig(
            settings={"base_url": digit.base_url},
            only=LOOKED_AT,
            depth="quick",
            reports=Path(folder),
            written=False,
        )
        run, _ = carry_out(config)
    assert run.results is not None
    unexpected = {row.id: row.observed or row.reason for row in run.results.checks
            if row.verdict not in {Verdict.PASSED, Verdict.NOT_APPLICABLE}}  # fmt: skip
    assert unexpected == {}
