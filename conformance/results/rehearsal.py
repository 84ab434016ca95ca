"""What makes a run a rehearsal: its target is no deployment that BBPS could reach."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from conformance.core.wording import plural

WHY: Final = {  # each reason why a run is a rehearsal -> what its target was
    "embedded": "the embedded reference",
    "loopback": "a deployment on this machine, which BBPS cannot reach",
    "resolved": "a deployment whose name leads to this machine, where BBPS cannot reach it",
    "clock": "a deployment whose clock the run may move, as only a reference has it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """Why a run is a rehearsal (a key of WHY), and how the embedded reference behaved.

    `latency_ms` and `lag_ms` are milliseconds, `noise` is a percentage of the exchanges. Of
    another target nobody knows the lineage, faults and variations: they are empty.
    """

    because: str
    lineage: str = ""
    faults: tuple[str, ...] = ()
    variations: tuple[str, ...] = ()
    latency_ms: int = 0
    lag_ms: int | None = None
    noise: float = 0

    @property
    def facts(self) -> dict[str, str]:
        """What the target was, as name -> text; every report shows all of it."""
        facts = {"rehearsal": WHY[self.because]}
        if self.because != "embedded":
            return facts
        return facts | {
            "lineage": self.lineage,
            "faults": ", ".join(self.faults) or "none",
            "variations": ", ".join(self.variations) or "none",
            "disturbances": ", ".join(self._disturbances()) or "none",
        }

    @property
    def description(self) -> str:
        """What the target was, as one clause."""
        if self.because != "embedded":
            return WHY[self.because]
        parts = [WHY[self.because], f"lineage {self.lineage}"]
        for name, each in (("fault", self.faults), ("variation", self.variations)):
            parts.append(f"{plural(len(each), name)}: {', '.join(each)}" if each else f"no {name}")
        return ", ".join([*parts, *self._disturbances()])

    def _disturbances(self) -> Iterator[str]:
        if self.latency_ms:
            yield f"latency {self.latency_ms} ms"
        if self.lag_ms is not None:
            yield f"lag {self.lag_ms} ms"
        if self.noise:
            yield f"noise {self.noise:g} %"

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> Self | None:
        """Rebuild it from results.json or a journal; None for a run that is no rehearsal."""
        if data is None:
            return None
        lists = {name: tuple(data[name]) for name in ("faults", "variations")}
        rehearsal = cls(**{**data, **lists})
        if rehearsal.because not in WHY:
            raise ValueError(f"{rehearsal.because!r} is no reason for a rehearsal")
        return rehearsal
