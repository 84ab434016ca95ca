"""What a fault can reach: the checks under which the reference comes to the place of the fault.

The reference asks for a fault by name exactly where it would misbehave. A check under which it
never asks ends alike with the fault and without, so that it need not be repeated.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final
from unittest.mock import patch

from conformance.budget import Budget
from conformance.reference.faults import Faults
from conformance.verdicts import Finding

# They look at what all other checks left behind.
LOOKING_BACK: Final = ("books", "contract_summary")
# Its checks judge the same stories, which are told under the first of them.
TOLD_TOGETHER: Final = "lifecycle"


@dataclass(slots=True)
class Reach:
    """Which faults the reference asked for, by check and before the first of them.

    Watches a run with one job: what is asked until a check is filed was asked under that check.
    """

    beforehand: frozenset[str] = frozenset()
    under: dict[str, frozenset[str]] = field(default_factory=dict)
    _asked: set[str] = field(default_factory=set)

    def begin(self, _planned: int, _budget: Budget | None = None) -> None:
        """Keep what opening the run asked for."""
        self.beforehand = self._taken()

    def advance(self, finding: Finding) -> None:
        """Keep what a check asked for."""
        self.under[finding.check] = self._taken()

    def checks(self, fault: str) -> frozenset[str]:
        """Return the checks that a fault can reach: all, if opening the run asked for it."""
        if fault in self.beforehand:
            return frozenset(self.under)
        reached = {check for check, asked in self.under.items() if fault in asked}
        told = {_module(check) for check in reached} & {TOLD_TOGETHER}
        return frozenset(
            check
            for check in self.under
            if check in reached or _module(check) in {*told, *LOOKING_BACK}
        )

    @contextmanager
    def noted(self) -> Iterator["Reach"]:
        """Note what the references of this process ask for while the context lasts."""
        original = Faults.on

        def on(faults: Faults, name: str) -> bool:
            self._asked.add(name)
            return original(faults, name)

        with patch.object(Faults, "on", on):
            yield self

    def _taken(self) -> frozenset[str]:
        taken = frozenset(self._asked)
        self._asked.clear()
        return taken


def _module(check: str) -> str:
    return check.partition("::")[0]
