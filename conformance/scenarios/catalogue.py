"""The scenario catalogue, and scenarios of the user's own: how files of them are read."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from conformance.core import foreign_files, resources
from conformance.core.errors import SetupError
from conformance.core.foreign_files import FileError, ForeignFile, Place
from conformance.core.parsing import Mistake
from conformance.core.requirements import Register
from conformance.core.shapes import shaped
from conformance.scenarios.model import Scenario
from conformance.scenarios.soundness import problems
from conformance.scenarios.typed_secrets import typed

SUFFIXES: Final = frozenset({".yaml", ".yml"})  # of scenarios in a folder; .json may be a body


def load(folder: Path | None = None) -> list[Scenario]:
    """Read every scenario of a folder (the shipped one); SetupError with every mistake."""
    return loaded([folder or resources.folder("scenarios")])


def loaded(
    places: Iterable[Path], actors: Collection[str] | None = None, naming: Collection[str] = ()
) -> list[Scenario]:
    """Read the scenarios of files, and of folders with all below them; SetupError.

    All mistakes of all files come in one message. `actors` are those of the profile, where one is
    known: steps name no others. A file that names none of the requirements `naming` is left out.
    """
    scenarios: dict[str, Scenario] = {}
    origins: dict[str, Path] = {}
    broken: list[FileError] = []
    register = Register.load()
    for path, folder in _files(places):
        if naming and not _names_one(path, naming):
            continue
        try:
            scenario = read(path, actors, register)
        except FileError as problem:
            broken.append(problem)
            continue
        name = scenario.name
        if name in origins and origins[name].resolve() != path.resolve():
            raise SetupError(
                f"{path}: a second scenario is called {name!r}",
                cause=f"the first is {origins[name]}",
                remedy="rename one",
            )
        area = path.parent.relative_to(folder).as_posix().removeprefix(".")
        scenarios[name] = scenario.placed(path.parent, area)
        origins[name] = path
    if broken:
        raise broken[0] if len(broken) == 1 else SetupError("\n".join(map(str, broken)))
    return list(scenarios.values())


def read(
    path: Path, actors: Collection[str] | None = None, register: Register | None = None
) -> Scenario:
    """Read one scenario; FileError with every mistake. `register` is the shipped one, if None."""
    register = register or Register.load()
    file = foreign_files.read(path)
    file.mapping("write a scenario; scenarios/README.md shows one")
    scenario = shaped(file, Scenario)
    found = [
        _mistake(file, place, message, remedy)
        for place, message, remedy in (
            *problems(scenario, path.parent, register, actors),
            *typed(scenario),
        )
    ]
    if found:
        raise FileError(path, *found)
    return scenario


def _files(places: Iterable[Path]) -> Iterator[tuple[Path, Path]]:
    """Yield each file with the folder that it was found in; SetupError where there is none."""
    for place in places:
        if not place.is_dir():
            yield place, place.parent
            continue
        found = [
            each
            for each in sorted(place.rglob("*"))
            if each.suffix.lower() in SUFFIXES and each.is_file() and each.name[0] != "."
        ]
        if not found:
            raise SetupError(
                f"{place}: holds no scenario", remedy="give a folder with files such as pay.yaml"
            )
        yield from ((each, place) for each in found)


def _names_one(path: Path, ids: Iterable[str]) -> bool:
    text = path.read_text(encoding="utf-8")
    return any(id_ in text for id_ in ids)


def _mistake(file: ForeignFile, place: Place, message: str, remedy: str) -> Mistake:
    return file.mistake(_written(place, file.value), message, remedy)


def _written(place: Place, document: Any) -> Place:
    """Return a place as the file has it: one that stands for a list of one has no number there."""
    kept: list[str | int] = []
    for part in place:
        if isinstance(part, int) and not isinstance(document, list):
            continue
        kept.append(part)
        try:
            document = document[part]
        except (KeyError, IndexError, TypeError):
            document = None
    return tuple(kept)
