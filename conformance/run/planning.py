"""What is known of a check before it runs: its name, its situation, its place in the plan."""

from typing import Any, Final

import pytest

from conformance.bbps.dimensions.times import STOPS
from conformance.run.parallel import parallel_group
from conformance.scenarios.plan import ScenarioCheck

# They judge what all other checks left behind.
LOOKING_BACK: Final = ("test_reconciliation", "test_audit", "test_contract_summary")
# Races want nobody else on the line. Shared state last: moving the clock expires others' bills.
LAST_MODULES: Final = ("test_races", "test_lifecycle", "test_deferred", "test_time", *LOOKING_BACK)


def requirements_of(item: pytest.Item) -> tuple[str, ...]:
    """Return the ids of the requirements that a check verifies; none if it is no check."""
    return tuple(id_ for mark in item.iter_markers("verifies") for id_ in mark.args)


def check_id(item: pytest.Item) -> str:
    """Return the name of a check, as results show it."""
    if (part := scenario_of(item)) is not None:
        return f"scenarios::scenario[{part.id}]"
    name = as_written(item.name.removeprefix("test_"))
    return f"{item.path.stem.removeprefix('test_')}::{name}"


def as_written(name: str) -> str:
    """Return a name in which pytest has escaped what is not ASCII, as it was written."""
    return name.encode("ascii").decode("unicode_escape") if name.isascii() else name


def scenario_of(item: pytest.Item) -> ScenarioCheck | None:
    """Return the scenario that a check plays, if it plays one."""
    callspec = getattr(item, "callspec", None)
    found = callspec.params.get("part") if callspec else None
    return found if isinstance(found, ScenarioCheck) else None


def waits_for_next_day(item: pytest.Item) -> bool:
    """Return whether a check waits for the next day in an open run."""
    part = scenario_of(item)
    return any(item.iter_markers("next_day")) or (part is not None and part.moves_the_clock)


def title_of(item: pytest.Item) -> str:
    """Return the check's situation: its docstring's first paragraph, with the parameter."""
    function: Any = getattr(item, "function", None)
    text = " ".join((function.__doc__ or item.name).partition("\n\n")[0].split())
    callspec = getattr(item, "callspec", None)
    if callspec is None:
        return text
    part = scenario_of(item)
    return f"{part.title if part else text} [{as_written(callspec.id)}]"


def place_of(item: pytest.Item) -> tuple[bool, int, int]:
    """Return a key that sorts the plan: independent checks first, those on shared state last.

    What disturbs others, or runs alone, comes between. The checks of a module that are tried at
    several times follow the clock. What is independent runs in parallel with what has the same
    place.
    """
    module = item.path.stem
    part = scenario_of(item)
    if part is not None and part.moves_the_clock:
        module = "test_deferred"
    last = LAST_MODULES.index(module) + 1 if module in LAST_MODULES else 0
    callspec = getattr(item, "callspec", None)
    stop = callspec.params.get("stop") if callspec else None
    return (
        parallel_group(item) is None or last > 0 or any(item.iter_markers("afterwards")),
        last,
        STOPS.index(stop) if stop in STOPS else -1,
    )
