"""Any number of jobs gives the same results; who runs alone is alone; none takes others along."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from conformance.bbps.dimensions.times import STOPS
from conformance.bbps.flow import Bbps
from conformance.core.sharing import SHARED
from conformance.core.verdicts import Verdict
from conformance.run.certify import carry_out, drive
from conformance.run.config import ReferenceOptions, RunConfig
from conformance.run.executor import Execution
from conformance.run.opening import open_run
from conformance.run.parallel import parallel_group
from conformance.run.planning import check_id
from conformance.run.plugin import Certification
from conformance.run.session import Run

# Some of every module but the races, where chance decides who wins, and how often is looked.
ONLY = (
    "BIL-02", "BIL-06", "TXN-01", "TXN-02", "TXN-03", "PAY-02", "PAY-06", "PAY-12",
    "RCP-02", "RCP-03", "USR-02", "USR-04", "USR-11", "MDM-01", "MDM-05", "MDM-08",
    "CON-03", "CON-04", "CON-06",
)  # fmt: skip
# What they break shows at once: a check that waits for an effect looks as often as time allows.
FAULTS = ("any-amount-accepted", "body-tenant-wins")
# What differs between any two runs: names that a deployment gives, times, ports, what is drawn.
DIFFERING = {
    r'(?<="name": "curl", "value": )"(?:[^"\\]|\\.)*"': "COMMAND",  # with all that it sends
    r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b": "UUID",
    r"\b\d{8}T\d{6}-[0-9a-f]{4}\b": "RUN",
    r"\bCONF-[0-9a-f]{4}\w*-\d{4}\b": "CODE",
    r"\b\d{4}-\d\d-\d\dT[\d:.]+(\+\d\d:?\d\d|Z)?": "TIME",
    r"\b\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?\b": "TIME",
    r"127\.0\.0\.1:\d+": "HOST",
    r"\b\d{13}\b": "MILLISECONDS",
    r"\bPB_PG_[\w-]+": "TRANSACTION",
    r"\b\d+/\d{4}-\d\d/\d{6}\b": "RECEIPT",
    r"\b00-[0-9a-f]{32}-[0-9a-f]{16}-01\b": "TRACE",
    r"\bCONF[0-9A-F]{12}\b": "REFERENCE",
    r"/conf/[0-9a-f]{8}\b": "/conf/CHANCE",
    r'("(?:seconds|milliseconds|start|stop)": |\btime=")[\d.]+': r"\1",
    r"within [\d.]+ ms of each other": "together",
}


def comparable(path: Path, run: Run) -> str:
    """A report, but for what differs; exchanges for several checks are numbered as they come."""
    text = path.read_text(encoding="utf-8")
    for each in run.exchanges:
        if each.check == SHARED:
            text = re.sub(rf"\b{each.id.partition('-')[0]}-\d{{4}}\b", "SHARED", text)
            break
    for pattern, name in DIFFERING.items():
        text = re.sub(pattern, name, text)
    return text


def allure(run: Run) -> list[str]:
    """What Allure shows of each check, in whichever config."""
    return sorted(comparable(path, run) for path in run.folder.glob("allure-results/*-result.json"))


def run_of(folder: Path, *, jobs: int, faults: tuple[str, ...] = ()) -> Run:
    config = RunConfig(
        only=ONLY,
        jobs=jobs,
        reference=ReferenceOptions(faults=faults),
        depth="quick",
        reports=folder / f"jobs-{jobs}",
    )
    run, _ = carry_out(config)
    assert run.results is not None
    return run


@pytest.mark.parametrize("faults", [(), FAULTS], ids=["strict", "two faults"])
def test_reports_are_the_same_for_any_jobs(tmp_path: Path, faults: tuple[str, ...]) -> None:
    one, eight = (run_of(tmp_path, jobs=jobs, faults=faults) for jobs in (1, 8))
    assert one.results is not None
    red = {row.id for row in one.results.requirements if row.verdict is Verdict.FAILED}
    assert red == ({"TXN-03", "MDM-08"} if faults else set())
    for name in ("results.json", "junit.xml", "summary.md"):
        assert comparable(one.folder / name, one) == comparable(eight.folder / name, eight), name
    assert allure(one) == allure(eight)
    assert of_checks(one) == of_checks(eight)
    # How many bills are lent at the same time depends on the jobs; what for does not.
    assert operations_for_all(one) == operations_for_all(eight)


def of_checks(run: Run) -> list[tuple[str, str, str]]:
    """What each check exchanged by itself, in order."""
    return [(each.id, each.check, each.operation) for each in run.exchanges if each.check != SHARED]


def operations_for_all(run: Run) -> set[str]:
    """The operations that were called for several checks."""
    return {each.operation for each in run.exchanges if each.check == SHARED}


class Watched(Certification):
    """Notes when each check began and ended."""

    def __init__(self, config: RunConfig, run: Run) -> None:
        super().__init__(config, lambda: run)
        self.started: dict[str, float] = {}
        self.ended: dict[str, float] = {}
        self.alone: set[str] = set()
        self.afterwards: set[str] = set()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.alone = {check_id(item) for item in session.items if parallel_group(item) is None}
        disturbing = [item for item in session.items if any(item.iter_markers("afterwards"))]
        self.afterwards = {check_id(item) for item in disturbing}
        super().pytest_collection_finish(session)

    def execute(self, item: pytest.Function) -> Execution | None:
        self.started[check_id(item)] = time.perf_counter()
        try:
            return super().execute(item)
        finally:
            self.ended[check_id(item)] = time.perf_counter()

    def overlapping(self) -> dict[str, set[str]]:
        """Each check during which others were under way, and which."""
        found: dict[str, set[str]] = {}
        for each in self.started:
            for other in self.started:
                if (
                    each != other
                    and self.started[each] < self.ended[other]
                    and self.started[other] < self.ended[each]
                ):
                    found.setdefault(each, set()).add(other)
        return found


def stop_of(check: str) -> str:
    """The stop of the clock at which a check is made; empty for one of no journey."""
    stops = [str(stop) for stop in STOPS if check.startswith("time::") and str(stop) in check]
    return max(stops, key=len, default="")


def test_who_disturbs_others_meets_only_its_own_kind(tmp_path: Path) -> None:
    config = RunConfig(
        only=("PAY-02", "PAY-06", "PAY-12", "RCP-02", "RCP-03", "TXN-11", "CON-06"),
        jobs=8,
        reference=ReferenceOptions(latency_ms=5),
        reports=tmp_path,
        depth="quick",
        written=False,
    )
    run = open_run(config)
    watched = Watched(config, run)
    drive(watched)
    assert run.results is not None
    assert watched.started.keys() == {row.id for row in run.results.checks}
    assert "contract_input::no_answer_leaks_internals" in watched.alone
    overlapping = watched.overlapping()
    assert overlapping, "nothing ran in parallel"
    assert not overlapping.keys() & watched.alone
    races, deferred = (
        {each for each in watched.started if each.startswith(module)}
        for module in ("races::", "deferred::")
    )
    for kind in (races, deferred, watched.afterwards):
        assert len(kind) > 1
        assert all(overlapping.get(each, set()) <= kind for each in kind)
    times = {each: at for each in watched.started if (at := stop_of(each))}
    assert times
    for each, at in times.items():
        assert {stop_of(other) for other in overlapping.get(each, ())} <= {at}


def test_a_check_that_breaks_takes_no_other_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit = Bbps.submit_payment

    def breaking(bbps: Bbps, bill: Any, mode: str, **changes: Any) -> Any:
        if mode == "DD":
            raise SystemExit("out of here")
        return submit(bbps, bill, mode, **changes)

    monkeypatch.setattr(Bbps, "submit_payment", breaking)
    config = RunConfig(only=("PAY-02", "PAY-03", "PAY-05"), jobs=3, reports=tmp_path, written=False)
    run, _ = carry_out(config)
    assert run.results is not None
    verdicts = {row.id: row.verdict for row in run.results.requirements if row.checks}
    assert verdicts == {
        "PAY-02": Verdict.PASSED,
        "PAY-03": Verdict.ERROR,
        "PAY-05": Verdict.PASSED,
    }
    broken = run.results.rows(Verdict.ERROR)
    assert {row.reason for row in broken} == {"SystemExit: out of here"}
    assert all("draft" in row.id for row in broken), [row.id for row in broken]


def test_interrupt_keeps_what_was_decided(tmp_path: Path) -> None:
    command = [
        sys.executable, "-m", "conformance", "certify", "--jobs", "4", "--latency", "50",
        "--depth", "quick", "--reports", str(tmp_path),
    ]  # fmt: skip
    # What a shell started in the background ignores the signal, and so would what it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    deadline = time.monotonic() + 300
    while len(findings(tmp_path)) < 5:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=300)

    assert process.returncode == 130
    assert "was interrupted; its findings are kept" in stderr
    assert "It cannot be continued, because the embedded reference ended with it" in stderr
    assert "Traceback" not in stderr
    decided = findings(tmp_path)
    assert len(decided) >= 5
    assert {each["verdict"] for each in decided} <= {"passed", "not-applicable"}
    assert not list(tmp_path.rglob("certificate.html"))


def findings(folder: Path) -> list[dict[str, Any]]:
    """The findings that the journal of the only run in a folder holds."""
    lines = [
        line
        for journal in folder.rglob("journal.jsonl")
        for line in journal.read_text(encoding="utf-8").split("\n")
        if line.startswith('{"kind": "finding"') and line.endswith("}")
    ]
    return [json.loads(line) for line in lines]
