"""JUnit, HAR, Markdown, Allure: each reads back with the tools of its format."""

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from conformance.core.requirements import Register
from conformance.core.verdicts import Finding, Verdict
from conformance.report.allure import write_allure
from conformance.report.certificate import page
from conformance.report.har import write_har
from conformance.report.junit import write_junit
from conformance.report.markdown import markdown
from conformance.results.gating import compared
from tests.unit.conftest import MIXED, Runner, exchange_of, finding_of


def outcomes(path: Path) -> dict[str, str]:
    cases = ElementTree.parse(path).iter("testcase")  # noqa: S314  our own file
    return {
        case.attrib["name"]: next((e.tag for e in case if e.tag != "properties"), "passed")
        for case in cases
    }


def test_junit_tells_the_verdicts_apart(a_run: Runner) -> None:
    folder, results, exchanges = a_run()
    assert outcomes(write_junit(folder, results, exchanges)) == {
        "sample::usr-01": "passed",
        "sample::txn-08": "failure",
        "sample::usr-06": "error",
        "sample::pay-03": "skipped",
        "sample::rcp-02": "skipped",
        "sample::pay-12": "error",
    }


def test_junit_counts_add_up(a_run: Runner) -> None:
    folder, results, exchanges = a_run()
    root = ElementTree.parse(write_junit(folder, results, exchanges)).getroot()  # noqa: S314  our own file
    assert root.attrib["tests"] == str(len(MIXED))
    for name in ("tests", "failures", "errors", "skipped"):
        assert int(root.attrib[name]) == sum(int(suite.attrib[name]) for suite in root)


def test_junit_shows_a_problem_of_the_run_as_an_error(a_run: Runner) -> None:
    folder, results, exchanges = a_run([])
    assert outcomes(write_junit(folder, results, exchanges)) == {"complete-0": "error"}


def test_har_holds_every_exchange(a_run: Runner) -> None:
    folder, _, exchanges = a_run()
    silent = exchange_of("x9", "set-up", status=None, failure="refused", response_body="")
    archive = json.loads(write_har(folder, [*exchanges, silent]).read_text("utf-8"))["log"]
    assert archive["version"] == "1.2"
    assert len(archive["entries"]) == len(exchanges) + 1
    first, last = archive["entries"][0], archive["entries"][-1]
    assert first["request"]["queryString"] == [{"name": "eg_pg_txnid", "value": "T1"}]
    assert first["response"]["content"]["text"] == next(iter(exchanges)).response_body
    assert last["response"]["status"] == 0


def test_markdown_begins_with_the_verdict_and_interprets_nothing(a_run: Runner) -> None:
    _, results, _ = a_run()
    text = markdown(results)
    assert text.startswith("# NON-CONFORMANT, 3 of ")
    assert (
        text.index("* **TXN-08** (MUST) in 1 check")
        < text.index("## Undecided")
        < text.index("| TXN-08 |")
    )
    assert "<img" not in text.replace(r"\<img", "")
    assert "| MDM-01 | MUST | Master data | not covered | 0 |" in text


def test_markdown_names_each_requirement_and_each_reason_once(a_run: Runner) -> None:
    failed = [
        finding_of("TXN-08", Verdict.FAILED, check=f"sample::{n}", observed=f"no. {n}")
        for n in range(26)
    ]
    undecided = [
        finding_of(id_, Verdict.INCONCLUSIVE, check=f"sample::{id_}-{n}", reason="no address")
        for id_ in ("USR-06", "USR-07")
        for n in range(5)
    ]
    text = markdown(a_run([*failed, *undecided])[1])
    assert text.count("* **TXN-08**") == 1
    assert "* **TXN-08** (MUST) in 26 checks: " in text
    assert "  * Observed: no. 0\n" in text
    assert "* inconclusive, 10 checks of USR-06, USR-07: no address\n" in text


def test_markdown_stays_short_though_everything_is_red(a_run: Runner, register: Register) -> None:
    long = "as long as any " * 500
    findings = [
        finding_of(
            each.id, verdict, check=f"{each.id}::{n}-{verdict}", required=long, observed=long,
            reason=f"{n} of {each.id}: {long}", title=long,
        )
        for each in register
        for n in range(4)
        for verdict in (Verdict.FAILED, Verdict.INCONCLUSIVE)
    ]  # fmt: skip
    assert len(markdown(a_run(findings)[1]).encode()) < 60_000
    conformant = [finding_of(each.id) for each in register]
    assert len(markdown(a_run(conformant)[1]).encode()) < 10_000


