"""The index of checks, which names them without importing or collecting any.

It is the file `index.json` among the checks, written by `make index`.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Final

from conformance.core import resources
from conformance.core.wording import plural

PATH: Final = resources.PACKAGE / "checks" / "index.json"
SCENARIOS: Final = "scenarios"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedCheck:
    """A situation that is checked: in which module, for which requirements, in how many cases.

    `cases` are those of a run at the standard depth.
    """

    module: str  # of conformance/checks, or `scenarios`
    title: str
    requirements: tuple[str, ...]
    cases: int

    def __str__(self) -> str:
        if self.cases == 1:
            return self.title
        return f"{self.title.removesuffix('.')} ({plural(self.cases, 'case')})."


@cache
def checks() -> tuple[IndexedCheck, ...]:
    """Return the checks of the suite, in the order of its plan."""
    rows = json.loads(PATH.read_text(encoding="utf-8"))
    return tuple(
        IndexedCheck(**{**row, "requirements": tuple(row["requirements"])}) for row in rows
    )


def titles_by_requirement() -> dict[str, list[str]]:
    """Return what is checked for each requirement, as texts."""
    titles: dict[str, list[str]] = {}
    for check in checks():
        for id_ in check.requirements:
            titles.setdefault(id_, []).append(str(check))
    return titles


def unneeded_files(only: Collection[str]) -> tuple[str, ...]:
    """Return the files of the package none of whose checks verifies one of the requirements.

    No requirement at all stands for every one. A file that the index does not know is needed.
    """
    if not only:
        return ()
    unwanted = {each.module for each in checks()} - _verifying(only) - {SCENARIOS}
    return tuple(f"checks/test_{module}.py" for module in sorted(unwanted))


def needed_files(only: Collection[str]) -> tuple[str, ...]:
    """Return the other files with checks; their folder where each of them is needed."""
    unneeded = unneeded_files(only)
    if not unneeded:
        return ("checks",)
    every = (f"checks/{path.name}" for path in sorted(PATH.parent.glob("test_*.py")))
    return tuple(each for each in every if each not in unneeded)


def needs_catalogue(only: Collection[str]) -> bool:
    """Return whether a shipped scenario verifies one of the requirements, or all are wanted."""
    return not only or SCENARIOS in _verifying(only)


def _verifying(ids: Collection[str]) -> set[str]:
    return {each.module for each in checks() if not set(ids).isdisjoint(each.requirements)}


def as_json(found: Iterable[IndexedCheck]) -> str:
    """Return the text of the index file for these checks."""
    rows: list[Mapping[str, object]] = [asdict(each) for each in found]
    return "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n"
