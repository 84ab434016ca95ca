"""The certificate page: whole, small, self-contained, and deaf to hostile text."""

import random
import re
import string
from html.parser import HTMLParser

import pytest

from conformance.core.requirements import Register
from conformance.core.verdicts import Level, Verdict
from conformance.report.certificate import page
from conformance.report.meaning import meaning
from tests.unit.conftest import HOSTILE, Runner, exchange_of, finding_of


class Tags(HTMLParser):
    """Collects tags with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def tags_of(text: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Tags()
    parser.feed(text)
    return parser.seen


def test_asks_for_nothing_outside_and_runs_nothing(a_run: Runner) -> None:
    _, results, exchanges = a_run()
    text = page(results, exchanges)
    tags = tags_of(text)
    assert not {"script", "img", "iframe", "object", "form", "a"} & {tag for tag, _ in tags}
    assert all(not name.startswith("on") for _, attributes in tags for name in attributes)
    assert [a["href"] for _, a in tags if "href" in a] == ["data:,"]
    assert "url(" not in text
    assert "@import" not in text


def test_hostile_text_is_shown_not_interpreted(a_run: Runner) -> None:
    _, results, exchanges = a_run()
    text = page(results, exchanges)
    assert HOSTILE not in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\\u202e" in text


def test_verdict_stands_first_and_failures_before_the_rest(a_run: Runner) -> None:
    _, results, exchanges = a_run()
    text = page(results, exchanges)
    places = [
        text.index(each)
        for each in (
            "<h1>NON-CONFORMANT</h1>",
            "What must be repaired",
            "Errors of the suite",
            "What could not be decided",
            "What was waived",
            "<h2>Requirements</h2>",
            "What does not apply",
            "<h2>Profile</h2>",
        )
    ]
    assert places == sorted(places)
    assert results.verdict_line in text
    assert "Payment gateway 1.0" in text
    assert "applied to the published documents: collection-03, pg-01" in text


def test_every_requirement_is_listed_with_its_verdict(a_run: Runner, register: Register) -> None:
    _, results, exchanges = a_run()
    text = page(results, exchanges)
    for each in register:
        assert f'<th scope="row">{each.id}</th>' in text
    assert len(re.findall(r'<tr class="not-covered">', text)) == len(register) - sum(
        bool(row.checks) for row in results.requirements
    )


def test_a_secret_of_the_profile_is_hidden_once_more(a_run: Runner) -> None:
    _, results, exchanges = a_run()
    text = page(results, exchanges)
    assert "actors.rival.password" in text
    assert "hunter2plain" not in text


@pytest.mark.parametrize("letters", ["<&", string.printable], ids=["markup", "incompressible"])
def test_stays_below_two_megabytes_however_much_was_exchanged(a_run: Runner, letters: str) -> None:
    ids = tuple(f"x{number}" for number in range(8))
    findings = [
        finding_of(
            "TXN-08",
            Verdict.FAILED,
            check=f"sample::{number}",
            title=f"Situation {number}",
            exchanges=ids,
        )
        for number in range(120)
    ]
    _, results, _ = a_run(findings)
    drawn = random.Random(0)  # noqa: S311  repeatable, no secret
    long = {
        id_: exchange_of(id_, "sample::0", response_body="".join(drawn.choices(letters, k=64_000)))
        for id_ in ids
    }
    text = page(results, long)
    assert len(text.encode()) < 2_000_000
    assert "more in exchanges.har" in text


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (Verdict.PASSED, "keeps every binding requirement that was checked"),
        (Verdict.FAILED, "should not take bill payments from BBPS yet"),
        (Verdict.INCONCLUSIVE, "could not be decided (TXN-08)"),
        (Verdict.ERROR, "says nothing about the deployment"),
    ],
)
def test_one_sentence_says_what_the_verdict_means(
    a_run: Runner, verdict: Verdict, words: str
) -> None:
    _, results, _ = a_run([finding_of("TXN-08", verdict)])
    assert words in meaning(results)


def test_a_full_pass_is_said_without_reserve(a_run: Runner, register: Register) -> None:
    _, results, _ = a_run([finding_of(each.id) for each in register])
    must = sum(each.level is Level.MUST for each in register)
    assert results.verdict_line == f"CONFORMANT, {must} of {must} binding requirements decided"
    assert "that was checked" not in meaning(results)


def test_a_pass_without_advisory_checks_says_so(a_run: Runner, register: Register) -> None:
    _, results, _ = a_run([finding_of(each.id) for each in register if each.level is Level.MUST])
    assert "keeps every binding requirement. " in meaning(results)
    assert "advisory requirements had no check in this run" in meaning(results)


def test_what_binds_is_reported_before_what_is_advised(a_run: Runner) -> None:
    findings = [finding_of("USR-11", Verdict.FAILED), finding_of("TXN-08", Verdict.FAILED)]
    _, results, exchanges = a_run(findings)
    text = page(results, exchanges)
    headings = re.findall(r"<h2>(What (?:must|should) .*?)</h2>", text)
    assert headings == ["What must be repaired", "What should be repaired"]
    assert text.index("<h3>TXN-08") < text.index("<h3>USR-11")


def test_a_conformant_page_calls_an_advisory_failure_advice(a_run: Runner) -> None:
    _, results, exchanges = a_run([finding_of("USR-11", Verdict.FAILED)])
    text = page(results, exchanges)
    assert "<h1>CONFORMANT</h1>" in text
    assert "What must be repaired" not in text
    assert "Advised, not binding" in text


def test_waivers_are_printed_with_owner_and_end(a_run: Runner) -> None:
    _, results, exchanges = a_run()
    text = page(results, exchanges)
    for part in ("W1: RCP-02", "payments team", "The fix is scheduled.", "9999-03-31", "in use"):
        assert part in text


def test_results_alone_make_the_page(a_run: Runner) -> None:
    _, results, _ = a_run()
    assert "<h3>TXN-08" in page(results, {})


def test_remarks_of_passed_checks_are_shown_once(a_run: Runner) -> None:
    remark = "55 generated requests: 3 accepted, 52 refused"
    shared = [
        finding_of(id_, title="Requests are sent. [transaction.create]", reason=remark)
        for id_ in ("CON-01", "CON-02")
    ]
    _, results, exchanges = a_run(shared)
    text = page(results, exchanges)
    assert text.count(remark) == 1
    assert f"CON-01, CON-02</th><td>transaction.create: {remark}" in text
