"""Runs that need more than two parts: no case is lost before it is decided or its time is over."""

import json
from collections import defaultdict
from typing import Final

import pytest

from tests.end_to_end.conftest import DAY, OVERNIGHT, PARTIAL, WAITING, Place

FILED: Final = "conformance.run.session:Run:file:after"
EXAMINED: Final = "conformance.run.session:Run:begin:before"  # nothing of the part is written yet
KEPT: Final = "conformance.results.journal:Journal:case:after"
REPORTED: Final = "conformance.bbps.flow:Bbps:finish:after"  # decided by the target, not by the run


def waiting(place: Place) -> set[str]:
    """Return the checks that wait for another day, by the results."""
    return {
        id_ for id_, row in place.checks().items() if row["reason"].startswith("prepared today")
    }


def drawn_twice(place: Place) -> list[str]:
    """Return the consumer codes and user names that several checks requested of the run."""
    lines = (place.run / "ledger.jsonl").read_text("utf-8").splitlines()
    users: defaultdict[str, set[str]] = defaultdict(set)
    for each in map(json.loads, lines):
        if each["kind"] in {"demand", "account"}:
            users[each["key"]].add(each["check"])
    return [key for key, checks in users.items() if len(checks) > 1]


def test_what_is_postponed_again_is_settled_on_the_third_day(place: Place) -> None:
    place.killed_at(f"{KEPT}:3", "--open", *OVERNIGHT)
    place.advance(DAY)
    resumed = place.certify("--resume", "latest")  # prepares the others, a day later
    assert resumed.returncode == 4, resumed.stdout + resumed.stderr

    second = place.certify("--settle", "latest")

    assert second.returncode == 4, second.stdout + second.stderr
    assert 0 < len(waiting(place)) < WAITING
    assert f"--settle {place.results['run']}" in second.stdout
    assert place.results["verdict_line"].startswith(
        "REHEARSAL: PARTIAL RUN, no certificate: OPEN RUN, to be settled from "
    )
    early = place.certify("--settle", "latest")
    assert early.returncode == 2, early.stdout + early.stderr
    assert "it is too early" in early.stderr

    place.advance(DAY)
    third = place.certify("--settle", "latest")

    assert third.returncode == PARTIAL, third.stdout + third.stderr
    assert place.results["verdict"] == "PARTIAL"
    assert place.results["summary"]["passed"] >= WAITING
    assert "settle" not in place.results
    assert not drawn_twice(place)


def test_a_settlement_that_is_killed_anywhere_loses_no_case(place: Place) -> None:
    place.certify("--open", *OVERNIGHT)
    place.advance(DAY)
    place.killed_at(f"{EXAMINED}:1", "--settle", "latest")
    place.killed_at(f"{FILED}:1", "--settle", "latest")
    place.killed_at(f"{REPORTED}:1", "--settle", "latest")

    settled = place.certify("--settle", "latest")

    assert settled.returncode == 4, settled.stdout + settled.stderr
    (used_up,) = waiting(place)  # the kill came between the success and the verdict
    assert "used its case up without a verdict" in place.checks()[used_up]["reason"]
    place.advance(DAY)
    last = place.certify("--settle", "latest")
    assert last.returncode == PARTIAL, last.stdout + last.stderr
    assert place.results["verdict"] == "PARTIAL"
    assert place.results["summary"]["passed"] >= WAITING
    assert not drawn_twice(place)


def test_a_settlement_that_was_killed_can_be_resumed(place: Place) -> None:
    place.certify("--open", *OVERNIGHT)
    place.advance(DAY)
    place.killed_at(f"{FILED}:1", "--settle", "latest")
    resumed = place.certify("--resume", "latest")
    assert resumed.returncode == PARTIAL, resumed.stdout + resumed.stderr
    assert place.results["verdict"] == "PARTIAL"
    assert place.results["summary"]["passed"] >= WAITING
    again = place.certify("--settle", "latest")
    assert again.returncode == PARTIAL
    assert "is complete already" in again.stdout


@pytest.mark.parametrize("place", [{"zone": "UTC"}], indirect=True)
def test_where_bills_end_at_midnight_in_utc_the_run_waits_for_their_own_end(place: Place) -> None:
    """Services of one zone and receipts of another: the bills of a day end at 05:30 in India."""
    place.certify("--open", *OVERNIGHT)
    place.advance_to(2)

    at_two = place.certify("--settle", "latest")

    assert at_two.returncode == 4, at_two.stdout + at_two.stderr
    assert {id_.partition("[")[0] for id_ in waiting(place)} == {
        "deferred::late_success_is_receipted",
        "deferred::expired_bill_is_replaced",
        "deferred::expired_bill_takes_no_transaction",
        "scenarios::scenario",
    }
    assert place.results["summary"]["failed"] == 0
    assert " 05:3" in place.results["settle"]["from"]

    place.advance_to(6)
    at_six = place.certify("--settle", "latest")
    assert at_six.returncode == PARTIAL, at_six.stdout + at_six.stderr
    assert place.results["verdict"] == "PARTIAL"
    assert place.results["summary"]["passed"] >= WAITING
