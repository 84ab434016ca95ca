"""What the command prints: failures first, the verdict last, nothing that steers a terminal."""

import io
import json
import re
from dataclasses import replace
from decimal import Decimal

import pytest
from rich.console import Console

from conformance.core.requirements import Register
from conformance.core.verdicts import Verdict
from conformance.report.plain import fitted
from conformance.report.register import print_register
from conformance.report.terminal import (
    Progress,
    print_json,
    print_quietly,
    print_results,
)
from conformance.results.estimate import Estimate
from tests.unit.conftest import MIXED, Runner, exchange_of, finding_of


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=100)


def printed(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_failures_then_open_ones_then_table_then_verdict(a_run: Runner, console: Console) -> None:
    folder, results, exchanges = a_run()
    print_results(results, exchanges, folder, console)
    text = printed(console)
    places = [
        text.index(each)
        for each in (
            "FAILED  TXN-08",
            "Errors of the suite",
            "Undecided",
            "Waived",
            "Identity and access",
            "NON-CONFORMANT, 3 of ",
            "planned 6 = executed 6",
            str(folder / "results.json"),
        )
    ]
    assert places == sorted(places)


def test_a_failure_says_what_was_required_seen_and_how_to_repeat_it(
    a_run: Runner, console: Console
) -> None:
    folder, results, exchanges = a_run()
    print_results(results, exchanges, folder, console)
    text = printed(console)
    for part in ("Refused.", "usual cause", "x-TXN-08  transaction.update as rival", "-> 200"):
        assert part in text
    assert '"\'"${RIVAL_TOKEN}"\'"' in text
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_the_exchange_to_repeat_is_the_one_that_changed_something(
    a_run: Runner, console: Console
) -> None:
    finding = finding_of("TXN-08", Verdict.FAILED, exchanges=("x1", "x2"))
    folder, results, _ = a_run([finding])
    act = exchange_of("x1", finding.check, violations=())
    look = exchange_of("x2", finding.check, operation="transaction.search", violations=())
    print_results(results, {"x1": act, "x2": look}, folder, console)
    assert "x1 (transaction.update); fill in the secrets first" in printed(console)


def test_a_partial_run_points_to_no_certificate(a_run: Runner, console: Console) -> None:
    folder, results, exchanges = a_run([finding_of("USR-01")], partial=True)
    print_results(results, exchanges, folder, console)
    text = printed(console)
    assert "PARTIAL RUN, no certificate" in text
    assert "certificate " not in text.replace("no certificate", "")


def test_progress_is_plain_lines_where_nobody_watches(console: Console) -> None:
    progress = Progress(console)
    progress.begin(len(MIXED))
    for finding in MIXED:
        progress.advance(finding)
    progress.end()
    lines = printed(console).splitlines()
    assert lines[0] == "Running 6 checks"
    assert lines[2].startswith("[  2/6] failed         TXN-08  The situation of TXN-08")


def budget_of(*seconds: float) -> Estimate:
    """Return a budget of that many checks, `sample::0` and so on."""
    return Estimate(
        seconds_by_check={f"sample::{n}": each for n, each in enumerate(seconds)},
        requests=40,
        rate=5,
        latency=0.1,
        wanted=Decimal(0),
        cap=Decimal(500),
        pays=True,
    )


@pytest.mark.parametrize("watched", [False, True], ids=["lines", "a terminal"])
def test_the_budget_is_reported_first(watched: bool) -> None:
    console = Console(file=io.StringIO(), width=160, force_terminal=watched, color_system=None)
    progress = Progress(console)
    progress.begin(3, budget_of(10, 590, 600))
    progress.advance(finding_of("TXN-08", check="sample::0"))
    progress.end()
    text = printed(console)
    assert text.startswith("Running 3 checks: about 40 requests, about 20 min at 100 ms per answer")
    assert "Money: about 0 rupees, never more than 500" in text


def test_the_pace_of_the_run_itself_tells_what_is_left(console: Console) -> None:
    clock = iter([0.0, 5.0, 1200.0, 2400.0])
    progress = Progress(console, lambda: next(clock))
    progress.begin(3, budget_of(10, 590, 600))
    for number in range(3):
        progress.advance(finding_of("TXN-08", Verdict.FAILED, check=f"sample::{number}"))
    lines = printed(console).splitlines()
    assert lines[2].startswith("[  1/3] failed ")  # nothing is known yet
    assert lines[3].startswith("[  2/3, about 19 min left] failed ")  # twice as slow as expected
    assert lines[4].startswith("[  3/3, less than a minute left] failed ")


def test_progress_on_a_terminal_keeps_only_what_needs_attention() -> None:
    console = Console(file=io.StringIO(), width=100, force_terminal=True, color_system=None)
    progress = Progress(console)
    progress.begin(2)
    progress.advance(finding_of("USR-01"))
    progress.advance(finding_of("TXN-08", Verdict.FAILED))
    progress.end()
    text = printed(console)
    assert "failed         TXN-08  The situation of TXN-08\n" in text
    assert "passed " not in text


def test_the_register_is_listed_by_area_with_checks(register: Register, console: Console) -> None:
    print_register(register, {"TXN-08": ["a_rival_cannot_update"]}, console)
    text = printed(console)
    assert text.index("Identity and access") < text.index("TXN-08") < text.index("CON-07")
    assert "- a_rival_cannot_update" in text
    assert f"{len(register)} requirements, " in text


@pytest.mark.parametrize("width", [80, 120])
def test_texts_are_wrapped_under_their_label(a_run: Runner, width: int) -> None:
    console = Console(file=io.StringIO(), width=width)
    reason = "the target names no second address " * 6
    folder, results, exchanges = a_run([finding_of("USR-06", Verdict.INCONCLUSIVE, reason=reason)])
    print_results(results, exchanges, folder, console)
    lines = printed(console).splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("  reason"))
    assert lines[start + 1][:15].isspace()
    assert all(len(line.rstrip()) <= width for line in lines if str(folder) not in line)


