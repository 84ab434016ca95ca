"""Certifies the cities of a plan that have no result yet, and keeps each result at once."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path

from conformance import __version__
from conformance.core.errors import SetupError
from conformance.fleet.engines import Begun, Engine, unheard
from conformance.fleet.folder import keep, require_as_run
from conformance.fleet.plan import FleetPlan
from conformance.fleet.task import FILE, CityResult, CityTask, read_result


def left_of(plan: FleetPlan, home: Path, again: Sequence[str] = ()) -> list[CityTask]:
    """Return the tasks of the cities that have no result yet, or are to be certified again.

    A result is kept where the deployment was judged, by the same suite and for the same task.
    `again` are names of cities, or patterns; SetupError for one that fits no city, and for a result
    that would be kept although its run says something else. Those that wait for another day are
    left to settle them, and only then.
    """
    names = [member.city.name for member in plan.members]
    for pattern in again:
        if not any(fnmatchcase(name, pattern) for name in names):
            raise SetupError(f"--again {pattern!r} is no city of {plan.fleet.path}")
    return [
        task
        for task in plan.tasks(home)
        if any(fnmatchcase(task.city, pattern) for pattern in again) or _is_left(task)
    ]


def _is_left(task: CityTask) -> bool:
    result = read_result(task.folder)
    left = _is_wanted(task, result)
    if result is not None and not left:
        require_as_run(task.folder, result)
    return left


def _is_wanted(task: CityTask, result: CityResult | None) -> bool:
    if task.settle:
        return result is not None and bool(result.settle)
    if result is None or not result.final:
        return True
    if result.settle:  # it waits for its day; a new run would leave its cases behind
        return False
    return not _is_of(result, task)


def _is_of(result: CityResult, task: CityTask) -> bool:
    """Whether a result is of this task and suite, with the files as they are now, and valid."""
    before = result.task, result.files, result.suite
    now = task.checksum, task.files, __version__
    return before == now and not result.expired(datetime.now(UTC).date())


def set_aside(tasks: Sequence[CityTask]) -> bool:
    """Delete results that are of other settings or too old, so that nothing counts them.

    Return whether there were any.

    SetupError for one that cannot be read; OSError.
    """
    found = False
    for task in tasks:
        result = None if task.settle else read_result(task.folder)
        if result is not None and not _is_of(result, task):
            (task.folder / FILE).unlink()
            found = True
    return found


def certified(
    tasks: Sequence[CityTask], plan: FleetPlan, engine: Engine, begun: Begun = unheard
) -> Iterator[CityResult]:
    """Certify cities, and yield what each came to once it is written down; OSError.

    `begun` hears of each city that begins. KeyboardInterrupt comes after the results of the cities
    that were under way.
    """
    by_city = {task.city: task for task in tasks}
    for result in engine.run(tasks, plan.limits, begun):
        yield keep(by_city[result.city].folder, _standing(by_city[result.city], result))


def _standing(task: CityTask, result: CityResult) -> CityResult:
    """Return what stands of a city: an open run that could not be settled waits as before."""
    before = read_result(task.folder) if task.settle and not result.verdict else None
    return replace(before, error=result.error, seconds=result.seconds) if before else result
