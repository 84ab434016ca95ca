"""What waivers do to a run: never to a finding, and each ends."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from rich.console import Console

from conformance.core import resources
from conformance.core.errors import ExitCode
from conformance.core.requirements import Register
from conformance.core.verdicts import Finding, RunVerdict, Verdict
from conformance.report.allure import write_allure
from conformance.report.certificate import page
from conformance.report.junit import write_junit
from conformance.report.markdown import markdown
from conformance.report.meaning import meaning
from conformance.report.terminal import print_results
from conformance.results.gating import compared, exit_code
from conformance.results.journal import read
from conformance.results.model import Results
from conformance.results.rollup import conclude
from conformance.results.waivers import Waiver, WaiverState
from tests.unit.conftest import Runner, finding_of, header_of, planned_of

DAY = "2027-03-31"
FAILED = finding_of("TXN-08", Verdict.FAILED, required="It is refused.", observed="Accepted.")
Whole = Callable[..., Results]


def waiver_of(**changes: str) -> Waiver:
    usual = {
        "requirement": "TXN-08",
        "condition": "it is refused",
        "reason": "The fix comes in March.",
        "owner": "payments team",
        "link": "https://tickets.digit.org/7",
        "expiry": DAY,
    }
    return Waiver.model_validate(usual | changes)


@pytest.fixture
def whole(register: Register) -> Whole:
    """Conclude a run on the last day of the waiver; what no finding is given for passed."""

    def run(*findings: Finding, waivers: list[Waiver], day: str = DAY, **how: bool) -> Results:
        others = {id_ for each in findings for id_ in each.requirements}
        rest = [finding_of(each.id) for each in register if each.id not in others]
        every = [*findings, *([] if how else rest)]
        return conclude(
            header_of(**how),
            register,
            planned_of(every),
            every,
            started=f"{day}T09:00:00.000+05:30",
            finished=f"{day}T10:00:00.000+05:30",
            complete=True,
            waivers=waivers,
        )

    return run


def test_a_waived_must_is_never_plainly_conformant(whole: Whole) -> None:
    results = whole(FAILED, waivers=[waiver_of()])
    assert results.verdict is RunVerdict.WITH_WAIVERS
    assert results.verdict_line.startswith("CONFORMANT WITH WAIVERS, ")
    assert "1 requirement waived" in results.verdict_line
    assert exit_code(results) == ExitCode.CONFORMANT
    assert "breaks 1 binding requirement (TXN-08)" in meaning(results)
    assert DAY in meaning(results)


def test_a_waiver_rewrites_no_finding(whole: Whole) -> None:
    results = whole(FAILED, waivers=[waiver_of()])
    (check,) = results.rows(Verdict.FAILED)
    assert (check.required, check.observed) == (FAILED.required, FAILED.observed)
    assert check.waiver == "W1"
    assert results.waived == (check,)
    assert not results.failed


EXPIRED, UNUSED = WaiverState.EXPIRED, WaiverState.UNUSED
PASSED = finding_of("TXN-08")
OPEN = finding_of("TXN-08", Verdict.INCONCLUSIVE)


@pytest.mark.parametrize(
    ("finding", "changes", "state", "code"),
    [
        (FAILED, {}, WaiverState.IN_USE, ExitCode.CONFORMANT),
        (FAILED, {"expiry": "2027-03-30"}, EXPIRED, ExitCode.NON_CONFORMANT),
        (PASSED, {"expiry": "2027-03-30"}, EXPIRED, ExitCode.POLICY),
        (PASSED, {}, WaiverState.NO_LONGER_NEEDED, ExitCode.POLICY),
        (FAILED, {"condition": "something else"}, UNUSED, ExitCode.NON_CONFORMANT),
        (PASSED, {"check": "sample::other"}, UNUSED, ExitCode.POLICY),
        (OPEN, {}, WaiverState.UNDECIDED, ExitCode.POLICY),
    ],
)
def test_each_waiver_has_its_state(
    whole: Whole, finding: Finding, changes: dict[str, str], state: WaiverState, code: ExitCode
) -> None:
    results = whole(finding, waivers=[waiver_of(**changes)])
    assert [row.state for row in results.waivers] == [state]
    assert exit_code(results) == code
    stale = state not in (WaiverState.IN_USE, WaiverState.UNDECIDED)
    assert ("1 stale waiver" in results.verdict_line) == stale
    assert (f"W1 of TXN-08: {state}" in meaning(results)) == stale
    assert ("expired after 2027-03-30" in meaning(results)) == (state is EXPIRED)
    assert exit_code(compared(results, "none")) == ExitCode.CONFORMANT


@pytest.mark.parametrize("path", ["/srv/city/known.yaml", r"C:\city\known.yaml"])
def test_stale_waivers_are_named_with_their_file(whole: Whole, path: str) -> None:
    results = whole(PASSED, waivers=[waiver_of()])
    header = replace(results.header, profile={"settings": {"waivers": path}})
    said = "Remove, correct or renew 1 waiver in known.yaml (W1 of TXN-08: no longer needed)."
    assert meaning(replace(results, header=header)).endswith(said)


def test_a_stale_waiver_of_an_advisory_requirement_ends_with_policy(whole: Whole) -> None:
    failed = finding_of("USR-11", Verdict.FAILED, required="It is refused.")
    expired = waiver_of(requirement="USR-11", expiry="2027-01-01")
    results = whole(failed, waivers=[expired])
    assert (results.verdict, exit_code(results)) == (RunVerdict.CONFORMANT, ExitCode.POLICY)
    used = whole(failed, waivers=[waiver_of(requirement="USR-11")])
    assert (used.verdict, exit_code(used)) == (RunVerdict.CONFORMANT, ExitCode.CONFORMANT)
    assert exit_code(compared(used, "should")) == ExitCode.CONFORMANT


def test_a_part_of_the_suite_makes_no_waiver_stale(whole: Whole) -> None:
    results = whole(finding_of("USR-01"), waivers=[waiver_of()], partial=True)
    assert [row.state for row in results.waivers] == [WaiverState.UNDECIDED]
    part = whole(PASSED, waivers=[waiver_of(check="sample::other")], partial=True)
    assert [row.state for row in part.waivers] == [WaiverState.UNDECIDED]


def test_another_failure_of_the_requirement_is_not_waived(whole: Whole) -> None:
    other = finding_of("TXN-08", Verdict.FAILED, check="sample::b", required="A receipt is there.")
    results = whole(FAILED, other, waivers=[waiver_of()])
    assert results.verdict is RunVerdict.NON_CONFORMANT
    assert [each.id for each in results.failed] == ["sample::b"]
    assert exit_code(results) == ExitCode.NON_CONFORMANT


def test_a_check_of_two_requirements_needs_a_waiver_for_each(whole: Whole) -> None:
    both = finding_of(
        "TXN-08", Verdict.FAILED, requirements=("TXN-08", "TXN-09"), required="It is refused."
    )
    one = whole(both, waivers=[waiver_of()])
    assert one.verdict is RunVerdict.NON_CONFORMANT
    assert one.failed
    assert not one.waived
    two = whole(both, waivers=[waiver_of(), waiver_of(requirement="TXN-09")])
    assert two.verdict is RunVerdict.WITH_WAIVERS
    assert [each.waiver for each in two.waived] == ["W1, W2"]


def test_an_advisory_rest_of_a_waived_check_follows_the_gate(whole: Whole) -> None:
    both = finding_of(
        "TXN-08", Verdict.FAILED, requirements=("TXN-08", "USR-11"), required="It is refused."
    )
    results = whole(both, waivers=[waiver_of()])
    assert results.verdict is RunVerdict.WITH_WAIVERS
    assert exit_code(results) == ExitCode.CONFORMANT
    assert exit_code(compared(results, "should")) == ExitCode.NON_CONFORMANT


def test_every_report_shows_the_waiver_and_the_failure(whole: Whole, tmp_path: Path) -> None:
    results = whole(FAILED, waivers=[waiver_of(), waiver_of(requirement="TXN-09")])
    console = Console(file=io.StringIO(), width=200)
    print_results(results, {}, tmp_path, console)
    printed = console.file.getvalue()  # type: ignore[attr-defined]
    assert "waived by W1: Accepted." in printed
    for text in (page(results, {}), markdown(results), printed):
        for part in ("payments team", "The fix comes in March", DAY, "in use", "no longer needed"):
            assert part in text.replace("\\", ""), part
        assert "Accepted." in text.replace("\\", "")
    assert "certificate of conformance with waivers" in page(results, {})
    junit = write_junit(tmp_path, results, {}).read_text("utf-8")
    assert f'message="failed, waived by W1 until {DAY}: Accepted."' in junit
    home = write_allure(tmp_path, results, {})
    found = [json.loads(path.read_text("utf-8")) for path in home.glob("*-result.json")]
    (known,) = [each for each in found if each["fullName"] == FAILED.check]
    assert (known["status"], known["statusDetails"]["known"]) == ("failed", True)
    assert known["statusDetails"]["message"].startswith(f"waived by W1 until {DAY}\nrequired: ")


def test_results_keep_waivers_also_in_the_journal(a_run: Runner) -> None:
    folder, results, _ = a_run()
    document = json.loads((folder / "results.json").read_text("utf-8"))
    schema = json.loads(resources.file("templates", "results.schema.json").read_text("utf-8"))
    jsonschema.validate(document, schema)
    assert [row.state for row in results.waivers] == [WaiverState.IN_USE]
    (folder / "results.json").unlink()
    assert read(folder) == results
