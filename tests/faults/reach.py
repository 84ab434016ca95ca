"""What a fault can reach: the checks under which the reference comes to the place of the fault.

The reference consults a fault by name exactly where it would misbehave. A check under which it
never does so ends alike with the fault and without, so that it need not be repeated.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final
from unittest.mock import patch

from conformance.core.verdicts import Finding
from conformance.reference.platform.faults import Faults
from conformance.results.estimate import Estimate

# Opening a run leaves accounts and tokens behind that all checks use; this package makes them.
LASTING: Final = "conformance.reference.user."
# They judge what all other checks left behind.
LOOKING_BACK: Final = ("reconciliation", "contract_summary")
# Its checks judge the same traces, which are executed under the first of them.
EXECUTED_TOGETHER: Final = "lifecycle"


@dataclass(slots=True)
class Reach:
    """Which faults the reference consulted, by check and before the first of them.

    Watches a run with one job: what is consulted until a check is filed belongs to that check.
    """

    beforehand: frozenset[str] = frozenset()  # where accounts and tokens are made
    under: dict[str, frozenset[str]] = field(default_factory=dict)
    _consulted: dict[str, set[str]] = field(
        default_factory=dict
    )  # fault -> modules of the reference

    def begin(self, _planned: int, _budget: Estimate | None = None) -> None:
        """Keep what opening the run consulted, and what it made of that."""
        self.beforehand = frozenset(
            fault
            for fault, places in self._consulted.items()
            if any(place.startswith(LASTING) for place in places)
        )
        self._consulted.clear()

    def advance(self, finding: Finding) -> None:
        """Keep what a check consulted."""
        self.under[finding.check] = frozenset(self._consulted)
        self._consulted.clear()

    def checks(self, fault: str) -> frozenset[str]:
        """Return the checks that a fault can reach: all, if it touched the accounts of the run."""
        if fault in self.beforehand:
            return frozenset(self.under)
        reached = {check for check, consulted in self.under.items() if fault in consulted}
        together = {_module(check) for check in reached} & {EXECUTED_TOGETHER}
        return frozenset(
            check
            for check in self.under
            if check in reached or _module(check) in {*together, *LOOKING_BACK}
        )

    @contextmanager
    def noted(self) -> Iterator["Reach"]:
        """Note what the references of this process consult while the context lasts."""
        original = Faults.on

        def on(faults: Faults, name: str) -> bool:
            place = sys._getframe(1).f_globals["__name__"]
            self._consulted.setdefault(name, set()).add(place)
            return original(faults, name)

        with patch.object(Faults, "on", on):
            yield self


def _module(check: str) -> str:
    return check.partition("::")[0]