def test_many_checks_of_one_violation_are_counted_not_poured_out(
    a_run: Runner, console: Console
) -> None:
    findings = [
        finding_of("TXN-08", Verdict.FAILED, check=f"sample::{n}", title=f"Outsider {n}.")
        for n in range(9)
    ]
    folder, results, exchanges = a_run(findings)
    print_results(results, exchanges, folder, console)
    text = printed(console)
    assert "FAILED  TXN-08  (9 checks)" in text
    assert "Outsider 3." in text
    assert "Outsider 4." not in text
    assert "5 checks found the same failure" in text


def test_a_reason_of_many_checks_stands_once(a_run: Runner, console: Console) -> None:
    findings = [
        finding_of(
            f"TXN-0{8 + n % 2}", Verdict.INCONCLUSIVE, check=f"sample::{n}", title=f"Outsider {n}.",
            reason="no second address" if n else "no bill",
        )
        for n in range(9)
    ]  # fmt: skip
    folder, results, exchanges = a_run(findings)
    print_results(results, exchanges, folder, console)
    text = printed(console)
    assert (text.count("no second address"), text.count("no bill")) == (1, 1)
    assert "Outsider 4." in text
    assert "Outsider 5." not in text
    assert "4 checks, of TXN-09, TXN-08" in text


def test_a_long_run_that_nobody_watches_tells_what_went_wrong_and_a_few_signs_of_life(
    console: Console,
) -> None:
    progress = Progress(console)
    progress.begin(400)
    for number in range(400):
        verdict = Verdict.FAILED if number == 7 else Verdict.PASSED
        progress.advance(finding_of("TXN-08", verdict))
    progress.end()
    lines = printed(console).splitlines()
    assert lines[-1].startswith("[400/400]")
    assert len(lines) == 22
    assert sum("failed" in line for line in lines) == 1


@pytest.mark.parametrize("columns", [40, 60])
def test_nothing_is_cut_off_on_a_narrow_console(columns: int) -> None:
    console = Console(file=io.StringIO(), width=columns, color_system=None)
    print_register(Register.load(), {}, console)
    text = "".join(str(console.file.getvalue()).split())  # type: ignore[attr-defined]
    assert "…" not in text
    assert "_createnovalidate"[:8] in text
    lines = str(console.file.getvalue()).splitlines()  # type: ignore[attr-defined]
    assert max(map(len, lines)) <= columns


def test_the_table_says_what_each_requirement_is_about(a_run: Runner) -> None:
    folder, results, exchanges = a_run()
    for width, shown in ((100, True), (60, False)):
        console = Console(file=io.StringIO(), width=width)
        print_results(results, exchanges, folder, console)
        (line,) = re.findall(r"(?m)^  TXN-08  failed .*$", printed(console))
        assert ("Only the" in line) is shown
        assert "1 check" in line
        assert len(line) <= width


def test_quiet_prints_the_verdict_and_the_places_only(a_run: Runner, console: Console) -> None:
    folder, results, exchanges = a_run()
    print_quietly(results, exchanges, folder, console)
    lines = printed(console).splitlines()
    assert lines[1].startswith("NON-CONFORMANT, 3 of ")
    assert "FAILED" not in printed(console)
    assert lines[-1].startswith("everything")


def test_json_is_what_the_results_file_holds(
    a_run: Runner, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, results, exchanges = a_run()
    print_json(results, exchanges, folder)
    document = json.loads(capsys.readouterr().out)
    assert document == json.loads((folder / "results.json").read_text(encoding="utf-8"))


def test_a_line_that_is_too_long_keeps_what_tells_it_apart(console: Console) -> None:
    progress = Progress(console)
    progress.begin(2)
    for number in range(2):
        title = f"{'An update by somebody else, in a state of the transaction ' * 3}[case {number}]"
        progress.advance(replace(finding_of("TXN-08", Verdict.FAILED), title=title))
    progress.conclude()
    first, second, last = printed(console).splitlines()[1:]
    assert first.endswith("… [case 0]")
    assert second.endswith("… [case 1]")
    assert len(first) == console.width
    assert last == "Writing the reports"


@pytest.mark.parametrize("width", range(0, 40, 3))
@pytest.mark.parametrize("text", ["a b c", "some words that say it [and this]", "[only this here]"])
def test_a_text_is_never_longer_than_there_is_room(text: str, width: int) -> None:
    assert len(fitted(text, width)) == min(len(text), width)


@pytest.mark.parametrize("columns", ["0", "-5", "wide", ""])
def test_a_width_that_no_console_has_is_not_taken(
    a_run: Runner, columns: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    folder, results, exchanges = a_run()
    print_results(results, exchanges, folder)
    lines = capsys.readouterr().out.splitlines()
    assert str(results.verdict) in "".join(lines)
    assert [len(each) for each in lines if "Anybody else is refused" in each] == [100]
