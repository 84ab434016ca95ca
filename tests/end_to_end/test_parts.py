"""Runs in several parts: split over two days, or killed and continued; one verdict of the whole."""

import json
import re
import subprocess
import xml.etree.ElementTree as ET

import pytest

from conformance.results.journal import exchanges_of
from tests.end_to_end.conftest import DAY, LASTING, OVERNIGHT, PARTIAL, PASSWORD, WAITING, Place


def test_killed_gone_on_with_and_settled_a_run_is_one(place: Place) -> None:
    dry = ("--dry-run", "--format", "json", "--reports", "foreseen")
    foreseen = place.certify("--open", "--depth", "quick", *dry)
    assert foreseen.returncode == 0, foreseen.stdout + foreseen.stderr
    ready = json.loads(foreseen.stdout)
    place.killed("--open", "--depth", "quick", after=150)
    assert place.results["complete"] is False

    resumed = place.certify("--resume", "latest")

    assert resumed.returncode == 4, resumed.stdout + resumed.stderr
    assert re.search(r"Running \d+ checks: about \d+ requests, (about|less)", resumed.stdout)
    assert re.search(r"\[ *\d+/\d+, (about \d+ min|less than a minute) left\] ", resumed.stdout)
    day_one = place.results
    assert day_one["summary"]["planned"] == day_one["summary"]["executed"]
    assert day_one["summary"]["inconclusive"] == WAITING + LASTING
    assert {id_ for id_, verdict in place.verdicts().items() if verdict == "inconclusive"} == {
        "BIL-05", "BIL-06", "RCP-02", "RCP-04", "TXN-03", "TXN-04", "TXN-08", "TXN-09", "TXN-10",
        "TXN-12",
    }  # fmt: skip
    assert (ready["because"], ready["over_two_days"]) == (place.because, True)
    assert {row["id"] for row in ready["requirements"] if row["can_be_decided"] != "yes"} == {
        id_ for id_, verdict in place.verdicts().items() if verdict == "inconclusive"
    }
    assert day_one["verdict_line"].startswith("REHEARSAL: OPEN RUN, to be settled from ")
    assert "(Asia/Kolkata)" in day_one["settle"]["until"]
    assert day_one["settle"]["from"] in (place.run / "certificate.html").read_text("utf-8")
    assert f"--settle {day_one['run']}" in resumed.stdout

    place.advance(DAY)
    settled = place.certify("--settle", day_one["run"])

    assert settled.returncode == 0, settled.stdout + settled.stderr
    whole = place.results
    assert whole["verdict"] == "CONFORMANT"
    assert whole["verdict_line"].startswith("REHEARSAL: CONFORMANT, ")
    assert whole["summary"]["planned"] == whole["summary"]["executed"]
    assert whole["summary"]["inconclusive"] == 0
    assert whole["started"] == day_one["started"]
    assert "settle" not in whole
    page = (place.run / "certificate.html").read_text("utf-8")
    assert "<h1><small>Rehearsal</small> CONFORMANT</h1>" in page
    junit = ET.parse(place.run / "junit.xml").getroot()  # noqa: S314  # our own file
    assert len(list(junit.iter("testcase"))) == whole["summary"]["planned"]
    numbers = [each.id for each in exchanges_of(place.run)]
    assert len(set(numbers)) == len(numbers)
    late = place.checks()["deferred::late_success_is_receipted"]
    assert late["requests"] > 4  # those of both days
    assert not [name for name, text in place.files().items() if PASSWORD.encode() in text]


@pytest.mark.parametrize(
    ("place", "broken"),
    [
        (
            {
                "faults": (
                    "late-success-refused",
                    "receipt-dated-at-update",
                    "expired-bill-offered",
                )
            },
            {"RCP-02", "RCP-04", "BIL-06"},
        ),
        ({"faults": ("receipt-dated-at-bill",)}, {"RCP-02"}),
    ],
    indirect=["place"],
    ids=["three faults", "dated at the bill"],
)
def test_the_second_day_turns_red_on_faults(place: Place, broken: set[str]) -> None:
    assert place.certify("--open", *OVERNIGHT).returncode == 4
    place.advance(DAY)
    settled = place.certify("--settle", "latest")
    assert settled.returncode == 1, settled.stdout + settled.stderr
    failed = {id_ for id_, verdict in place.verdicts().items() if verdict == "failed"}
    assert broken <= failed


