"""The cities of a fleet, as YAML or CSV: read whole, with all mistakes together.

A profile is the template of all; each city replaces some settings. Secrets stand in neither: they
are named by `${VARIABLE}` or `file:PATH`, as in a profile, and read where a city is certified.
"""

import copy
import csv
import hashlib
import json
import os
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic import Field, ValidationError

from conformance.core.errors import SetupError
from conformance.core.foreign_files import FileError, dotted, read, read_text
from conformance.core.parsing import Mistake
from conformance.core.shapes import mistakes_of, nearest
from conformance.profile.loading import literal_secrets, movable, target_of
from conformance.profile.placeholders import placeholders
from conformance.profile.section import Section
from conformance.profile.target import Mode, Target

OWN: Final = ("name", "base_url", "tenant")  # columns that are no settings of their own
OF_THE_CITY: Final = ("name", "tenant")  # which no template has
LONGEST_NAME: Final = 60  # characters; a folder takes 255 bytes
SIGNS: Final = " ._-"  # of a name, beside letters and digits of any script
TOP: Final = ("template", "cities")


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """One city of the inventory; its name is also that of its folder.

    `overrides` are settings that replace those of the template, by places such as `bills.amount`.
    """

    name: str
    base_url: str
    tenant: str
    overrides: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A city with its profile: as data, without secrets, and as the target that it describes."""

    city: City
    profile: Mapping[str, Any]
    target: Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """The cities in the order of the file; `unset` are variables that profiles name, without value.

    They may be set elsewhere: where the cities are certified. `checksum` is that of what the file
    and its template say.
    """

    path: Path
    members: tuple[Member, ...]
    unset: tuple[str, ...]
    checksum: str


class _Row(Section):
    """What one city is given."""

    name: str = Field(min_length=1)
    base_url: str = ""
    tenant: str = Field(min_length=1)
    overrides: dict[str, Any] = Field(default={})


@dataclass(frozen=True, slots=True)
class _Given:
    """A row as it stands in the file; `mistake` makes one of it, at a setting, with its line."""

    value: Any
    mistake: Callable[[str, str, str], Mistake]


class _Variables(Mapping[str, str]):
    """The environment, in which every variable has some value; notes those that have none."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.unset: dict[str, None] = {}

    def __getitem__(self, name: str) -> str:
        if name not in self._environ:
            self.unset[name] = None
        return self._environ.get(name, "unset")

    def __contains__(self, name: object) -> bool:
        return bool(name in self._environ or self[str(name)])

    def __iter__(self) -> Iterator[str]:
        return iter(self._environ)

    def __len__(self) -> int:
        return len(self._environ)


def read_fleet(
    path: Path, template: Path | None = None, environ: Mapping[str, str] | None = None
) -> Fleet:
    """Read a fleet: YAML with `template` and `cities`, or CSV with a header; FileError with all.

    `template` replaces that of the file; a CSV file names none. SetupError where there is none.
    """
    variables = _Variables(os.environ if environ is None else environ)
    rows, mistakes, named = _csv(path) if path.suffix.lower() == ".csv" else _yaml(path)
    template = template or named
    if template is None:
        if mistakes:
            raise FileError(path, *mistakes)
        raise SetupError(
            f"{path}: names no template",
            remedy="give --template PROFILE, a profile with what all cities share",
        )
    profile_file = read(template)
    base = movable(profile_file.mapping("write a profile"), template.parent)
    members: list[Member] = []
    wrong: list[tuple[_Given, str, str, str]] = []
    taken: dict[str, str] = {}
    for row in rows:
        found = list(_row_mistakes(row))
        if not found:
            city = _city(row.value, base)
            found += _name_mistakes(city.name, taken)
            profile = _profile(city, base)
            target, of_profile = _target(profile, variables, path.parent)
            found += of_profile
            if target is not None:
                members.append(Member(city=city, profile=profile, target=target))
        wrong += [(row, *each) for each in found]
    mistakes += _together(wrong, len(rows), template)
    if mistakes:
        raise FileError(path, *mistakes)
    said = json.dumps([profile_file.sha256, *(row.value for row in rows)], default=str)
    return Fleet(
        path=path,
        members=tuple(members),
        unset=tuple(variables.unset),
        checksum=hashlib.sha256(said.encode()).hexdigest(),
    )


def _yaml(path: Path) -> tuple[list[_Given], list[Mistake], Path | None]:
    """Return the rows of a YAML file, what is wrong with its top level, and its template."""
    file = read(path)
    document = file.mapping("write `template: PROFILE` and `cities:` with a list below it")
    mistakes = [
        file.mistake((key,), "is not a known setting", nearest(key, TOP))
        for key in document
        if key not in TOP
    ]
    cities, template = document.get("cities"), document.get("template")
    if template is not None and (not isinstance(template, str) or not template):
        mistakes.append(file.mistake(("template",), "is no path", "write the path of a profile"))
        template = None
    if not isinstance(cities, list) or not cities:
        remedy = "write one city per item, each after a dash"
        raise FileError(path, *mistakes, file.mistake(("cities",), "is no list of cities", remedy))

    def given(number: int, value: Any) -> _Given:
        def mistake(key: str, message: str, remedy: str) -> Mistake:
            place: list[str | int] = ["cities", number, *filter(None, key.split("."))]
            name = value.get("name") if isinstance(value, dict) else None
            of = f"city {name}: " if name else f"city {number + 1}: "
            return Mistake(f"{of}{message}", remedy, file.line(place))

        return _Given(value, mistake)

    rows = [given(number, value) for number, value in enumerate(cities)]
    return rows, mistakes, path.parent / template if template else None


