"""Annotations of GitHub: errors follow the gate, text of a deployment gives no command."""

import re
from dataclasses import replace

from conformance.core.verdicts import Verdict
from conformance.report.annotations import LONGEST, MOST, annotations
from conformance.results.gating import compared
from tests.unit.conftest import MIXED, Runner

COMMAND = re.compile(r"::(error|warning) title=([^:,\n\r]+)::([^\n\r]*)")


def kinds(lines: list[str]) -> list[tuple[str, str]]:
    found = [COMMAND.fullmatch(line) for line in lines]
    assert all(found)
    return [(each[1], each[2].split("%2C")[0].split(" ")[0]) for each in found if each]


def test_what_gates_is_an_error_and_the_rest_a_warning(a_run: Runner) -> None:
    _, results, _ = a_run()
    assert kinds(annotations(results)) == [
        ("error", "TXN-08"), ("error", "USR-06"), ("error", "PAY-12"), ("warning", "RCP-02"),
    ]  # fmt: skip
    free = kinds(annotations(compared(results, "none")))
    assert ("warning", "TXN-08") in free
    assert ("error", "TXN-08") not in free
    assert ("error", "PAY-12") in free  # an error of the suite gates always


def test_a_run_without_faults_has_none(a_run: Runner) -> None:
    passed = [each for each in MIXED if each.verdict is Verdict.PASSED]
    _, results, _ = a_run(passed)
    assert annotations(results) == []


def test_text_of_a_deployment_gives_no_command(a_run: Runner) -> None:
    hostile = "x\n::error title=a::b\r\n::set-env name=A::%0Ab\u2028::stop\x1b[2J, " + "y" * 9_000
    failed = next(each for each in MIXED if each.verdict is Verdict.FAILED)
    _, results, _ = a_run([replace(failed, title=hostile, observed=hostile)])
    (line,) = [each for each in annotations(results) if "TXN-08" in each]
    assert COMMAND.fullmatch(line)
    assert len(line.splitlines()) == 1
    assert "%250Ab" in line
    assert "\x1b" not in line
    assert len(line) < 4 * LONGEST


def test_more_than_github_shows_are_counted(a_run: Runner) -> None:
    failed = next(each for each in MIXED if each.verdict is Verdict.FAILED)
    _, results, _ = a_run([replace(failed, check=f"c{number}") for number in range(30)])
    errors = [line for line in annotations(results) if line.startswith("::error")]
    assert len(errors) == MOST
    assert "21 more checks in this run" in errors[-1]
