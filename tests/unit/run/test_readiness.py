"""Whether a deployment can become CONFORMANT: what is missing, counted, with what helps."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from conformance.bbps.needs import REHEARSE
from conformance.core.requirements import Register
from conformance.doctor import Diagnostic, Examination, Prediction, State
from conformance.results.estimate import Estimate
from conformance.run.readiness import Readiness

WANTED = ("USR-01", "USR-11", "TXN-05", "RCP-02", "PAY-01")
BROKEN = Diagnostic(area="role", state=State.FAULT, what="a row is missing")
BLOCKING = Diagnostic(area="network", state=State.FAULT, what="no answer", blocking=True)
NO_CASHIER = Prediction(requirements=("PAY-01",), reason="no cashier", remedy="actors.cashier")
ADVISED = Prediction(requirements=("USR-11",), reason="no proxy", remedy="a proxy")
TOMORROW = Prediction(requirements=("RCP-02",), reason="the clock", remedy=REHEARSE)
NOTHING = Prediction(requirements=("PAY-01",), reason="no service takes it", exists=False)


def ready(
    *predictions: Prediction,
    faults: tuple[Diagnostic, ...] = (),
    over_two_days: bool = False,
    partial: bool = False,
    **estimate: Any,
) -> Readiness:
    usual = Estimate(
        seconds_by_check={"a": 60.0, "b": 60.0}, requests=40, rate=5, latency=0.1,
        wanted=Decimal(300), cap=Decimal(500), pays=True, bills=3,
    )  # fmt: skip
    return Readiness(
        examination=Examination(
            base_url="http://127.0.0.1:1", diagnostics=faults, detected="", predictions=predictions
        ),
        requirements=tuple(each for each in Register.load() if each.id in WANTED),
        estimate=replace(usual, **estimate),
        next_day={"RCP-02", "TXN-05"},
        over_two_days=over_two_days,
        paying={"TXN-05", "PAY-01"},
        partial=partial,
    )


def decided(readiness: Readiness) -> Mapping[str, str]:
    """Which requirements cannot be decided at once, and what is said of them."""
    rows = readiness.as_json()["requirements"]
    return {row["id"]: row["can_be_decided"] for row in rows if row["can_be_decided"] != "yes"}


def test_nothing_missing_can_become_conformant() -> None:
    readiness = ready()
    assert list(readiness.lines()) == [
        "Can be decided: USR-01, USR-11, TXN-05, RCP-02, PAY-01",
        "A run of 2 checks: about 40 requests, about 2 min at 100 ms per answer and at most 5 "
        "requests a second",
        "Money: about 300 rupees, never more than 500 (limits.rupees_per_run)",
        "Can become CONFORMANT.",
    ]
    assert decided(readiness) == {}


@pytest.mark.parametrize(
    ("readiness", "undecided", "last"),
    [
        (
            ready(NO_CASHIER),
            {"PAY-01": "no"},
            "Cannot become CONFORMANT, because 1 binding requirement would stay undecided "
            "(PAY-01).",
        ),
        (ready(ADVISED), {"USR-11": "no"}, "Can become CONFORMANT."),
        (ready(NOTHING), {"PAY-01": "not looked at"}, "Can become CONFORMANT."),
        (
            ready(TOMORROW, over_two_days=True),
            {"RCP-02": "on the next day", "TXN-05": "on the next day"},
            "Can become CONFORMANT, over two days: certify with --open, and settle the run on the "
            "next day. Until then TXN-05, RCP-02 stay undecided.",
        ),
        (
            ready(faults=(BROKEN, BROKEN), partial=True),
            {},
            "Cannot become CONFORMANT, because 2 faults must be repaired (role), and only a part "
            "of the suite is chosen.",
        ),
        (
            ready(faults=(BLOCKING,)),
            dict.fromkeys(WANTED, "no"),
            "Cannot become CONFORMANT, because 1 fault must be repaired (network).",
        ),
        (
            ready(left=1, bills=3),
            {"TXN-05": "no", "PAY-01": "no"},
            "Cannot become CONFORMANT, because 2 binding requirements would stay undecided "
            "(TXN-05, PAY-01).",
        ),
    ],
)
def test_verdict_that_can_be_had_is_the_last_line(
    readiness: Readiness, undecided: dict[str, str], last: str
) -> None:
    assert decided(readiness) == undecided
    assert list(readiness.lines())[-1] == last
    document = readiness.as_json()
    assert document["can_become_conformant"] is last.startswith("Can become")
    assert document["over_two_days"] is ("two days" in last)


def test_nothing_is_estimated_where_checks_cannot_start() -> None:
    assert list(ready(faults=(BLOCKING,)).lines()) == [
        "Checks cannot start before this is repaired: no answer.",
        "Cannot become CONFORMANT, because 1 fault must be repaired (network).",
    ]


@pytest.mark.parametrize(
    ("estimate", "reason", "remedy"),
    [
        (
            {"left": 1, "bills": 3},
            "the checks need about 3 bills, and the pool has 1 unused",
            "add 2 consumer codes to the file of bills.pool",
        ),
        (
            {"wanted": Decimal(900)},
            "the checks pay about ₹ 900, and a run may pay ₹ 500",
            "limits: {rupees_per_run: 900}, or a smaller bills.amount",
        ),
    ],
)
def test_shortage_is_counted(estimate: dict[str, Any], reason: str, remedy: str) -> None:
    (missing,) = ready(**estimate).missing
    assert (missing.reason, missing.remedy) == (reason, remedy)
    assert missing.requirements == ("TXN-05", "PAY-01")
    assert not ready(**{**estimate, "pays": False, "left": None}).missing