def test_too_early_says_when_and_changes_nothing(place: Place) -> None:
    opened = place.certify("--open", *OVERNIGHT)
    before = place.files()

    early = place.certify("--settle", "latest")

    assert early.returncode == 2
    assert re.search(r"too early: the run \S+ can be settled from \w{3} \d\d", early.stderr)
    assert "(Asia/Kolkata)" in early.stderr
    assert place.results["settle"]["from"] in opened.stdout
    assert place.files() == before
    resumed = place.certify("--resume", "latest")
    assert f"waits for its day from {place.results['settle']['from']}" in resumed.stdout
    assert "complete already" not in resumed.stdout


def test_a_run_of_two_days_expects_to_decide_what_the_second_day_decides(place: Place) -> None:
    opened = place.certify("--open", *OVERNIGHT)
    place.advance(DAY)
    settled = place.certify("--settle", "latest")
    for part in (opened, settled):
        assert "clock cannot be moved" not in part.stdout + part.stderr
        assert "MDM-" not in part.stderr  # nothing is said of what the run does not test
        assert "USR-" not in part.stderr


def test_settling_twice_is_harmless(place: Place) -> None:
    place.certify("--open", *OVERNIGHT)
    place.advance(DAY)
    first = place.certify("--settle", "latest")
    assert first.returncode == PARTIAL, first.stdout + first.stderr
    before = place.files()

    again = place.certify("--settle", "latest")

    assert again.returncode == PARTIAL
    assert "is complete already" in again.stdout
    assert place.files() == before


def test_a_missed_deadline_is_inconclusive_with_the_reason(place: Place) -> None:
    place.certify("--open", *OVERNIGHT)
    place.advance(6 * DAY)
    settled = place.certify("--settle", "latest")
    assert settled.returncode == 4, settled.stdout + settled.stderr
    verdicts = place.verdicts()
    assert (verdicts["RCP-02"], verdicts["RCP-04"]) == ("inconclusive", "passed")
    reason = place.checks()["deferred::receipt_day_is_the_creation_day[at noon]"]["reason"]
    assert reason.startswith("the case had to be settled until ")


