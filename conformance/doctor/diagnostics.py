"""What an examination found: looks, each well, at fault or not looked at."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from conformance.core.errors import SetupError

# In the order in which one thing rests on another.
AREAS: Final = dict.fromkeys(
    ("network", "TLS", "clock", "credential", "role", "master data", "bill", "outcome", "address")
).keys()
INDENT: Final = " " * 6


class SetupFault(SetupError):
    """The target cannot be checked as the profile describes it; the message says what to do."""


class State(StrEnum):
    """What a look came to."""

    WELL = "ok"
    FAULT = "fault"
    UNSEEN = "not looked at"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One thing looked at. `remedy` may have several lines: rows to add, a command to try.

    A `blocking` fault keeps checks from starting; others are told and left to the checks.
    """

    area: str
    state: State
    what: str
    evidence: str = ""
    cause: str = ""
    remedy: str = ""
    blocking: bool = False

    def describe(self) -> str:
        """Return the look in lines for a reader."""
        lines = [f"  {self.state:<13} {self.area:<11} {self.what}".rstrip()]
        if self.state is State.WELL:
            return lines[0]
        for word, text in (("seen", self.evidence), ("cause", self.cause), ("do", self.remedy)):
            lines += _labelled(word, text)
        return "\n".join(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """Every look at one target, and what the deployment seems to be."""

    base_url: str
    diagnostics: tuple[Diagnostic, ...]
    detected: str

    @property
    def faults(self) -> tuple[Diagnostic, ...]:
        """The looks that found something wrong."""
        return tuple(look for look in self.diagnostics if look.state is State.FAULT)

    @property
    def fit(self) -> bool:
        """Whether checks can start."""
        return not any(look.blocking for look in self.faults)


def well(area: str, what: str) -> Diagnostic:
    """Return a look that found nothing wrong."""
    return Diagnostic(area=area, state=State.WELL, what=what)


def unseen(area: str, what: str, reason: str, remedy: str = "") -> Diagnostic:
    """Return a look that could not be taken, with the reason."""
    text = f"{what}: {reason}" if what else reason
    return Diagnostic(area=area, state=State.UNSEEN, what=text, remedy=remedy)


def fault(
    area: str, what: str, *, evidence: str, cause: str, remedy: str, blocking: bool = False
) -> Diagnostic:
    """Return a look that found something wrong."""
    return Diagnostic(
        area=area,
        state=State.FAULT,
        what=what,
        evidence=evidence,
        cause=cause,
        remedy=remedy,
        blocking=blocking,
    )


def _labelled(word: str, text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines()):
        yield f"{INDENT}{word if number == 0 else '':<6} {line}".rstrip()
