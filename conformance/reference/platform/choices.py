"""Choices where DIGIT's running code could not be observed: one table, to be corrected here.

Each names a behaviour that follows from a framework, from configuration or from a reading of the
code only, the value taken, and why. Services call `choice(name)`.
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
        name="zuul-bad-token-status",
        value=500,
        why="Zuul meant 401, but compares with a class that newer Spring versions never throw.",
    ),
    Choice(
        name="zuul-truncated-json-code",
        value="JsonEOFException",
        why="The parser's own class for an early end; inside nested objects others may come.",
    ),
    Choice(
        name="zuul-mixed-paths",
        value=frozenset({"/user/_search", "/user/users/_createnovalidate"}),
        why="The list built into Zuul; public deployments replace it, each with its own.",
    ),
    Choice(
        name="spring-mixed-paths",
        value=frozenset(),
        why="The newer gateway's filter gets an empty set instead of its configuration.",
    ),
    Choice(
        name="lock-after-failures",
        value=True,
        why="The lock step of newer user services fails on a null id and answers 500; meant is a lock.",  # noqa: E501
    ),
    Choice(
        name="refresh-after-logout",
        value=False,
        why="Stock lets a refresh token survive its session; a session that ended should not return.",  # noqa: E501
    ),
    Choice(
        name="logout-takes-body-in-mseva",
        value=True,
        why="The fork reads the query and moved the body's form elsewhere; both are taken here.",
    ),
    Choice(
        name="remit-reverses-demand",
        value=("remit-reverses-demand",),
        why="As shipped, stock announces a remittance on the topic of cancellations; () where a deployment does not.",  # noqa: E501
    ),
    Choice(
        name="roles-request-name",
        value="roleRequest",
        why="The object name in bean validation codes of the role search was not seen.",
    ),
    Choice(
        name="spring-empty-body-text",
        value="value",
        why="The reactive gateway's null pointer for an absent body; only its class is sure.",
    ),
    Choice(
        name="client-secret",
        value="",
        why="Stock has an empty secret; the fork's is its own and belongs into settings.",
    ),
)
CHOICES: Final = {each.name: each for each in _TABLE}


def choice(name: str) -> Any:
    """Return the value taken for an open point; KeyError for a name that is not in the table."""
    return CHOICES[name].value
