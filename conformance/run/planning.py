"""What is known of a check before it runs: its name, its situation, its place in the plan."""

from typing import Any, Final

import pytest

from conformance.bbps.dimensions.times import STOPS
from conformance.run.parallel import parallel_group
from conformance.scenarios.catalogue import Scenario

# They judge what all other checks left behind.
LOOKING_BACK: Final = ("test_reconciliation", "test_audit", "test_contract_summary")
# Shared state last: moving the clock expires other checks' bills.
LAST_MODULES: Final = ("test_lifecycle", "test_deferred", "test_time", *LOOKING_BACK)


def requirements_of(item: pytest.Item) -> tuple[str, ...]:
    """Return the ids of the requirements that a check verifies; none if it is no check."""
    return tuple(id_ for mark in item.iter_markers("verifies") for id_ in mark.args)


def check_id(item: pytest.Item) -> str:
    """Return the name of a check, as results show it."""
    return f"{item.path.stem.removeprefix('test_')}::{item.name.removeprefix('test_')}"


def title_of(item: pytest.Item) -> str:
    """Return the check's situation: its docstring's first paragraph, with the parameter."""
    function: Any = getattr(item, "function", None)
    text = " ".join((function.__doc__ or item.name).partition("\n\n")[0].split())
    callspec = getattr(item, "callspec", None)
    if callspec is None:
        return text
    titles = [each.title for each in callspec.params.values() if isinstance(each, Scenario)]
    return f"{titles[0] if titles else text} [{callspec.id}]"


def place_of(item: pytest.Item) -> tuple[bool, int, int]:
    """Return a key that sorts the plan: independent checks first, those on shared state last.

    The checks of a module that are tried at several times follow the clock.
    """
    module = item.path.stem
    last = LAST_MODULES.index(module) + 1 if module in LAST_MODULES else 0
    callspec = getattr(item, "callspec", None)
    stop = callspec.params.get("stop") if callspec else None
    return parallel_group(item) is None, last, STOPS.index(stop) if stop in STOPS else -1
