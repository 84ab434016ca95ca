"""What came of the traces of a run: the bad ones, shortest first, and which rules were judged."""

from dataclasses import dataclass, field

from conformance.checks.stateful.coverage import Steps
from conformance.checks.stateful.record import ModelViolation, TraceLine


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedTrace:
    """A trace that violates the rules: its name, its plan, its lines, and the violation."""

    name: str
    plan: Steps
    lines: tuple[TraceLine, ...]
    violation: ModelViolation

    @property
    def listing(self) -> str:
        """The trace as numbered lines, each with its exchange, whose curl the reports give."""
        return "\n".join(
            f"{number}. {line.text}" + (f" [{line.exchange}]" if line.exchange else "")
            for number, line in enumerate(self.lines, start=1)
        )


@dataclass(slots=True)
class StatefulResults:
    """What came of all traces; a trace's name is what its exchanges are filed under."""

    executed: int = 0
    failed: dict[str, FailedTrace] = field(
        default_factory=dict
    )  # requirement -> its shortest trace
    judged: dict[str, str] = field(default_factory=dict)  # requirement -> a trace that came to it
    interrupted: list[str] = field(
        default_factory=list
    )  # why traces could not be executed to their end
    interrupted_in_a_row: int = 0
    beyond: dict[str, str] = field(default_factory=dict)  # requirement -> why none comes to it
    lacking: str = ""  # what every trace needs, and the target does not have

    def why_beyond(self, requirement: str) -> str:
        """Why no trace of this target comes to a rule; empty where one might."""
        return self.beyond.get(requirement, self.lacking)

    @property
    def obstacle(self) -> str:
        """What kept traces from their end, for a rule that no trace tested."""
        if self.interrupted:
            return self.interrupted[-1]
        return "they ended before, after a violation of " + (
            ", ".join(sorted(self.failed)) or "none"
        )

    def keep(self, failed: FailedTrace) -> None:
        """Keep a trace if it is the shortest of its requirement."""
        shortest = self.failed.get(failed.violation.requirement)
        if shortest is None or len(failed.lines) < len(shortest.lines):
            self.failed[failed.violation.requirement] = failed

    def interrupt(self, why: str) -> None:
        """Take note of a trace that could not be executed to its end."""
        self.interrupted.append(why)
        self.interrupted_in_a_row += 1
