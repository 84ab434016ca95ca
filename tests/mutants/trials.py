"""What a certification says of each mutant of a sample."""

import os
import random
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from conformance.core.verdicts import Verdict
from tests.faults.collected import Job, Seen
from tests.faults.matrix import STANDARD
from tests.faults.reach import Reach, looks_back
from tests.faults.station import Stations
from tests.mutants.mutant import Mutant, path_of
from tests.mutants.swapping import swap

LONGEST: Final = 300.0  # seconds of a run: a mutant may loop
NOTICED: Final = "noticed"
REFUSED: Final = "no certificate"
CERTIFIED: Final = "CONFORMANT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a certification said of a mutant, at a depth, and by which check or for which reason."""

    mutant: Mutant
    verdict: str
    why: str = ""
    depth: str = STANDARD


def drawn(found: Iterable[Mutant], executed: Iterable[str], size: int, seed: int) -> list[Mutant]:
    """Draw mutants of lines that are executed: one for each line, and each kind alike."""
    lines, chance = set(executed), random.Random(seed)  # noqa: S311  nothing is secret
    places: dict[str, dict[str, list[Mutant]]] = {}
    for each in found:
        if each.place in lines:
            places.setdefault(each.place, {}).setdefault(each.kind, []).append(each)
    order = sorted(places)
    chance.shuffle(order)
    sample: list[Mutant] = []
    for place in order:
        if len(sample) == size:
            break
        kinds = places[place]
        mutant = chance.choice(sorted(kinds[chance.choice(sorted(kinds))]))
        sample += [mutant] if mutant.works else []
    return sample


def outcome(mutant: Mutant, depth: str, seen: Seen) -> Outcome:
    """Return what a run says of a mutant."""
    said = partial(Outcome, mutant=mutant, depth=depth)
    for check, ids in seen.red.items():
        return said(verdict=NOTICED, why=f"{' '.join(ids)}: {check}")
    for error in seen.errors:
        return said(verdict=REFUSED, why=" ".join(error.split()))
    for each in seen.findings:
        # What looks back has nothing to judge where few checks are executed.
        if each.verdict is Verdict.INCONCLUSIVE and not looks_back(each.check):
            return said(verdict=REFUSED, why=f"{each.check}: {' '.join(each.reason.split())}")
    return said(verdict=CERTIFIED)


def changed(mutant: Mutant) -> None:
    """Make this process a mutant, for as long as a run may take; nobody reads what it logs."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    swap(path_of(mutant.module), mutant.source)
    threading.Thread(target=_ended_late, daemon=True).start()


def _ended_late() -> None:
    threading.Event().wait(LONGEST)
    os._exit(1)


def observe(
    sample: Sequence[Mutant], reach: Mapping[str, Reach], stations: Stations
) -> list[Outcome]:
    """Certify each mutant at the first depth of the reach, and at the next what is CONFORMANT."""
    outcomes: dict[Mutant, Outcome] = {}
    for depth, reached in reach.items():
        jobs = {
            mutant: _job(mutant, depth, reached)
            for mutant in sample
            if mutant not in outcomes or outcomes[mutant].verdict == CERTIFIED
        }
        of = {id(job): mutant for mutant, job in jobs.items()}
        for job, seen in stations.carried_out(jobs.values()):
            found = outcome(of[id(job)], depth, seen)
            outcomes[found.mutant] = found
            sys.stderr.write(f"{depth}: {found.mutant.place}: {found.verdict} {found.why}\n")
    return [outcomes[each] for each in sample]


def _job(mutant: Mutant, depth: str, reach: Reach) -> Job:
    return Job(
        depth=depth,
        checks=reach.own(mutant.place) | reach.last,
        prepare=partial(changed, mutant),
        until_red=True,
    )