def _csv(path: Path) -> tuple[list[_Given], list[Mistake], None]:
    """Return the rows of a CSV file; an empty cell leaves the setting as the template has it."""
    reader = csv.reader(read_text(path).splitlines(keepends=True), strict=True)
    rows: list[_Given] = []
    mistakes: list[Mistake] = []
    try:
        header = [cell.strip() for cell in next(reader, [])]
        for name in ("name", "tenant"):
            if name not in header:
                raise FileError(path, Mistake(f"has no column {name}", "name it in line 1", 1))
        for name, count in Counter(header).items():
            if count > 1 or not name:
                what = f"the column {name} stands twice" if name else "a column has no name"
                mistakes.append(Mistake(what, "correct the header", 1))
        for cells in reader:
            line = reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                message = f"has {len(cells)} cells, and the header names {len(header)} columns"
                mistakes.append(Mistake(message, "correct the row", line))
                continue
            rows.append(_of_cells(dict(zip(header, map(str.strip, cells), strict=True)), line))
    except csv.Error as problem:
        message = f"is no CSV: {problem}"
        raise FileError(path, Mistake(message, "correct the line", reader.line_num)) from None
    if not rows and not mistakes:
        mistakes.append(Mistake("holds no city", "write one row per city", 1))
    return rows, mistakes, None


def _of_cells(cells: Mapping[str, str], line: int) -> _Given:
    settings = {key: cell for key, cell in cells.items() if cell and key not in OWN}
    own = {key: cells[key] for key in OWN if cells.get(key)}

    def mistake(_: str, message: str, remedy: str) -> Mistake:
        of = f"city {own['name']}: " if own.get("name") else ""
        return Mistake(f"{of}{message}", remedy, line)

    return _Given({**own, "overrides": settings} if settings else own, mistake)


def _row_mistakes(row: _Given) -> Iterator[tuple[str, str, str]]:
    """Yield key, message and remedy of each mistake in the form of a row."""
    try:
        _Row.model_validate(row.value)
    except ValidationError as problem:
        for place, found in mistakes_of(
            problem, _Row, lambda _, message, remedy: Mistake(message, remedy)
        ):
            yield ".".join(map(str, place)), f"{dotted(place)}{found.message}", found.remedy
        return
    for key in row.value.get("overrides") or {}:
        if key in OWN:
            yield "overrides", f"{key} stands in overrides", "write it next to the name of the city"


def _city(value: Any, base: Mapping[str, Any]) -> City:
    row = _Row.model_validate(value)
    return City(
        name=unicodedata.normalize("NFC", row.name),
        base_url=row.base_url or str(base.get("base_url", "")),
        tenant=row.tenant,
        overrides=row.overrides,
    )


def _name_mistakes(name: str, taken: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with the name of a city, and note that it is taken."""
    if len(name) > LONGEST_NAME:
        yield "name", f"the name has {len(name)} characters", f"write at most {LONGEST_NAME}"
    strange = [each for each in name if unicodedata.category(each)[0] not in "LMN"]
    odd = [each for each in strange if each not in SIGNS]
    if odd or name[0] in SIGNS or name[-1] in SIGNS:
        what = f"the name {name!r} cannot be that of a folder"
        yield "name", what, "write letters and digits; blanks, dots and hyphens between them"
    other = taken.setdefault(name.casefold(), name)
    if other is not name:
        also = "" if other == name else f", as {other!r} where a disk does not distinguish capitals"
        yield "name", f"the name {name!r} stands twice{also}", "give each city a name of its own"


def _profile(city: City, base: Mapping[str, Any]) -> dict[str, Any]:
    """Return the profile of a city: the template with what the city replaces."""
    profile = copy.deepcopy(dict(base))
    for place, value in city.overrides.items():
        _put(profile, place.split("."), value)
    return {
        **profile,
        "name": city.name,
        "base_url": city.base_url,
        "tenant": city.tenant,
        "mode": profile.get("mode", str(Mode.INSPECT)),
    }


def _put(node: dict[str, Any], place: Sequence[str], value: Any) -> None:
    """Replace a setting; of a mapping only what is given, and null takes a setting away."""
    key, *rest = place
    if rest or isinstance(value, Mapping):
        inner = node.get(key)
        inner = node[key] = dict(inner) if isinstance(inner, dict) else {}
        below = {".".join(rest): value} if rest else value
        for name, each in below.items():
            _put(inner, name.split(".") if rest else [name], each)
    elif value is None:
        node.pop(key, None)
    else:
        node[key] = value


def _target(
    profile: Mapping[str, Any], variables: Mapping[str, str], folder: Path
) -> tuple[Target | None, list[tuple[str, str, str]]]:
    """Return the target that a profile describes, and what is wrong with it."""
    found = [
        ("overrides", f"{dotted(place)}the profile contains a secret", remedy)
        for place, remedy in literal_secrets(profile)
    ]
    target = None
    try:
        target = target_of(profile, variables, folder)
    except FileError as problem:
        found += [("overrides", each.message, each.remedy) for each in problem.mistakes]
    if target is not None and not target.loopback:
        found += [
            ("overrides", f"{dotted(place)}{message}", remedy)
            for place, message, remedy in placeholders(profile)
        ]
    return target, found


def _together(
    wrong: Sequence[tuple[_Given, str, str, str]], rows: int, template: Path
) -> Iterator[Mistake]:
    """Yield the mistakes; one that every city has is of the template, and reported once."""
    everywhere = Counter(
        (message, remedy) for _, key, message, remedy in wrong if key not in OF_THE_CITY
    )
    shared = {each for each, count in everywhere.items() if count == rows > 1}
    for message, remedy in shared:
        yield Mistake(f"the template {template}: {message}", remedy)
    for row, key, message, remedy in wrong:
        if (message, remedy) not in shared:
            yield row.mistake(key, message, remedy)
