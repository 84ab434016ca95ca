"""What the loader would refuse of a scenario that was imported, so that it is left out before."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from conformance.core.foreign_files import Place, dotted
from conformance.core.nesting import DEEPEST
from conformance.core.parsing import Mistake
from conformance.core.requirements import Register
from conformance.core.shapes import mistakes_of
from conformance.scenarios.model import Scenario
from conformance.scenarios.soundness import problems
from conformance.scenarios.templates import variables_in
from conformance.scenarios.typed_secrets import typed

TOO_DEEP: Final = f"it is nested more than {DEEPEST} levels deep"
ABOVE: Final = 2  # levels of a document above a step


def refused(
    document: Mapping[str, Any], register: Register, folder: Path | None = None
) -> dict[int, str]:
    """Return why steps would be refused, by their numbers: all of them for what no step has.

    `folder` has the files that steps name; None where they are yet to be written.
    """
    steps = document["steps"]
    deep = [number for number, step in enumerate(steps) if _deep(step, DEEPEST - ABOVE)]
    if deep:
        return dict.fromkeys(deep, TOO_DEEP)
    found: dict[int, str] = {}
    for place, message in _mistakes(document, register, folder or Path()):
        if folder is None and place[-1:] == ("file",):
            continue
        inside = place[2:] if place[:1] == ("steps",) else place
        for number in _steps_at(place, steps):
            found.setdefault(number, f"{dotted(inside)}{message}")
    return found


def _mistakes(
    document: Mapping[str, Any], register: Register, folder: Path
) -> Iterator[tuple[Place, str]]:
    try:
        scenario = Scenario.model_validate(document)
    except ValidationError as problem:
        made = mistakes_of(problem, Scenario, lambda _, *said: Mistake(*said), document=document)
        yield from ((place, mistake.message) for place, mistake in made)
    else:
        for place, message, _ in (*problems(scenario, folder, register), *typed(scenario)):
            yield place, message


def _steps_at(place: Place, steps: list[Mapping[str, Any]]) -> Iterator[int]:
    """Yield the numbers of the steps to which a mistake belongs."""
    match place:
        case ("steps", int(number), *_) if number < len(steps):
            yield number
        case ("values", name, *_):
            for number, step in enumerate(steps):
                if name in {each.partition(".")[0] for each in variables_in(step)}:
                    yield number
        case _:
            yield from range(len(steps))


def _deep(node: Any, levels: int) -> bool:
    """Whether lists and mappings stand in each other beyond some levels; nothing recursive."""
    level = [node]
    while level and levels:
        levels -= 1
        level = [
            part
            for each in level
            for part in (each.values() if isinstance(each, Mapping) else each)
            if isinstance(part, Mapping | list | tuple)
        ]
    return bool(level)
