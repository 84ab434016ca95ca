"""Errata: OpenAPI Overlay 1.0 documents whose actions carry `x-erratum`, and applying them.

An erratum is one action, or several in a row with the same id, of which the first states the
reason. Targets are JSONPath (RFC 9535).
"""

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from conformance.contracts.documents import Tree, read_file
from conformance.contracts.schemas import references
from conformance.core.errors import SetupError
from conformance.core.shapes import shaped

if TYPE_CHECKING:  # a run takes contracts that are corrected beforehand
    from jsonpath import CompoundJSONPath, JSONPath

LINEAGES: Final = frozenset({"strict", "digit-2.8", "digit-lts", "mseva"})
AUTO: Final = "auto"  # whatever holds for the strict or a stock line
STOCK: Final = LINEAGES - {"mseva"}


class _Shape(BaseModel):
    # Built when a file is read: most runs read none.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One change: `update` is merged into what `target` selects, or that is removed."""

    target: str
    update: Any = None
    remove: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Erratum:
    """One difference between a published contract and running DIGIT.

    `signs` says how a client recognises either form (see drift.py); without any, the erratum
    cannot be observed. An erratum without actions records behaviour that no document states.
    """

    id: str
    service: str
    reason: str
    lineages: frozenset[str]
    actions: tuple[Action, ...] = ()
    signs: tuple[Tree, ...] = ()

    @property
    def observable(self) -> bool:
        """Whether an answer can show which form a deployment follows."""
        return bool(self.signs)

    def as_row(self) -> Tree:
        """Return the erratum as plain JSON."""
        return {**asdict(self), "lineages": sorted(self.lineages)}

    @classmethod
    def of_row(cls, row: Tree) -> "Erratum":
        """Return the erratum that `as_row` gave."""
        return cls(
            **row
            | {
                "lineages": frozenset(row["lineages"]),
                "actions": tuple(Action(**each) for each in row["actions"]),
                "signs": tuple(row["signs"]),
            }
        )


def _version(value: str) -> str:
    if not value.startswith("1.0"):
        raise ValueError("is not version 1.0 of OpenAPI Overlay; write `overlay: 1.0.0`")
    return value


class _About(_Shape):
    """Which erratum an action belongs to; its first action says why, and for which lineages."""

    id: str
    reason: str = ""
    lineages: tuple[Literal["strict", "digit-2.8", "digit-lts", "mseva"], ...] = ()
    signs: tuple[Tree, ...] | Tree = ()


class _Action(_Shape):
    """One action of an overlay."""

    target: str
    about: _About = Field(alias="x-erratum")
    description: str = ""
    update: Any = None
    remove: bool = False


class _Overlay(_Shape):
    """An OpenAPI Overlay 1.0 document of errata."""

    overlay: Annotated[str, AfterValidator(_version)]
    info: Tree = {}
    extends: str = ""
    actions: tuple[_Action, ...]


def read_errata(path: Path, service: str) -> tuple[Erratum, ...]:
    """Read the errata of one overlay file; FileError with file and line if it is wrong."""
    file = read_file(path)
    overlay = shaped(file, _Overlay)
    groups: dict[str, list[int]] = {}
    for number, action in enumerate(overlay.actions):
        groups.setdefault(action.about.id, []).append(number)
    for id_, (first, *_) in groups.items():
        about = overlay.actions[first].about
        if not about.reason or not about.lineages:
            place = ("actions", first, "x-erratum")
            lacking = "reason" if not about.reason else "lineages"
            raise file.error(place, f"erratum {id_} has no {lacking}", "add what is missing")
    return tuple(
        _erratum(service, [overlay.actions[number] for number in numbers])
        for numbers in groups.values()
    )


def chosen(errata: Mapping[str, Erratum], choice: str | Sequence[str]) -> tuple[str, ...]:
    """Return the ids that a choice means, in the order of the errata.

    A choice is `auto`, or a list of ids, `auto` and `lineage:NAME`. SetupError if unknown.
    """
    wanted: set[str] = set()
    for each in [choice] if isinstance(choice, str) else choice:
        if each == AUTO:
            wanted |= {id_ for id_, erratum in errata.items() if erratum.lineages & STOCK}
        elif each.removeprefix("lineage:") in LINEAGES and each.startswith("lineage:"):
            lineage = each.removeprefix("lineage:")
            wanted |= {id_ for id_, erratum in errata.items() if lineage in erratum.lineages}
        elif each in errata:
            wanted.add(each)
        else:
            raise SetupError(
                f"errata: {each!r} is neither an erratum nor auto nor lineage:NAME; "
                "`contracts show` lists the errata"
            )
    return tuple(id_ for id_ in errata if id_ in wanted)


def apply(tree: Tree, errata: Iterable[Erratum]) -> list[str]:
    """Apply errata to a tree in place; return the ids of those that found nothing to correct.

    An erratum that builds on components which a document of other origin lacks is left out whole.
    """
    idle = []
    for erratum in errata:
        hits = [_founded(tree, erratum) and _applied(tree, each) for each in erratum.actions]
        if hits and not any(hits):
            idle.append(erratum.id)
    return idle


def _founded(tree: Tree, erratum: Erratum) -> bool:
    """Whether the tree, or the erratum itself, has every component that its updates refer to."""
    updates = [each.update for each in erratum.actions]
    made = {key for update in updates if isinstance(update, dict) for key in update}
    components = tree.get("components", {})
    return all(
        name in made or name in components.get(kind, {})
        for reference in references(updates)
        if reference.startswith("#/components/")
        for kind, name in [reference.split("/")[-2:]]
    )


def _applied(tree: Tree, action: Action) -> bool:
    places = select(tree, action.target)
    for holder, key in reversed(places):  # from the end, so that list indexes stay true
        if action.remove:
            del holder[key]
        elif action.update is not None:
            holder[key] = merged(holder[key], copy.deepcopy(action.update))
    return bool(places)


def select(tree: Tree, target: str) -> list[tuple[Any, Any]]:
    """Return what a target selects, as (holder, key) pairs in document order; SetupError."""
    found: list[tuple[Any, Any]] = []
    for match in _compiled(target).finditer(tree):
        if match.parent is None:
            found.append(({"$": tree}, "$"))
        else:
            found.append((match.parent.obj, match.parts[-1]))
    return found


def merged(node: Any, update: Any) -> Any:
    """Merge as Overlay 1.0 says; what a list holds already is not appended again."""
    if isinstance(node, dict) and isinstance(update, dict):
        return {
            **node,
            **{
                key: merged(node[key], value) if key in node else value
                for key, value in update.items()
            },
        }
    if isinstance(node, list):
        added = update if isinstance(update, list) else [update]
        return [*node, *(each for each in added if each not in node)]
    return update


@cache
def _compiled(target: str) -> "JSONPath | CompoundJSONPath":
    import jsonpath
    from jsonpath.exceptions import JSONPathError

    try:
        return jsonpath.compile(target, strict=True)
    except JSONPathError as problem:
        raise SetupError(
            f"target {target!r} is not a JSONPath: {problem.args[0]}", remedy="correct it"
        ) from None


def _erratum(service: str, actions: Sequence[_Action]) -> Erratum:
    about = actions[0].about
    return Erratum(
        id=about.id,
        service=service,
        reason=" ".join(about.reason.split()),
        lineages=frozenset(about.lineages),
        actions=tuple(
            Action(target=each.target, update=each.update, remove=each.remove)
            for each in actions
            if "update" in each.model_fields_set or each.remove
        ),
        signs=about.signs if isinstance(about.signs, tuple) else (about.signs,),
    )
