"""What came of the stories of a run: the bad ones, shortest first, and which rules were judged."""

from dataclasses import dataclass, field

from conformance.checks.stateful.model import Departure, Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """A story that departs from the rules: its name, its lines, and the departure."""

    name: str
    lines: tuple[Line, ...]
    departure: Departure

    @property
    def narrative(self) -> str:
        """The story as numbered lines, each with its exchange, whose curl the reports give."""
        return "\n".join(
            f"{number}. {line.text}" + (f" [{line.exchange}]" if line.exchange else "")
            for number, line in enumerate(self.lines, start=1)
        )


@dataclass(slots=True)
class Tales:
    """What came of all stories; a story's name is what its exchanges are filed under."""

    told: int = 0
    bad: dict[str, Bad] = field(default_factory=dict)  # requirement -> its shortest story
    judged: dict[str, str] = field(default_factory=dict)  # requirement -> a story that came to it
    lost: list[str] = field(default_factory=list)  # why stories could not be told to their end
    lost_in_a_row: int = 0
    beyond: dict[str, str] = field(default_factory=dict)  # requirement -> why none comes to it

    @property
    def hindrance(self) -> str:
        """What kept stories from their end, for the reader of a rule that none came to."""
        if self.lost:
            return self.lost[-1]
        return "they ended before, with a departure from " + (", ".join(sorted(self.bad)) or "none")

    def keep(self, bad: Bad) -> None:
        """Keep a story if it is the shortest of its requirement."""
        shortest = self.bad.get(bad.departure.requirement)
        if shortest is None or len(bad.lines) < len(shortest.lines):
            self.bad[bad.departure.requirement] = bad

    def lose(self, why: str) -> None:
        """Take note of a story that could not be told to its end."""
        self.lost.append(why)
        self.lost_in_a_row += 1