def test_what_was_undone_meanwhile_is_inconclusive(place: Place) -> None:
    place.certify("--open", *OVERNIGHT)
    cleaned = subprocess.run(
        place.command("clean", "latest"),
        cwd=place.folder, env=place.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "undone" in cleaned.stdout, cleaned.stdout + cleaned.stderr
    place.advance(DAY)
    settled = place.certify("--settle", "latest")
    assert settled.returncode == 4, settled.stdout + settled.stderr
    assert place.results["summary"]["failed"] == 0
    assert place.results["summary"]["inconclusive"] == WAITING
    reasons = " ".join(row["reason"] for row in place.results["checks"])
    assert "became FAILURE since the run was opened" in reasons
    assert "paid or its demand cancelled" in reasons


def test_a_run_cleans_up_behind_itself_on_request(place: Place) -> None:
    done = place.certify("--depth", "quick", "--only", "TXN-06", "--clean")
    assert done.returncode == PARTIAL, done.stdout + done.stderr
    ((undone, left),) = re.findall(
        r"(\d+) undone, \d+ with nothing to do, (\d+) left to a person", done.stderr
    )
    assert int(undone) > 0
    assert "Remove what this run created" not in done.stdout
    again = subprocess.run(
        place.command("clean", "latest"),
        cwd=place.folder, env=place.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert re.search(rf"\n0 undone, \d+ with nothing to do, {left} left to a person$", again.stdout)


def test_a_run_that_is_to_be_settled_is_not_cleaned(place: Place) -> None:
    opened = place.certify("--open", *OVERNIGHT, "--clean")
    assert opened.returncode == 4
    assert "Not cleaned, because the run is still to be settled from " in opened.stderr
    place.advance(DAY)
    settled = place.certify("--settle", "latest", "--clean")
    assert settled.returncode == PARTIAL, settled.stdout + settled.stderr
    assert " left to a person\n" in settled.stderr


def test_a_run_that_was_not_opened_has_nothing_to_settle(place: Place) -> None:
    done = place.certify("--depth", "quick", "--only", "RCP-04")
    assert done.returncode == 4
    assert "--open" in done.stdout  # how to have it decided
    refused = place.certify("--settle", "latest")
    assert refused.returncode == 2
    assert "certify --open" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_run_that_is_still_going_on_is_left_alone(place: Place) -> None:
    with place.going_on("--depth", "quick", after=5) as process:
        refused = place.certify("--resume", "latest")
    assert refused.returncode == 2
    assert f"is still in progress, in process {process};" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_another_profile_is_refused_with_the_settings(place: Place) -> None:
    place.certify("--open", *OVERNIGHT)
    place.settings["bills"]["amount"] = 7
    place.settings["limits"]["retries"] = 1
    place.write()
    refused = place.certify("--settle", "latest")
    assert refused.returncode == 2
    assert "bills.amount: it was 100, now it is 7" in refused.stderr
    assert "limits.retries: it was 3, now it is 1" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--resume", "nowhere"), "no run 'nowhere'"),
        (("--resume", "latest", "--seed", "7"), "leave out --seed"),
        (("--settle", "latest", "--only", "RCP-02", "--open"), "leave out --only, --open"),
        (("--settle", "latest", "--resume", "latest"), "leave out --resume"),
    ],
)
def test_what_cannot_be_gone_on_with_is_one_message(
    place: Place, arguments: tuple[str, ...], message: str
) -> None:
    (place.folder / "reports/runs/some").mkdir(parents=True)
    (place.folder / "reports/latest").symlink_to("runs/some")
    refused = place.certify(*arguments)
    assert refused.returncode == 2
    assert message in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_run_of_the_embedded_reference_is_not_gone_on_with(place: Place) -> None:
    place.settings["base_url"] = "embedded"
    place.write()
    place.killed("--depth", "quick", after=5)
    refused = place.certify("--resume", "latest")
    assert refused.returncode == 2
    assert "start a new run" in refused.stderr


def test_a_run_that_planned_checks_of_another_version_is_refused(place: Place) -> None:
    place.killed("--depth", "quick", after=5)
    journal = place.run / "journal.jsonl"
    text = journal.read_text("utf-8")
    journal.write_text(text.replace('"deferred::', '"overnight::'), encoding="utf-8")
    refused = place.certify("--resume", "latest")
    assert refused.returncode == 2, refused.stderr
    assert "this version has no check overnight::" in refused.stderr
    assert "start a new run" in refused.stderr


def test_a_settlement_that_cannot_start_leaves_the_cases_alone(place: Place) -> None:
    place.certify("--open", *OVERNIGHT)
    place.advance(DAY)
    place.environment_of_today["ADMINISTRATOR"] = "Wrong@2024"
    refused = place.certify("--settle", "latest")
    assert refused.returncode == 2
    assert "administrator" in refused.stderr
    del place.environment_of_today["ADMINISTRATOR"]

    settled = place.certify("--settle", "latest")

    assert settled.returncode == PARTIAL, settled.stdout + settled.stderr
    assert place.results["verdict"] == "PARTIAL"


def test_where_the_clock_can_be_moved_nothing_is_left_to_another_day(place: Place) -> None:
    place.settings["clock_url"] = "/reference/clock"
    place.write()
    done = place.certify("--open", *OVERNIGHT)
    assert done.returncode == PARTIAL, done.stdout + done.stderr
    assert place.results["verdict"] == "PARTIAL"
    assert "settle" not in place.results
    again = place.certify("--settle", "latest")
    assert again.returncode == PARTIAL
    assert "is complete already" in again.stdout
