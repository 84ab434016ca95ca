"""What an examination found: diagnostics, each ok, a fault, or not examined."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from conformance.core.errors import SetupError
from conformance.doctor.predictions import Prediction

# In the order in which one thing rests on another.
AREAS: Final = dict.fromkeys(
    ("network", "TLS", "clock", "credential", "role", "master data", "bill", "outcome", "address")
).keys()
INDENT: Final = " " * 6


class SetupFault(SetupError):
    """The target cannot be checked as the profile describes it; the message has the remedy."""


class State(StrEnum):
    """The result of a diagnostic."""

    WELL = "ok"
    FAULT = "fault"
    UNSEEN = "not examined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One thing examined. `remedy` may have several lines: rows to add, a command to try.

    A `blocking` fault keeps checks from starting; others are reported and left to the checks.
    """

    area: str
    state: State
    what: str
    evidence: str = ""
    cause: str = ""
    remedy: str = ""
    blocking: bool = False

    def describe(self) -> str:
        """Return the diagnostic in lines for a reader."""
        lines = [f"  {self.state:<13} {self.area:<11} {self.what}".rstrip()]
        if self.state is State.WELL:
            return lines[0]
        for word, text in (("seen", self.evidence), ("cause", self.cause), ("do", self.remedy)):
            lines += _labelled(word, text)
        return "\n".join(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """Every diagnostic of one target, and what the deployment seems to be."""

    base_url: str
    diagnostics: tuple[Diagnostic, ...]
    detected: str
    predictions: tuple[Prediction, ...] = ()

    @property
    def faults(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that found something wrong."""
        return tuple(each for each in self.diagnostics if each.state is State.FAULT)

    @property
    def fit(self) -> bool:
        """Whether checks can start."""
        return not any(each.blocking for each in self.faults)


def well(area: str, what: str) -> Diagnostic:
    """Return a diagnostic that found nothing wrong."""
    return Diagnostic(area=area, state=State.WELL, what=what)


def unseen(area: str, what: str, reason: str, remedy: str = "") -> Diagnostic:
    """Return a diagnostic of what could not be examined, with the reason."""
    text = f"{what}: {reason}" if what else reason
    return Diagnostic(area=area, state=State.UNSEEN, what=text, remedy=remedy)


def fault(
    area: str, what: str, *, evidence: str, cause: str, remedy: str, blocking: bool = False
) -> Diagnostic:
    """Return a diagnostic that found something wrong."""
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
