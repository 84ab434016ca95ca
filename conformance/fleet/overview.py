"""What a fleet came to, for the office that certifies it: the worst city first."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from conformance.core.errors import ExitCode
from conformance.core.requirements import AREAS
from conformance.core.verdicts import Level, RunVerdict, Verdict
from conformance.fleet.task import CityResult, OpenPoint

FORMAT: Final = "1.0"
# The exit code of a fleet is that of its worst city, in this order.
WORST: Final = (
    ExitCode.SUITE_ERROR, ExitCode.SETUP, ExitCode.NON_CONFORMANT, ExitCode.POLICY,
    ExitCode.CONFORMANT,
)  # fmt: skip
VERDICTS: Final = ("verdict", "verdict_line")
NOT_YET: Final = "not certified yet"
UNCERTIFIED: Final = "NO CERTIFICATE"  # nothing binding failed, and yet there is no page of one
# What the state of a city is called on the page -> what follows, in one sentence; worst first.
STATES: Final[Mapping[str, str]] = {
    "broken": "must not take bill payments from BBPS yet: something binding is broken",
    "failed": "could not be judged: the suite failed",
    "set-up": "could not be checked: something in its set-up must be repaired first",
    "missing": "have no result yet",
    "undecided": "must not take bill payments from BBPS until all is decided",
    "part": "were checked in part only, so they are not decided",
    "rehearsed": "kept every binding rule in a rehearsal, which certifies no city",
    "waived": "may take bill payments from BBPS, as long as their waivers last",
    "ready": "may take bill payments from BBPS",
}
PASSED: Final = ("ready", "waived", "rehearsed")  # states that a certificate stands for
OF_VERDICT: Final = {
    RunVerdict.NON_CONFORMANT: "broken",
    RunVerdict.ERROR: "failed",
    RunVerdict.INCONCLUSIVE: "undecided",
    RunVerdict.PARTIAL: "part",
    RunVerdict.WITH_WAIVERS: "waived",
    RunVerdict.CONFORMANT: "ready",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CityLine:
    """One city of the overview; `result` is None where there is none yet.

    `page` leads from the overview to the page of the run, empty where there is none.
    """

    name: str
    result: CityResult | None
    page: str = ""

    @property
    def state(self) -> str:
        """What it comes to: a key of STATES. Only a page of a certificate makes a city ready."""
        if self.result is None or self.result.interrupted:
            return "missing"
        if not self.result.verdict:
            return "set-up" if self.result.exit_code == ExitCode.SETUP else "failed"
        state = OF_VERDICT[RunVerdict(self.result.verdict)]
        if state not in ("ready", "waived"):
            return state
        if self.result.settle:
            return "undecided"
        if not self.result.certificate or not self.page:
            return "part"
        return "rehearsed" if self.result.rehearsal else state

    @property
    def word(self) -> str:
        """The verdict as the overview shows it."""
        if self.result is None:
            return NOT_YET
        if not self.result.verdict:
            return "interrupted" if self.result.interrupted else "NOT CHECKED"
        passed = OF_VERDICT[RunVerdict(self.result.verdict)] in ("ready", "waived")
        word = UNCERTIFIED if passed and self.state not in PASSED else self.result.verdict
        return f"REHEARSAL: {word}" if self.result.rehearsal else word

    @property
    def exit_code(self) -> int:
        """What it alone would end with: a city without a page of a certificate is no success."""
        if self.result is None:
            return ExitCode.SETUP
        passed = self.result.exit_code == ExitCode.CONFORMANT
        return ExitCode.POLICY if passed and UNCERTIFIED in self.word else self.result.exit_code

    @property
    def broken(self) -> tuple[OpenPoint, ...]:
        """The binding requirements that it breaks."""
        return self._points(Verdict.FAILED)

    @property
    def undecided(self) -> tuple[OpenPoint, ...]:
        """The binding requirements that stayed undecided."""
        return self._points(Verdict.INCONCLUSIVE, Verdict.ERROR)

    @property
    def why(self) -> str:
        """What is to be done about it, as a clause."""
        if self.result is None:
            return ""
        if self.result.error:
            return self.result.error
        parts = [
            f"{words} {', '.join(each.id for each in points)}"
            for words, points in (("breaks", self.broken), ("undecided:", self.undecided))
            if points
        ]
        if self.result.settle:
            parts.append(f"to be settled {self.result.settle}")
        return "; ".join(filter(None, (*parts, self.result.left)))

    def cell(self, area: str) -> tuple[str, int]:
        """Return the gravest verdict in an area, and how many requirements came to it."""
        counts = self.result.areas.get(area, {}) if self.result else {}
        for verdict in reversed(Verdict):
            if counts.get(verdict):
                return str(verdict), counts[verdict]
        return "not-covered", 0

    def _points(self, *verdicts: Verdict) -> tuple[OpenPoint, ...]:
        points = self.result.points if self.result else ()
        return tuple(
            each for each in points if each.level == Level.MUST and each.verdict in verdicts
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonPoint:
    """A requirement that cities break or leave undecided; with the names of these cities."""

    point: OpenPoint
    broken: tuple[str, ...]
    undecided: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Overview:
    """All cities of a fleet, the worst first."""

    fleet: str
    suite: str
    cities: tuple[CityLine, ...]

    @cached_property
    def areas(self) -> tuple[str, ...]:
        """The areas that any city was checked in."""
        found = {area for each in self.cities if each.result for area in each.result.areas}
        return tuple(area for area in AREAS if area in found)

    @cached_property
    def rehearsals(self) -> int:
        """How many cities are rehearsals."""
        return sum(each.result is not None and each.result.rehearsal for each in self.cities)

    @cached_property
    def states(self) -> dict[str, int]:
        """How many cities are in which state, the worst first, without the empty ones."""
        counts = Counter(each.state for each in self.cities)
        return {state: counts[state] for state in STATES if counts[state]}

    @property
    def headline(self) -> str:
        """What all came to, in one sentence."""
        total = len(self.cities)
        ready = self.states.get("ready", 0) + self.states.get("waived", 0)
        if self.rehearsals == total:
            done = self.states.get("rehearsed", 0)
            return f"Rehearsal: {done} of {plural_cities(total)} kept every binding rule"
        return f"{ready} of {plural_cities(total)} may take bill payments from BBPS"

    @property
    def sentences(self) -> list[str]:
        """What the cities came to, one sentence for each state, the worst first."""
        return [
            f"{plural_cities(count)} {_agreeing(state, count)}."
            for state, count in self.states.items()
        ]

    @cached_property
    def common(self) -> tuple[CommonPoint, ...]:
        """The requirements that are broken in most cities first, then those undecided in most."""
        found: dict[str, CommonPoint] = {}
        for city in self.cities:
            for point in (*city.broken, *city.undecided):
                before = found.get(point.id) or CommonPoint(point=point, broken=(), undecided=())
                is_broken = point.verdict == Verdict.FAILED
                found[point.id] = CommonPoint(
                    point=point if is_broken and not before.broken else before.point,
                    broken=(*before.broken, *[city.name] * is_broken),
                    undecided=(*before.undecided, *[city.name] * (not is_broken)),
                )
        return tuple(
            sorted(
                found.values(),
                key=lambda each: (-len(each.broken), -len(each.undecided), each.point.id),
            )
        )

    @property
    def requests(self) -> int:
        """Requests that were sent to all cities."""
        return sum(each.result.requests for each in self.cities if each.result)

    @property
    def rupees(self) -> Decimal:
        """Rupees that moved, or may have moved, in all cities."""
        return sum((each.result.rupees for each in self.cities if each.result), Decimal(0))

    @property
    def exit_code(self) -> ExitCode:
        """What the command ends with: the worst of the cities; one without a result counts as 2."""
        codes = {each.exit_code for each in self.cities}
        if ExitCode.INTERRUPTED in codes:
            return ExitCode.INTERRUPTED
        return next((code for code in WORST if code in codes), ExitCode.SUITE_ERROR)

    def as_json(self) -> dict[str, Any]:
        """Return the document that overview.json holds."""
        return {
            "format": FORMAT,
            "fleet": self.fleet,
            "suite": self.suite,
            "headline": self.headline,
            "exit_code": int(self.exit_code),
            "rehearsals": self.rehearsals,
            "states": self.states,
            "requests": self.requests,
            "rupees": str(self.rupees),
            "common": [
                {
                    "id": each.point.id,
                    "area": each.point.area,
                    "statement": each.point.statement,
                    "broken_in": list(each.broken),
                    "undecided_in": list(each.undecided),
                }
                for each in self.common
            ],
            "cities": [
                {
                    "city": each.name,
                    "state": each.state,
                    "verdict": each.word,
                    "page": each.page,
                    "result": _as_shown(each),
                }
                for each in self.cities
            ],
        }


def _as_shown(line: CityLine) -> dict[str, Any] | None:
    """Return the result of a city, without the verdict of one that has no certificate."""
    if line.result is None:
        return None
    shown = {} if line.result.verdict in line.word else dict.fromkeys(VERDICTS, line.word)
    return line.result.as_json() | shown


def overview_of(fleet: str, suite: str, lines: Iterable[CityLine]) -> Overview:
    """Return the overview of some cities, the worst first."""
    places = {state: place for place, state in enumerate(STATES)}

    def badness(line: CityLine) -> tuple[int, int, int, str]:
        return places[line.state], -len(line.broken), -len(line.undecided), line.name

    return Overview(fleet=fleet, suite=suite, cities=tuple(sorted(lines, key=badness)))


def plural_cities(count: int) -> str:
    """Return the count with its noun."""
    return "1 city" if count == 1 else f"{count} cities"


def _agreeing(state: str, count: int) -> str:
    """Return the sentence of a state, with its verb as the count has it."""
    sentence = STATES[state]
    if count == 1:
        for many, one in (("have ", "has "), ("were ", "was "), ("their ", "its "),
                          ("they are ", "it is ")):  # fmt: skip
            sentence = sentence.replace(many, one)
    return sentence
