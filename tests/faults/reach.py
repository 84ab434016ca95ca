"""What a fault can reach: the checks under which the reference comes to the place of the fault.

The reference consults a fault by name exactly where it would misbehave. A check under which it
never does so ends alike with the fault and without, so that it need not be repeated.
"""

import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, Final
from unittest.mock import patch

import conformance.reference
from conformance.core.once import Once
from conformance.reference.platform.faults import Faults
from conformance.run.planning import LOOKING_BACK

REFERENCE: Final = str(Path(conformance.reference.__file__).parent)
# Opening a run leaves accounts and tokens behind that all checks use; this package makes them.
LASTING: Final = "conformance.reference.user."
# The checks of the first judge the same traces, those of the second, for each operation, the same
# requests: they are executed under the first check that needs them.
TRACES: Final = "lifecycle"
GENERATED: Final = "contract_generated"
# It reads what all others exchanged, in a module that does not.
READS_ALL: Final = "contract_input::no_answer_leaks_internals"
# It makes the calls that it judges itself, in a module that looks back.
CALLS_ITSELF: Final = "contract_summary::form_of_each_erratum_is_known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Which faults the reference consulted, by check and before the first of them.

    Or which lines of it were executed, as `module:line`.
    """

    beforehand: frozenset[str] = frozenset()  # where accounts and tokens are made
    under: Mapping[str, frozenset[str]] = field(default_factory=dict)  # in the order of the plan

    def own(self, fault: str) -> frozenset[str]:
        """Return the checks that a fault can reach, but those that look back.

        That is all of them, if it touched the accounts of the run.
        """
        reached = {check for check, consulted in self.under.items() if fault in consulted}
        together = {executed_with(check) for check in reached}
        return frozenset(
            check
            for check in self.under
            if executed_with(check) in together or fault in self.beforehand
            if not looks_back(check)
        )

    @property
    def last(self) -> frozenset[str]:
        """The checks that judge what all others left behind."""
        return frozenset(check for check in self.under if looks_back(check))


class Noting:
    """Notes what the reference consults: until a check has ended, it belongs to that check.

    What is made once for a run belongs to each check that uses it.
    """

    def __init__(self) -> None:
        self._beforehand: frozenset[str] = frozenset()
        self._under: dict[str, frozenset[str]] = {}
        self._consulted: dict[str, set[str]] = {}  # fault -> modules of the reference
        self._made: dict[tuple[int, str], dict[str, set[str]]] = {}

    @property
    def reach(self) -> Reach:
        """What was noted."""
        return Reach(beforehand=self._beforehand, under=dict(self._under))

    def begin(self) -> None:
        """Keep what opening the run consulted, and what it made of that."""
        self._beforehand = frozenset(
            fault
            for fault, places in self._consulted.items()
            if any(place.startswith(LASTING) for place in places)
        )
        self._consulted.clear()

    def end(self, check: str) -> None:
        """Keep what a check consulted."""
        self._under[check] = frozenset(self._consulted)
        self._consulted.clear()

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note what the references of this process consult while the context lasts."""
        original, made_once = Faults.on, Once.__call__

        def on(faults: Faults, name: str) -> bool:
            place = sys._getframe(1).f_globals["__name__"]
            self._consulted.setdefault(name, set()).add(place)
            return original(faults, name)

        def once(maker: Once, name: str, make: Callable[[], Any]) -> Any:
            others, self._consulted = self._consulted, {}
            try:
                return made_once(maker, name, make)
            finally:
                own = self._made.setdefault((id(maker), name), self._consulted)
                self._consulted = others
                for fault, places in own.items():
                    self._consulted.setdefault(fault, set()).update(places)

        with patch.object(Faults, "on", on), patch.object(Once, "__call__", once):
            yield

    @contextmanager
    def lines_noted(self) -> Iterator[None]:
        """Note the lines of references that are served meanwhile, each by threads of its own."""

        def executed(frame: FrameType, event: str, _: Any) -> Any:
            if event == "line":
                module = frame.f_globals["__name__"]
                self._consulted.setdefault(f"{module}:{frame.f_lineno}", set()).add(module)
            return executed

        def called(frame: FrameType, _event: str, _: Any) -> Any:
            return executed if frame.f_code.co_filename.startswith(REFERENCE) else None

        threading.settrace(called)
        try:
            yield
        finally:
            threading.settrace(None)  # type: ignore[arg-type]


def executed_with(check: str) -> str:
    """Return a name that checks have in common of which one makes the calls for all."""
    module, operation = module_of(check), check.partition("[")[2]
    return {TRACES: module, GENERATED: f"{module}[{operation}"}.get(module, check)


def looks_back(check: str) -> bool:
    """Whether a check judges what all others left behind."""
    late = f"test_{module_of(check)}" in LOOKING_BACK and check != CALLS_ITSELF
    return late or check == READS_ALL


def module_of(check: str) -> str:
    """Return the module of a check, as its name begins."""
    return check.partition("::")[0]
