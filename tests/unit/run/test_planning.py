"""The order of a plan: independent checks, those on shared state, and along the clock."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.bbps.dimensions.times import HOURS, YEARS
from conformance.run.planning import as_written, place_of


def item(module: str, *, independent: bool = False, **params: Any) -> pytest.Item:
    marks = {"independent": pytest.mark.independent.mark} if independent else {}
    return cast(
        pytest.Item,
        SimpleNamespace(
            path=Path(f"{module}.py"),
            name="test_x",
            nodeid=f"{module}::x",
            callspec=SimpleNamespace(params=params),
            get_closest_marker=marks.get,
            iter_markers=lambda name: [marks[name]] if name in marks else [],
        ),
    )


def test_checks_at_several_times_follow_the_clock_and_the_last_look_at_all() -> None:
    late, soon = item("test_time", stop=YEARS), item("test_time", stop=HOURS)
    end, first = item("test_reconciliation"), item("test_bill", independent=True)
    assert sorted([late, end, soon, first], key=place_of) == [first, soon, late, end]


@pytest.mark.parametrize("value", ["₹ 45", "a\\b", "a\nb", "नगर"])
def test_a_name_reads_as_it_was_written(value: str) -> None:
    escaped = value.encode("unicode_escape").decode("ascii")  # as pytest escapes it
    assert as_written(f"rule[{escaped}]") == f"rule[{value}]"
