"""Choices where DIGIT's running code has not been observed yet: one table, to be corrected here.

Each names a behaviour that follows from a framework, from configuration or from a reading of the
code only, the value taken, and why. What was observed is a fact, and stands where it is used.
"""

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One open point and how it was settled."""

    name: str
    value: Any
    why: str


_TABLE: Final = (
    Choice(
        name="zuul-mixed-paths",
        value=frozenset({"/user/_search", "/user/users/_createnovalidate"}),
        why="The list built into Zuul; that creation is open was observed, the search was not.",
    ),
    Choice(
        name="logout-takes-body-in-mseva",
        value=True,
        why="The fork reads the query and moved the body's form elsewhere; both are taken here.",
    ),
    Choice(
        name="roles-request-name",
        value="roleRequest",
        why="The object name in bean validation codes of the role search has not been seen.",
    ),
)
CHOICES: Final = {each.name: each for each in _TABLE}


def choice(name: str) -> Any:
    """Return the value taken for an open point; KeyError for a name that is not in the table."""
    return CHOICES[name].value