def allure_results(home: Path) -> dict[str, dict[str, object]]:
    found = [json.loads(path.read_text("utf-8")) for path in home.glob("*-result.json")]
    return {each["fullName"]: each for each in found}


def test_allure_maps_verdicts_and_files_checks_under_requirements(a_run: Runner) -> None:
    folder, results, exchanges = a_run()
    found = allure_results(write_allure(folder, results, exchanges))
    statuses = {name: each["status"] for name, each in found.items()}
    assert statuses == {
        "sample::usr-01": "passed",
        "sample::txn-08": "failed",
        "sample::usr-06": "broken",
        "sample::pay-03": "skipped",
        "sample::rcp-02": "failed",
        "sample::pay-12": "broken",
    }
    labels = {(each["name"], each["value"]) for each in found["sample::txn-08"]["labels"]}
    assert ("epic", "Transaction") in labels
    assert ("severity", "critical") in labels
    assert ("story", "The situation of TXN-08") in labels


def test_allure_and_junit_say_until_when_a_failure_is_waived(a_run: Runner) -> None:
    folder, results, exchanges = a_run()
    home = write_allure(folder, results, exchanges)
    waived = allure_results(home)["sample::rcp-02"]
    assert waived["status"] == "failed"
    assert waived["statusDetails"]["known"] is True
    assert waived["statusDetails"]["message"].startswith(
        "waived by W1 until 9999-03-31\nrequired: "
    )
    assert {"name": "tag", "value": "waived"} in waived["labels"]
    cases = ElementTree.parse(write_junit(folder, results, exchanges)).iter("testcase")  # noqa: S314  our own file
    said = next(each for each in cases if each.attrib["name"] == "sample::rcp-02").find("skipped")
    assert said.attrib["message"].startswith("failed, waived by W1 until 9999-03-31: Dated today")


def test_each_allure_result_that_is_not_right_is_in_one_category(a_run: Runner) -> None:
    folder, results, exchanges = a_run()
    home = write_allure(folder, results, exchanges)
    categories = json.loads((home / "categories.json").read_text("utf-8"))
    found = {
        name: [
            each["name"]
            for each in categories
            if result["status"] in each["matchedStatuses"]
            and re.fullmatch(each["messageRegex"], result["statusDetails"]["message"])
        ]
        for name, result in allure_results(home).items()
        if result["status"] != "passed"
    }
    assert found == {
        "sample::txn-08": ["Non-conformance"],
        "sample::usr-06": ["Inconclusive"],
        "sample::pay-03": ["Not applicable"],
        "sample::rcp-02": ["Waived"],
        "sample::pay-12": ["Error of the suite"],
    }


@pytest.mark.parametrize(
    ("other", "status", "says"),
    [
        (Verdict.FAILED, "failed", "1 of 2 cases failed, first: case 1"),
        (Verdict.INCONCLUSIVE, "broken", "1 of 2 cases inconclusive, first: case 1"),
        (Verdict.PASSED, "failed", "1 of 2 cases waived, first: case 0"),
    ],
)
def test_a_waived_case_hides_no_other_in_allure(
    a_run: Runner, other: Verdict, status: str, says: str
) -> None:
    folder, results, exchanges = a_run(cases_of(Verdict.FAILED, other))
    first, second = results.checks
    results = replace(results, checks=(replace(first, waiver="W1"), second))
    story = allure_results(write_allure(folder, results, exchanges))["updates::owner"]
    assert story["status"] == status
    assert says in story["statusDetails"]["message"]
    assert story["steps"][0]["status"] == "failed"


