"""The record of a trace: what was done, line by line, and which rules were judged."""

from collections.abc import Callable
from dataclasses import dataclass, field

from conformance.checks.controls import taken
from conformance.checks.stateful.account import Expected
from conformance.client.response import Response
from conformance.core.verdicts import Violation


class ModelViolation(Violation):
    """A step of a trace after which the deployment violates one requirement of the model."""

    def __init__(self, requirement: str, required: str, observed: str) -> None:
        super().__init__(required, observed)
        self.requirement = requirement


@dataclass(frozen=True, slots=True)
class TraceLine:
    """What somebody did, in one line, with the id of the exchange that did it ("" for none)."""

    text: str
    exchange: str = ""


@dataclass(slots=True)
class TraceRecord:
    """What a trace did and judged; `latest` returns the id of its latest exchange."""

    latest: Callable[[], str] = str
    lines: list[TraceLine] = field(default_factory=list)
    judged: set[str] = field(default_factory=set)

    def did(self, text: str, exchange: str = "") -> None:
        """Enter a line."""
        self.lines.append(TraceLine(text, exchange))

    def called(self, text: str) -> None:
        """Enter what was done with the latest exchange."""
        self.did(text, self.latest())

    def answered(self, what: str, response: Response) -> None:
        """Enter a call and its answer; Inconclusive where it shows neither yes nor no."""
        self.called(f"{what}: {response.description}")
        taken(response, what)

    def accepted(self, expected: Expected, response: Response, rule: str) -> None:
        """Judge whether a call was accepted, or refused, as expected."""
        holds = expected.holds is None or response.succeeded is expected.holds
        self.judge(expected, holds, rule, f"it was answered {response.description}")

    def judge(self, expected: Expected, holds: bool, required: str, observed: str) -> None:
        """Judge by the requirement that is expected; ModelViolation where it does not hold."""
        if expected.holds is None:
            return
        self.judged.add(expected.requirement)
        if not holds:
            raise ModelViolation(expected.requirement, required, observed)

    def demanded(self, requirement: str, verb: Callable[[], None]) -> None:
        """Judge by a requirement with one of the verbs that checks use; ModelViolation likewise."""
        try:
            verb()
        except Violation as broken:
            raise ModelViolation(requirement, broken.required, broken.observed) from broken
        finally:
            self.judged.add(requirement)
