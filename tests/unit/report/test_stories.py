"""Checks as stories: cases stand under their situation, undecided checks under their reason."""

from conformance.core.verdicts import Verdict
from conformance.report.certificate import page
from conformance.report.stories import by_reason, case_of, stories, story_of, title_of
from conformance.results.model import CheckRow
from tests.unit.conftest import Runner, finding_of


def row(title: str, id_: str = "sample::one", reason: str = "") -> CheckRow:
    return CheckRow(
        id=id_, title=title, requirements=("TXN-08",), verdict=Verdict.FAILED, reason=reason
    )


def test_a_case_ends_the_sentence_of_its_situation() -> None:
    check = row("Somebody reports success. [a citizen, fresh]")
    assert title_of(check) == "Somebody reports success: a citizen, fresh"
    assert (story_of(check), case_of(check)) == ("Somebody reports success.", "a citizen, fresh")


def test_a_title_without_a_case_is_as_it_was() -> None:
    assert title_of(row("Somebody reports success.")) == "Somebody reports success."


def test_the_file_of_a_scenario_is_no_case() -> None:
    played = row("A bill is paid [cash, PAY-08]", "scenarios::scenario[cash, PAY-08]")
    assert title_of(played) == "A bill is paid: PAY-08"
    assert title_of(row("A bill is paid [cash]", "scenarios::scenario[cash]")) == "A bill is paid"


def test_cases_of_one_situation_stand_together() -> None:
    found = stories([row("One. [a]"), row("Two."), row("One. [b]")])
    assert [(each.title, len(each.checks)) for each in found] == [("One.", 2), ("Two.", 1)]


def test_the_most_frequent_reason_stands_first() -> None:
    found = by_reason([row("One.", reason="x"), row("Two.", reason="y"), row("Three.", reason="y")])
    assert [reason for reason, _ in found] == ["y", "x"]


def test_the_page_shows_the_first_case_and_counts_the_others(a_run: Runner) -> None:
    cases = [
        finding_of("TXN-08", Verdict.FAILED, check=f"c::{each}", title=f"It is tried. [{each}]")
        for each in ("first", "second", "third")
    ]
    _, results, exchanges = a_run(cases)
    text = page(results, exchanges)
    assert text.count("It is tried.") == 1
    assert "2 more cases failed" in text


def test_the_page_says_a_reason_once(a_run: Runner) -> None:
    reason = "no second address; add it"
    open_ones = [
        finding_of("USR-06", Verdict.INCONCLUSIVE, check=f"c::{each}", reason=reason)
        for each in range(5)
    ]
    _, results, exchanges = a_run(open_ones)
    text = page(results, exchanges)
    assert text.count(reason) == 1
    assert "5 checks for this reason" in text


def test_a_requirement_does_not_pass_and_not_apply_at_once(a_run: Runner) -> None:
    both = [
        finding_of("PAY-13", title="A mode is paid. [CASH]", check="c::1"),
        finding_of("PAY-13", Verdict.NOT_APPLICABLE, check="c::2", reason="no such mode here"),
        finding_of("PAY-03", Verdict.NOT_APPLICABLE, reason="no drafts here"),
    ]
    _, results, exchanges = a_run(both)
    text = page(results, exchanges)
    whole, single = text.partition("Single cases that do not apply")[::2]
    assert "no drafts here" in whole.partition("Requirements that do not apply")[2]
    assert "no such mode here" in single
    assert "no such mode here" not in whole
