"""The checks that scenarios are: one for each row, and for what stands or falls together in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from conformance.scenarios.model import Row, Scenario
from conformance.scenarios.runner import ScenarioClaim, claims
from conformance.scenarios.soundness import row_name


@dataclass(frozen=True, kw_only=True)
class ScenarioCheck:
    """A scenario with one of its rows, and the requirements that this check answers for.

    `first` says that they are those of the whole; several checks share one play. `backed` says
    that checks judge them, too: what the scenario cannot decide, they do, or are undecided.
    """

    scenario: Scenario
    row: Row
    claim: ScenarioClaim
    first: bool
    backed: bool = False

    @property
    def play(self) -> str:
        """The name of the play that it shares with others."""
        return f"{self.scenario.name}, {row_name(self.row)}" if self.row else self.scenario.name

    @property
    def id(self) -> str:
        """Its name, which stays the same from run to run."""
        return self.play if self.first else f"{self.play}, {' '.join(self.claim.requirements)}"

    @property
    def title(self) -> str:
        """Its situation."""
        return self.scenario.title

    @property
    def moves_the_clock(self) -> bool:
        """Whether it takes place on several days."""
        return self.scenario.days > 1

    @property
    def alone(self) -> str:
        """Why nothing else may run meanwhile; empty if it may."""
        if self.moves_the_clock:
            return "it takes place on several days"
        return "it says so" if self.scenario.alone else ""

    def __str__(self) -> str:
        """Return what its parallel group is called by."""
        return self.play


def checks_of(scenarios: Iterable[Scenario]) -> list[ScenarioCheck]:
    """Return the checks of scenarios, in their order."""
    no_row: dict[str, Any] = {}
    return [
        ScenarioCheck(scenario=each, row=row, claim=claim, first=number == 0)
        for each in scenarios
        for row in each.foreach or (no_row,)
        for number, claim in enumerate(claims(each))
    ]
