"""Checks as stories: the cases of one situation stand together, the first that failed before all.

The title of a check is its situation, with its case in brackets: `A payment is cancelled. [CASH]`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from conformance.results.model import CheckRow

SCENARIOS: Final = "scenarios::"


def story_of(check: CheckRow) -> str:
    """Return the situation of a check, without its case."""
    return _parts(check)[0]


def case_of(check: CheckRow) -> str:
    """Return the case of a check, empty if its situation has only one."""
    return _parts(check)[1]


def title_of(check: CheckRow) -> str:
    """Return situation and case as one sentence: `A payment is cancelled: CASH`."""
    story, case = _parts(check)
    return f"{story.removesuffix('.')}: {case}" if case else story


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The checks of one situation, in the order of the plan; there is at least one."""

    title: str
    checks: tuple[CheckRow, ...]

    @property
    def first(self) -> CheckRow:
        """The check that stands for them."""
        return self.checks[0]

    @property
    def more(self) -> tuple[str, ...]:
        """The cases of the others."""
        return tuple(case_of(each) for each in self.checks[1:])


def stories(checks: Iterable[CheckRow]) -> list[Story]:
    """Return the checks by their situations."""
    groups: dict[str, list[CheckRow]] = {}
    for check in checks:
        groups.setdefault(story_of(check), []).append(check)
    return [Story(title=title, checks=tuple(each)) for title, each in groups.items()]


def by_reason(checks: Iterable[CheckRow]) -> list[tuple[str, list[CheckRow]]]:
    """Return the checks by the reason that they give, the most frequent one first."""
    groups: dict[str, list[CheckRow]] = {}
    for check in checks:
        groups.setdefault(check.reason, []).append(check)
    return sorted(groups.items(), key=lambda each: -len(each[1]))


def _parts(check: CheckRow) -> tuple[str, str]:
    title = check.title
    story, found, case = title.removesuffix("]").rpartition(" [")
    if not (found and title.endswith("]")):
        return title, ""
    if check.id.startswith(SCENARIOS):  # in brackets stand the file, and the requirement of a part
        case = case.partition(", ")[2]
    return story, case
