"""Verdicts: the gravest holds, and nothing undecided or unexecuted certifies."""

import pytest

from conformance.core.verdicts import (
    Inconclusive,
    Level,
    RunVerdict,
    Verdict,
    Violation,
    certify,
    gravest,
)

LEVELS = {"M": Level.MUST, "N": Level.MUST, "S": Level.SHOULD}


def test_the_gravest_verdict_holds() -> None:
    assert gravest(Verdict) is Verdict.FAILED
    assert gravest([Verdict.PASSED, Verdict.NOT_APPLICABLE]) is Verdict.PASSED
    assert gravest([Verdict.PASSED, Verdict.INCONCLUSIVE]) is Verdict.INCONCLUSIVE


def test_nothing_executed_is_inconclusive() -> None:
    assert gravest([]) is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ({"M": Verdict.PASSED}, RunVerdict.CONFORMANT),
        ({"M": Verdict.WAIVED, "N": Verdict.NOT_APPLICABLE}, RunVerdict.WITH_WAIVERS),
        ({"M": Verdict.PASSED, "S": Verdict.WAIVED}, RunVerdict.CONFORMANT),
        ({"M": Verdict.WAIVED, "N": Verdict.INCONCLUSIVE}, RunVerdict.INCONCLUSIVE),
        ({"M": Verdict.WAIVED, "N": Verdict.FAILED}, RunVerdict.NON_CONFORMANT),
        ({"M": Verdict.PASSED, "S": Verdict.FAILED}, RunVerdict.CONFORMANT),
        ({"M": Verdict.PASSED, "S": Verdict.INCONCLUSIVE}, RunVerdict.CONFORMANT),
        ({"M": Verdict.INCONCLUSIVE, "N": Verdict.PASSED}, RunVerdict.INCONCLUSIVE),
        ({"M": Verdict.INCONCLUSIVE, "N": Verdict.ERROR}, RunVerdict.ERROR),
        ({"M": Verdict.PASSED, "S": Verdict.ERROR}, RunVerdict.ERROR),
        ({"M": Verdict.FAILED, "N": Verdict.ERROR}, RunVerdict.NON_CONFORMANT),
    ],
)
def test_a_run_is_concluded(verdicts: dict[str, Verdict], expected: RunVerdict) -> None:
    assert certify(LEVELS, verdicts, executed=len(verdicts)) is expected


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (Verdict.PASSED, RunVerdict.PARTIAL),
        (Verdict.WAIVED, RunVerdict.PARTIAL),
        (Verdict.FAILED, RunVerdict.NON_CONFORMANT),
        (Verdict.INCONCLUSIVE, RunVerdict.INCONCLUSIVE),
        (Verdict.ERROR, RunVerdict.ERROR),
    ],
)
def test_a_part_of_the_suite_never_ends_conformant(verdict: Verdict, expected: RunVerdict) -> None:
    assert certify(LEVELS, {"M": verdict}, executed=1, partial=True) is expected


def test_zero_executed_checks_never_pass() -> None:
    assert certify(LEVELS, {}, executed=0) is RunVerdict.ERROR


def test_a_violation_is_an_assertion_with_both_halves() -> None:
    violation = Violation("refused", "done")
    assert isinstance(violation, AssertionError)
    assert str(violation) == "required: refused\nobserved: done"


def test_inconclusive_carries_its_remedy() -> None:
    assert str(Inconclusive("no rival", "add actors.rival")) == "no rival; add actors.rival"
    assert str(Inconclusive("no rival")) == "no rival"