def test_allure_steps_carry_request_answer_and_curl(a_run: Runner) -> None:
    folder, results, _ = a_run()
    exchanges = {
        "x-TXN-08": exchange_of(
            "x-TXN-08", "sample::txn-08", response_body='{"txnAmount": 100.10, "name": "é"}'
        )
    }
    home = write_allure(folder, results, exchanges)
    step = allure_results(home)["sample::txn-08"]["steps"][0]
    assert step["name"] == "transaction.update as rival: 200"
    attached = {
        each["name"]: (home / each["source"]).read_text("utf-8") for each in step["attachments"]
    }
    assert step["status"] == "failed"
    assert attached["request"].startswith("POST http://127.0.0.1:1/pg-service/")
    assert attached["response"].startswith("status 200\n")
    assert '\n  "name": ' in attached["response"], "JSON is indented"
    assert '"txnAmount": 100.10' in attached["response"], "as it was written"
    curl = next(each["value"] for each in step["parameters"] if each["name"] == "curl")
    assert "${RIVAL_TOKEN}" in curl
    assert "${RIVAL_TOKEN}" in allure_results(home)["sample::txn-08"]["description"]


def test_allure_attaches_one_sample_of_what_passed(a_run: Runner) -> None:
    titles = {"c::one": "One.", "c::two": "Two."}
    both = [finding_of("USR-01", check=check, title=title) for check, title in titles.items()]
    folder, results, exchanges = a_run(both)
    found = allure_results(write_allure(folder, results, exchanges))
    assert found["c::one"]["steps"][0]["attachments"]
    assert "steps" not in found["c::two"]


def cases_of(*verdicts: Verdict) -> list[Finding]:
    return [
        finding_of(
            "TXN-08",
            verdict,
            check=f"updates::owner[{number}]",
            title=f"It is tried. [case {number}]",
            required="Refused.",
            observed=f"Done {number}.",
        )
        for number, verdict in enumerate(verdicts)
    ]


def test_allure_shows_cases_as_steps_of_one_story(a_run: Runner) -> None:
    good, bad = Verdict.PASSED, Verdict.FAILED
    folder, results, exchanges = a_run(cases_of(good, bad, bad, good))
    found = allure_results(write_allure(folder, results, exchanges))
    assert list(found) == ["updates::owner"]
    story = found["updates::owner"]
    assert [each["status"] for each in story["steps"]] == ["passed", "failed", "failed", "passed"]
    assert [each["name"] for each in story["steps"]] == [f"case {number}" for number in range(4)]
    opened = story["steps"][1]["steps"]
    assert (opened[0]["status"], bool(opened[0]["attachments"])) == ("failed", True)
    assert "steps" not in story["steps"][2], "only the first that failed is shown in full"
    message = story["statusDetails"]["message"]
    assert message.startswith("required: Refused.\nobserved: Done 1.")
    assert "2 of 4 cases failed, first: case 1\nthe others: case 2" in message


def test_allure_history_does_not_depend_on_the_cases(a_run: Runner, tmp_path: Path) -> None:
    ids = set()
    for place, verdicts in enumerate(([Verdict.PASSED] * 3, [Verdict.FAILED])):
        _, results, exchanges = a_run(cases_of(*verdicts))
        found = allure_results(write_allure(tmp_path / str(place), results, exchanges))
        ids |= {each["historyId"] for each in found.values()}
    assert len(ids) == 1


def test_allure_sorts_by_area_and_requirement(a_run: Runner) -> None:
    folder, results, exchanges = a_run(cases_of(Verdict.PASSED))
    found = allure_results(write_allure(folder, results, exchanges))["updates::owner"]
    labels = {each["name"]: each["value"] for each in found["labels"]}
    assert labels["parentSuite"] == labels["epic"] == "Transaction"
    assert labels["suite"] == labels["feature"]
    assert (labels["story"], labels["tag"]) == ("It is tried.", "TXN-08")


def test_allure_text_of_a_deployment_ends_no_block(a_run: Runner) -> None:
    folder, results, _ = a_run([finding_of("TXN-08", Verdict.FAILED, observed="Done.")])
    hostile = exchange_of("x-TXN-08", "sample::txn-08", request_body="```\n# taken over\n")
    found = allure_results(write_allure(folder, results, {"x-TXN-08": hostile}))
    text = found["sample::txn-08"]["description"]
    assert "````sh\n" in text
    assert text.endswith("\n````")


def test_allure_history_ids_outlive_the_run(a_run: Runner, tmp_path: Path) -> None:
    _, results, exchanges = a_run([finding_of("USR-01")])
    first = allure_results(write_allure(tmp_path / "a", results, exchanges))
    _, later, again = a_run([finding_of("USR-01")], run="another")
    second = allure_results(write_allure(tmp_path / "b", later, again))
    assert first["sample::usr-01"]["historyId"] == second["sample::usr-01"]["historyId"]
    assert first["sample::usr-01"]["uuid"] != second["sample::usr-01"]["uuid"]


