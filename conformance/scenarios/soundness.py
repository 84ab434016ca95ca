"""What must hold between the parts of a scenario, judged before anything is sent.

Every variable has a value by the time it is used, every requirement exists and is verified by some
expectation, steps are named once and come in the order of their days.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from string import Formatter
from typing import Any, Final

from conformance.contracts.endpoints import ENDPOINTS
from conformance.core.foreign_files import Place, file_in
from conformance.core.requirements import Register
from conformance.core.wording import did_you_mean
from conformance.scenarios.model import Expectation, Row, Scenario, Step
from conformance.scenarios.templates import VARIABLE, oddities_in, variables_in
from conformance.scenarios.values import OF_A_BILL, Generated

Problem = tuple[Place, str, str]  # where, what is wrong, what to do
# A variable -> what is inside its value, None where nobody knows before it is played.
Known = dict[str, Sequence[str] | None]
# What every scenario may use; `runner` has their values.
GIVEN: Final = frozenset({
    "tenant", "state_tenant", "business_service", "tax_head", "module", "amount", "gateway",
    "callback_url", "consumer_code", "period_from", "period_to", "id_parameter", "role",
    "status_parameter", "amount_parameter", "success", "failure",
})  # fmt: skip
ACTORS: Final = ("administrator", "anonymous", "cashier", "citizen", "integrator", "rival")
NAMED: Final = re.compile(r"[A-Za-z0-9_-]+")  # an actor, as a profile may call one
READERS: Final = ("readers.transactions", "readers.payments", "readers.demands")
OF_AN_ACTOR: Final = ("username", "password", "type", "tenant", "token")
DESCRIBING: Final = ("name", "description")  # texts in which nothing is replaced
A_VARIABLE: Final = "write a name of letters, digits and _ between {{ and }}"
GENERATES: Final = "generate it under `values`, or save it in an earlier step"


def problems(
    scenario: Scenario, folder: Path, register: Register, actors: Collection[str] | None = None
) -> Iterator[Problem]:
    """Yield what is unsound about a scenario; `folder` holds the files that it names.

    `actors` are those of the profile, where one is known.
    """
    yield from _of_requirements(scenario, register)
    yield from _of_rows((), scenario.foreach, named=True)
    yield from _of_steps(scenario, folder)
    yield from _of_actors(scenario, actors)
    yield from _of_variables(scenario, actors)


def claimed(scenario: Scenario) -> tuple[str, ...]:
    """Return the requirements that a scenario verifies, those of the whole first."""
    own = (id_ for _, each in expectations(scenario) for id_ in each.verifies)
    return tuple(dict.fromkeys((*scenario.requirements, *own)))


def expectations(scenario: Scenario) -> Iterator[tuple[Place, Expectation]]:
    """Yield each expectation that decides, with its place: those of preparations do not."""
    for number, step in enumerate(scenario.steps):
        if not step.prepares:
            place = ("steps", number)
            for index, each in enumerate(step.expected if not step.never else step.expect):
                yield (*place, "expect", index), each
            for index, each in enumerate(step.never):
                yield (*place, "never", index), each


def _of_requirements(scenario: Scenario, register: Register) -> Iterator[Problem]:
    for number, id_ in enumerate(scenario.requirements):
        yield from _unknown_requirement(("requirements", number), id_, register)
    for number, step in enumerate(scenario.steps):
        for key, several in (("expect", step.expect), ("never", step.never)):
            for index, each in enumerate(several):
                named: Place = ("steps", number, key, index, "verifies")
                if each.verifies and step.prepares:
                    yield named, "what is given verifies nothing", "leave out given, or verifies"
                for id_ in each.verifies:
                    yield from _unknown_requirement(named, id_, register)
    decided = list(expectations(scenario))
    if not claimed(scenario):
        remedy = "name what is broken where an expectation does not hold; `list` shows all of them"
        yield ("requirements",), "the scenario verifies no requirement", remedy
    elif not decided:
        yield ("steps",), "every step is given, so that nothing is decided", "leave one `given` out"
    elif scenario.requirements and all(each.verifies for _, each in decided):
        for number, id_ in enumerate(scenario.requirements):
            if not any(id_ in each.verifies for _, each in decided):
                message = f"no expectation verifies {id_}: each names others"
                yield ("requirements", number), message, "name it in `verifies`, or remove it"
    if not scenario.requirements:
        for place, each in decided:
            if not each.verifies:
                yield place, "it verifies nothing", "add `verifies`, or `requirements` at the top"


def _unknown_requirement(place: Place, id_: str, register: Register) -> Iterator[Problem]:
    if id_ not in register:
        hint = did_you_mean(id_.upper(), (each.id for each in register))
        remedy = hint or "`bbps-conformance list` shows all of them"
        yield place, f"{id_} is no requirement", remedy


def _of_rows(place: Place, rows: Sequence[Row], *, named: bool) -> Iterator[Problem]:
    for number, row in enumerate(rows):
        here = (*place, "foreach", number)
        if row.keys() != rows[0].keys() or not row:
            others = ", ".join(rows[0]) or "a column"
            yield here, f"the row has other columns than the first: {others}", "give each the same"
        elif named:
            name = row_name(row)
            if not isinstance(next(iter(row.values())), str | int):
                yield here, "its first column is no text, and names it", "begin with a text"
            elif name in map(row_name, rows[:number]):
                yield here, f"a second row is called {name!r}", "let the first column differ"


def row_name(row: Row) -> str:
    """Return the name of a row: its first column."""
    return str(next(iter(row.values()), ""))


def _of_steps(scenario: Scenario, folder: Path) -> Iterator[Problem]:
    names: list[str] = []
    day = 1
    for number, step in enumerate(scenario.steps):
        place = ("steps", number)
        if step.name in names:
            yield (*place, "name"), f"a second step is called {step.name!r}", "rename one"
        if step.day and step.day < day:
            message = f"day {step.day} comes after a step of day {day}"
            yield (*place, "day"), message, "put the steps into the order of their days"
        day = max(day, step.day)
        yield from _of_rows(place, step.foreach, named=False)
        yield from _of_contents(step, place, folder)
        for key, several in (("expect", step.expect), ("never", step.never)):
            for index, each in enumerate(several):
                for at, earlier in each.unchanged_since.items():
                    if earlier not in names:
                        yield (
                            (*place, key, index, "unchanged_since", *([at] if at else [])),
                            f"{earlier!r} is no earlier step",
                            did_you_mean(earlier, names) or "write the name of a step before",
                        )
        names.append(step.name)


def _of_contents(step: Step, place: Place, folder: Path) -> Iterator[Problem]:
    changes = [(place, step), *([((*place, "control"), step.control)] if step.control else [])]
    for here, each in changes:
        if each.file is not None and file_in(folder, each.file) is None:
            remedy = (
                "put it into the folder of the scenario, or below, and give its path from there"
            )
            yield (*here, "file"), f"there is no file {each.file} in that folder", remedy
    for here, each in changes:
        if each.content_type and (each.text, each.form, each.file) == (None, None, None):
            message = "content_type without text, form or file"
            yield (*here, "content_type"), message, "add what is of that type"
    if step.control is not None and not step.control.model_fields_set - {"status"}:
        yield (*place, "control"), "the control changes nothing", "say who may, or what is allowed"
    if step.call is None:
        if step.path:
            yield (*place, "path"), "a request has its path whole", "write it into request.path"
        return
    template = ENDPOINTS[step.call].path
    names = [name for _, name, _, _ in Formatter().parse(template) if name]
    for name in names:
        if name not in step.path:
            remedy = f"add path: {{{name}: ...}}"
            yield (*place, "path"), f"{step.call} goes to {template}, with no {name} given", remedy
    for name in step.path:
        if name not in names:
            remedy = did_you_mean(name, names) or "remove it"
            yield (*place, "path", name), f"{step.call} has no {name} in its path", remedy


def _of_actors(scenario: Scenario, actors: Collection[str] | None) -> Iterator[Problem]:
    """Yield every caller that no profile can have, or that this one and the suite do not know."""
    known = {*ACTORS, *READERS, *(actors or ())}
    for number, step in enumerate(scenario.steps):
        place: Place = ("steps", number)
        for here, name in (
            ((*place, "as"), step.as_),
            ((*place, "control", "as"), step.control.as_ if step.control else None),
        ):
            if name is None or name in known:
                continue
            if actors is not None or not NAMED.fullmatch(name):
                others = f"write one of {', '.join(sorted(known))}, or add it to the profile"
                yield here, f"{name!r} is no actor", did_you_mean(name, sorted(known)) or others


def _of_variables(scenario: Scenario, actors: Collection[str] | None) -> Iterator[Problem]:
    """Yield every use of a variable that has no value by then."""
    if actors is None:  # a profile may have them
        names = (name.partition(".") for name in variables_in(scenario.model_dump()))
        actors = {first for first, _, rest in names if rest in OF_AN_ACTOR}
    known: Known = dict.fromkeys({*ACTORS, *actors}, OF_AN_ACTOR)
    known |= dict.fromkeys(GIVEN, ())
    known |= dict.fromkeys(name for row in scenario.foreach for name in row)
    later = {name for step in scenario.steps for name in step.save}
    for name, value in scenario.values.items():
        node = value.model_dump(exclude_none=True) if isinstance(value, Generated) else value
        yield from _unknown(("values", name), node, known, later)
        known[name] = _inside(value)
    for number, step in enumerate(scenario.steps):
        place = ("steps", number)
        of_rows: Known = dict.fromkeys(name for row in step.foreach for name in row)
        for index, row in enumerate(step.foreach):
            yield from _unknown((*place, "foreach", index), row, known, later)
        yield from _of_uses(step, place, known | of_rows, later)
        known |= dict.fromkeys(step.save)


def _inside(value: Any) -> Sequence[str] | None:
    """Return what is inside a value of a scenario; None where nobody knows before it is played."""
    if isinstance(value, Generated):
        return OF_A_BILL if value.generate == "bill" else ()
    return None if isinstance(value, list) or VARIABLE.search(str(value)) else ()


def _of_uses(step: Step, place: Place, known: Known, later: set[str]) -> Iterator[Problem]:
    used = step.model_dump(by_alias=True, exclude_unset=True, exclude={*DESCRIBING, "foreach"})
    for key, node in used.items():
        if isinstance(node, Mapping):
            for inner, each in node.items():
                yield from _unknown((*place, key, inner), {inner: each}, known, later)
        else:
            yield from _unknown((*place, key), node, known, later)


def _unknown(place: Place, node: Any, known: Known, later: set[str]) -> Iterator[Problem]:
    for name in dict.fromkeys(variables_in(node)):
        first, _, rest = name.partition(".")
        if first in known:
            inside = known[first]
            if inside is OF_AN_ACTOR and not rest:
                yield place, f"{{{{{first}}}}} has no value", _one_of(first, inside)
            elif rest and inside is not None and rest not in inside:
                message = f"{{{{{first}}}}} has no {rest}"
                yield place, message, did_you_mean(rest, inside) or _one_of(first, inside)
        else:
            message = f"{{{{{name}}}}} has no value"
            if first in later:
                message += " yet: a later step saves it"
            yield place, message, did_you_mean(first, sorted(known)) or GENERATES
    for odd in dict.fromkeys(oddities_in(node)):
        yield place, f"{odd} is no variable", GENERATES if odd.startswith("{{$") else A_VARIABLE


def _one_of(name: str, inside: Sequence[str]) -> str:
    if not inside:
        return f"write {{{{{name}}}}} alone"
    return f"write one of {', '.join(f'{{{{{name}.{each}}}}}' for each in inside)}"
