"""Waiting: with a deadline, never longer than needed, and no longer than the delay measured."""

import time
from collections.abc import Callable

import pytest

from conformance.bbps.polling import GLANCES, Polling
from conformance.core.verdicts import Inconclusive
from conformance.profile.target import Limits


def polling(**limits: float) -> Polling:
    return Polling(Limits.model_validate({"settle_seconds": 0.3, "quiet_seconds": 0} | limits))


PATIENT = 10  # seconds, so that a busy machine is not too late


def after(seconds: float) -> Callable[[], bool]:
    due = time.monotonic() + seconds
    return lambda: time.monotonic() >= due


def test_what_shows_at_once_costs_one_look() -> None:
    diagnostics: list[int] = []
    assert polling().eventually(lambda: diagnostics.append(1) or True, bool, "it") is True
    assert len(diagnostics) == 1


def test_what_shows_late_is_seen_and_its_delay_remembered() -> None:
    ours = polling(settle_seconds=PATIENT)
    assert ours.eventually(after(0.1), bool, "it")
    assert ours.longest >= 0.1
    assert ours.quiet > ours.longest


def test_what_is_asked_of_the_deadline_measures_as_well() -> None:
    ours = polling(settle_seconds=PATIENT)
    assert ours.within_deadline(after(0.1), bool) == (True, True)
    assert ours.longest >= 0.1


def test_what_never_shows_measures_nothing() -> None:
    ours = polling(settle_seconds=0.05)
    ours.within_deadline(lambda: False, bool)
    assert ours.longest == 0.0


def test_what_never_shows_is_inconclusive_with_the_setting_to_change() -> None:
    with pytest.raises(Inconclusive, match=r"the receipt did not show.*settle_seconds"):
        polling(settle_seconds=0.05).eventually(lambda: 0, bool, "the receipt")


def test_deadline_hands_back_the_last_sight() -> None:
    assert polling(settle_seconds=0.05).within_deadline(lambda: 7, lambda seen: seen > 7) == (
        7,
        False,
    )


def test_a_change_within_the_quiet_time_is_seen() -> None:
    assert polling(quiet_seconds=PATIENT).lastingly(after(0.05), lambda seen: not seen) is True


def test_what_stays_is_watched_for_the_quiet_time_only() -> None:
    diagnostics: list[int] = []
    polling().lastingly(lambda: diagnostics.append(1), lambda _: True)
    assert len(diagnostics) == 1


def test_what_was_waited_since_the_last_act_counts() -> None:
    diagnostics: list[int] = []
    limits = Limits.model_validate({"quiet_seconds": 3600})
    an_hour_ago = time.monotonic() - 3600
    Polling(limits, lambda: an_hour_ago).lastingly(lambda: diagnostics.append(1), lambda _: True)
    assert len(diagnostics) == 1


def test_after_an_act_it_is_watched_for_what_is_left_of_the_quiet_time() -> None:
    limits = Limits.model_validate({"quiet_seconds": 0.3})
    acted = time.monotonic()
    Polling(limits, lambda: acted).lastingly(lambda: 0, lambda _: True)
    assert time.monotonic() - acted >= 0.3


def test_an_absence_is_looked_at_a_few_times_only() -> None:
    diagnostics: list[int] = []
    polling(quiet_seconds=0.3).lastingly(lambda: diagnostics.append(1), lambda _: True)
    assert len(diagnostics) <= GLANCES + 1


def test_what_shows_and_needs_no_watching_costs_one_look() -> None:
    diagnostics: list[int] = []
    value = polling().settled(lambda: diagnostics.append(1) or 7, bool, lambda _: True)
    assert (value, len(diagnostics)) == (7, 1)


def test_what_shows_is_watched_for_the_quiet_time() -> None:
    counted = iter(range(1, 100))
    ours = polling(quiet_seconds=PATIENT)
    assert ours.settled(lambda: next(counted), bool, lambda seen: seen < 3) == 3


def test_what_shows_and_does_not_hold_is_watched_no_longer() -> None:
    counted = iter(range(1, 100))
    assert polling(quiet_seconds=PATIENT).settled(lambda: next(counted), bool, lambda _: False) == 1
