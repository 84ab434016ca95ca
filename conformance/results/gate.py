"""What of a run decides the exit code of the command, and how build servers see it. No I/O.

The gate changes no verdict: it says which failures end the command with an error.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from conformance.core.verdicts import Level

GATES: Final[Mapping[str, frozenset[Level]]] = {  # each value of --gate -> the levels that gate
    "must": frozenset({Level.MUST}),
    "should": frozenset({Level.MUST, Level.SHOULD}),
    "none": frozenset(),
}
USUAL: Final = "must"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """The level that gates (a key of GATES) and, with a baseline, what differs from it.

    `baseline` is the id of the earlier run. The others are ids of checks: `known` are no worse
    now than they were there, `regressions` are, and `improvements` pass now but did not there.
    """

    level: str = USUAL
    baseline: str = ""
    baseline_target: str = ""
    known: tuple[str, ...] = ()
    regressions: tuple[str, ...] = ()
    improvements: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Rebuild it from results.json or a journal."""
        lists = {name: tuple(data[name]) for name in ("known", "regressions", "improvements")}
        if data["level"] not in GATES:
            raise ValueError(f"{data['level']!r} is no level of a gate")
        return cls(**{**data, **lists})
