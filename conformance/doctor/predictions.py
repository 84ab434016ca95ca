"""Which requirements will stay undecided, and why: their needs are examined before the run."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from conformance.bbps.flow import Bbps
from conformance.bbps.named_needs import need, right
from conformance.bbps.needs import REHEARSE
from conformance.client.client import ANONYMOUS
from conformance.contracts.effects import Effect
from conformance.contracts.endpoints import ENDPOINTS
from conformance.core.requirements import Requirement
from conformance.core.verdicts import Inconclusive, NotApplicable
from conformance.generation import CALLERS, DISPENSABLE, FALLBACK
from conformance.profile.target import Mode

EVERY_OPERATION: Final = "every operation"
INDENT: Final = " " * 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What is missing, and what it leaves undecided: whole requirements, or parts of them.

    With `exists` false nothing is missing, but the deployment has nothing to look at.
    """

    requirements: tuple[str, ...]
    reason: str
    remedy: str = ""
    exists: bool = True

    @property
    def next_day(self) -> bool:
        """Whether nothing is missing but another day."""
        return self.remedy == REHEARSE

    def describe(self) -> str:
        """Return the prediction in lines for a reader."""
        lines = [f"  {ranges(self.requirements)}", f"{INDENT}why    {self.reason}"]
        return "\n".join([*lines, f"{INDENT}do     {self.remedy}"] if self.remedy else lines)


def described(predictions: Iterable[Prediction]) -> str:
    """Return predictions as a text, those of what is missing first; empty without any."""
    parts = []
    for exists, title in ((True, "Will stay undecided:"), (False, "Will not be looked at:")):
        some = [each.describe() for each in predictions if each.exists is exists]
        parts += [title, *some] if some else []
    return "\n".join(parts)


def predict(
    bbps: Bbps, requirements: Iterable[Requirement], met: Iterable[str] = ()
) -> tuple[Prediction, ...]:
    """Look for every need of some requirements; return what is not met, each reason once.

    Needs that are `met` already are left out.
    """
    unmet: dict[tuple[str, str, bool], list[str]] = {}
    answers: dict[str, tuple[str, str, bool] | None] = dict.fromkeys(met)
    for requirement in requirements:
        for name in _names(requirement, bbps.target.mode):
            if name not in answers:
                answers[name] = _answer(bbps, name)
            answer = answers[name]
            if answer and requirement.id not in unmet.setdefault(answer, []):
                unmet[answer].append(requirement.id)
    return tuple(
        Prediction(requirements=tuple(ids), reason=reason, remedy=remedy, exists=exists)
        for (reason, remedy, exists), ids in unmet.items()
    )


def rights_of(
    requirements: Iterable[Requirement], mode: Mode
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each operation with the actors of whom one must reach it, of some requirements."""
    for requirement in requirements:
        for name in _names(requirement, mode):
            if found := right(name):
                yield found


def _names(requirement: Requirement, mode: Mode) -> Iterator[str]:
    """Yield the needs of a requirement; `every operation` is one right for each.

    Left out are those that no gateway need open, and in mode inspect, those that write.
    """
    for name in requirement.needs:
        if name != EVERY_OPERATION:
            yield name
            continue
        if mode.writes:
            yield from ("money", "transaction", "cash")
        for operation, actor in CALLERS.items():
            endpoint = ENDPOINTS[operation]
            milder = endpoint.milder.effect if endpoint.milder else endpoint.effect
            reads = Effect.READS in (endpoint.effect, milder)
            if actor != ANONYMOUS and operation not in DISPENSABLE and (reads or mode.writes):
                yield f"{operation} by {' or '.join(dict.fromkeys((actor, FALLBACK)))}"


def _answer(bbps: Bbps, name: str) -> tuple[str, str, bool] | None:
    """Return reason, remedy and whether something is missing; None where the need is met."""
    try:
        need(name)(bbps)
    except Inconclusive as problem:
        return problem.reason, problem.remedy, True
    except NotApplicable as nothing:
        return nothing.reason, "", False
    return None


def ranges(ids: Sequence[str]) -> str:
    """Return ids as a list in which neighbours are one range: `TXN-01 to TXN-03`."""
    runs: list[list[str]] = []
    for id_ in ids:
        area, number = id_.split("-")
        if runs and runs[-1][-1] == f"{area}-{int(number) - 1:02d}":
            runs[-1].append(id_)
        else:
            runs.append([id_])
    return ", ".join(f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(run) for run in runs)
