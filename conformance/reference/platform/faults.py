"""Faults: named deviations of the reference, each in the catalogue of the package that has it.

A package has its catalogue in `faults.py` and calls `world.faults.on(name)` where it decides.
"""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from conformance.reference.platform.settings import BadSetting


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One misbehaviour: the requirements it must turn red, and dependents that may follow.

    `depth` is that of the run which sees it, where a run of standard depth need not.
    """

    name: str
    requirements: tuple[str, ...]
    sentence: str
    dependents: tuple[str, ...] = ()
    depth: str = "standard"


def fault(
    name: str, requirements: str, sentence: str, *dependents: str, depth: str = "standard"
) -> Fault:
    """Return one line of a catalogue; `requirements` are ids separated by spaces."""
    return Fault(
        name=name,
        requirements=tuple(requirements.split()),
        sentence=sentence,
        dependents=dependents,
        depth=depth,
    )


class Faults:
    """The faults that are switched on."""

    def __init__(self, names: Iterable[str], known: Iterable[str]) -> None:
        known = frozenset(known)
        for name in names:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                hint = f"; did you mean {near[0]}?" if near else "; see `serve --faults`"
                raise BadSetting(f"there is no fault {name!r}{hint}")
        self._on = frozenset(names)

    def on(self, name: str) -> bool:
        """Whether a fault is switched on."""
        return name in self._on
