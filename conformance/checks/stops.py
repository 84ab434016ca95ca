"""Tries a rule at several stops of the clock."""

import pytest

from conformance.bbps.dimensions.times import A_DAY, Stop


def at(*stops: Stop, next_day: bool = False) -> pytest.MarkDecorator:
    """Try a rule at some stops; the plan orders the checks of all rules by their stops.

    With `next_day`, what holds over a day later is looked at in a run of two days, too.
    """
    rows = [
        pytest.param(stop, marks=[pytest.mark.next_day] if next_day and stop is A_DAY else [])
        for stop in stops
    ]
    return pytest.mark.parametrize("stop", rows, ids=str)