def test_allure_side_files_are_there(a_run: Runner) -> None:
    folder, results, exchanges = a_run()
    home = write_allure(folder, results, exchanges)
    assert "base_url=http\\://127.0.0.1\\:1" in (home / "environment.properties").read_text("utf-8")
    assert json.loads((home / "executor.json").read_text("utf-8"))["name"] == "bbps-conformance"
    categories = json.loads((home / "categories.json").read_text("utf-8"))
    assert [each["name"] for each in categories][:2] == ["Waived", "Non-conformance"]


def test_allure_features_fit_on_a_line(a_run: Runner) -> None:
    folder, results, exchanges = a_run()
    found = allure_results(write_allure(folder, results, exchanges))
    features = [
        label["value"]
        for each in found.values()
        for label in each["labels"]
        if label["name"] == "feature"
    ]
    assert len(features) == len(MIXED)
    assert max(map(len, features)) <= 90
    assert any(each.startswith("TXN-08 Only the creating user") for each in features)


def test_allure_shows_what_a_passed_check_remarked(a_run: Runner) -> None:
    remark = "55 generated requests: 3 accepted, 52 refused"
    folder, results, exchanges = a_run([finding_of("CON-01", reason=remark), finding_of("CON-02")])
    found = allure_results(write_allure(folder, results, exchanges))
    assert found["sample::con-01"]["statusDetails"]["message"] == remark
    assert "statusDetails" not in found["sample::con-02"]


def outcome(path: Path, name: str) -> tuple[str, str, str]:
    """Return tag and message of how a case ended, and its text."""
    cases = ElementTree.parse(path).iter("testcase")  # noqa: S314  our own file
    case = next(each for each in cases if each.attrib["name"] == name)
    ended = next(each for each in case if each.tag in ("failure", "error", "skipped"))
    return ended.tag, ended.attrib["message"], (ended.text or case.findtext("system-out") or "")


@pytest.mark.parametrize(
    ("level", "must", "should"),
    [
        ("must", "failure", "skipped"),
        ("should", "failure", "failure"),
        ("none", "skipped", "skipped"),
    ],
)
def test_junit_follows_the_gate(a_run: Runner, level: str, must: str, should: str) -> None:
    found = {"required": "Refused.", "observed": "Done."}
    findings = [finding_of(id_, Verdict.FAILED, **found) for id_ in ("TXN-08", "USR-11")]
    folder, results, exchanges = a_run(findings)
    path = write_junit(folder, compared(results, level), exchanges)
    assert outcomes(path) == {"sample::txn-08": must, "sample::usr-11": should}


@pytest.mark.parametrize("level", ["must", "should"])
def test_junit_gives_what_is_needed_to_act_on_a_failure(a_run: Runner, level: str) -> None:
    finding = finding_of("USR-11", Verdict.FAILED, required="Hidden.", observed="Shown.")
    folder, results, exchanges = a_run([finding])
    path = write_junit(folder, compared(results, level), exchanges)
    tag, message, text = outcome(path, "sample::usr-11")
    assert "Shown." in message
    assert ("does not gate" in message) == (tag == "skipped")
    for part in ("USR-11 (SHOULD)", "Hidden.", "usual cause: ", "x-USR-11", "curl", "RIVAL_TOKEN"):
        assert part in text


def test_junit_is_green_where_an_advisory_requirement_is_undecided(a_run: Runner) -> None:
    folder, results, exchanges = a_run([finding_of("USR-11", Verdict.INCONCLUSIVE, reason="none")])
    tag, message, _ = outcome(write_junit(folder, results, exchanges), "sample::usr-11")
    assert (tag, message) == ("skipped", "inconclusive, which does not gate: none")


def test_headline_names_advisory_failures_everywhere(a_run: Runner) -> None:
    _, results, exchanges = a_run([finding_of("USR-11", Verdict.FAILED)])
    sentence = "It breaks 1 advisory requirement (USR-11), which does not decide the verdict."
    for text in (markdown(results), page(results, exchanges)):
        assert "1 advisory requirement failed" in text
        assert sentence in text.replace("\\", "")
