"""Faults: named deviations of the reference, each in the catalogue of the package that has it.

A package has its catalogue in `faults.py` and calls `world.faults.on(name)` where it decides.
"""

from dataclasses import dataclass

from conformance.reference.platform.switches import Switches


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


class Faults(Switches):
    """The faults that are switched on."""

    kind = "fault"
