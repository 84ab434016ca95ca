"""The fault matrix: every fault of the reference against every requirement, and every check.

`python -m tests.faults.matrix [--all-checks] [FAULT ...]` (`make matrix`) writes
reports/fault-matrix.md. Of the checks that must stay green under a fault it executes some, or with
`--all-checks` each that the fault can reach. It exits with 1 unless the strict reference is all
green, each fault turns its own requirements red and nothing else but its dependents, no check
breaks, and each check but the excused is red under some fault, in one of its rows at least. It
lists the rows that no fault turns red.
"""

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from conformance.core.requirements import Register
from conformance.core.verdicts import Level
from conformance.generation import STANDARD
from conformance.reference import Fault, catalogue
from tests.faults.collected import SETTLE_SECONDS, Job, Seen
from tests.faults.station import Stations
from tests.faults.trials import (
    ABOUT_FORM,
    ELSEWHERE,
    QUICK,
    ROWS,
    SHARE,
    Row,
    Trials,
    first_depth,
    rule_of,
)

REPORT: Final = Path(__file__).parents[2] / "reports" / "fault-matrix.md"
NEVER_RED: Final = Path(__file__).with_name("never_red.yaml")
ALL_CHECKS: Final = "--all-checks"
WORKERS: Final = 3  # runs side by side; one more than cores, as some wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """What was observed: the strict reference at each depth, and each fault."""

    strict: Mapping[str, Seen]
    rows: Sequence[Row]
    took: str = ""

    def never_red(self) -> set[str]:
        """Return the checks that no fault turned red, row by row; a crossed rule is one row."""
        known = {check for seen in self.strict.values() for check in seen.reach.under}
        red = self._red()
        return {self._row(check) for check in known} - {self._row(check) for check in red}

    def unproven(self) -> set[str]:
        """Return the checks of which no fault turned any row red."""
        return {rule_of(check) for check in self.never_red()} - set(map(rule_of, self._red()))

    def _red(self) -> set[str]:
        return {check for row in self.rows for check in row.red_checks}

    def _row(self, check: str) -> str:
        crossed = any(check in seen.crossed for seen in self.strict.values())
        return rule_of(check) if crossed else check

    def uncovered(self) -> list[str]:
        """Return the MUSTs that no fault turned red."""
        red = {id_ for row in self.rows for id_ in row.red}
        return [
            requirement.id
            for requirement in Register.load()
            if requirement.level is Level.MUST and requirement.id not in red
        ]


def observe_all(
    faults: Sequence[Fault], depths: Sequence[str] = (), *, whole: bool = False
) -> Matrix:
    """Observe the strict reference, at the given depths and those that are needed, and faults."""
    started = time.perf_counter()
    strict: dict[str, Seen] = {}
    rows: dict[str, Row] = {}
    runs: list[Seen] = []

    with Stations(WORKERS) as stations:

        def strict_at(*depths: str) -> Seen:
            new = [Job(depth=each, noting=True) for each in depths if each not in strict]
            strict.update((job.depth, seen) for job, seen in stations.carried_out(new))
            return strict[depths[0]]

        strict_at(*dict.fromkeys((*map(first_depth, faults), *depths)))
        trials = Trials(faults, strict_at, whole=whole)
        jobs = trials.first()
        while jobs:
            further: list[Job] = []
            for job, seen in stations.carried_out(jobs):
                runs.append(seen)
                found = trials.judged(job, seen)
                rows |= {row.fault: row for row in found}
                _say_what_is_wrong(found, trials, f"{len(rows)} of {len(faults)}")
                further += trials.instead(job, found)
            jobs = further

    return Matrix(
        strict=strict,
        rows=[rows[fault.name] for fault in faults],
        took=f"{time.perf_counter() - started:.0f} s in {WORKERS} workers on {os.cpu_count()} "
        f"cores: {len(runs)} runs, {sum(each.cpu_seconds for each in runs):.0f} s of processor "
        f"time, {sum(each.exchanges for each in runs)} exchanges",
    )


def _say_what_is_wrong(found: Sequence[Row], trials: Trials, count: str) -> None:
    """Print what is wrong as soon as it is known: the whole takes long."""
    for row in found:
        fault = trials.fault(row.fault)
        if row.wrong(fault):
            missed = " ".join(sorted(row.missed(fault))) or "nothing"
            blamed = " ".join(sorted(row.blamed(fault))) or "nothing"
            broke = len(row.errors)
            sys.stderr.write(
                f"{count}: {row.fault}: missed {missed}, blamed {blamed}, {broke} broke\n"
            )


def written(matrix: Matrix, faults: Mapping[str, Fault], reasons: Mapping[str, str]) -> str:
    """Return the matrix as Markdown, the summary first; `reasons` excuse checks never red."""
    lines = ["# Fault matrix", "", *_summary(matrix, faults), ""]
    never = matrix.never_red()
    unproven = matrix.unproven()
    lines += [f"* Never red in any row: {check}" for check in sorted(unproven - reasons.keys())]
    lines += [f"* Never red, excused: {check}: {why}" for check, why in reasons.items()]
    lines += [
        f"* A row that is never red: {row}" for row in sorted(never) if rule_of(row) not in unproven
    ]
    lines += [
        "",
        "| fault | must | red | missed | blamed | undecided | depth | checks | red checks |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in matrix.rows:
        fault = faults[row.fault]
        cells = (
            [row.fault],
            fault.requirements,
            sorted(row.red),
            sorted(row.missed(fault)),
            sorted(row.blamed(fault)),
            sorted(row.undecided),
            [row.depth],
            [str(row.checks)],
            [str(len(row.red_checks))],
        )
        lines.append("| " + " | ".join(" ".join(cell) for cell in cells) + " |")
    broken = [(row.fault, error) for row in matrix.rows for error in row.errors]
    lines += ["", *(f"* {fault}: {' '.join(error.split())}" for fault, error in broken), ""]
    lines += _by_check(matrix)
    return "\n".join(lines).rstrip() + "\n"


def excused() -> dict[str, str]:
    """Return the checks that no fault can turn red by itself, each with the reason."""
    read: dict[str, str] = yaml.safe_load(NEVER_RED.read_text(encoding="utf-8"))
    return read


def _by_check(matrix: Matrix) -> Iterator[str]:
    """Yield the table of checks: how many faults turned each red, and which."""
    yield from ("", "## Each check", "", "| check | red under |", "|---|---|")
    under: dict[str, list[str]] = {}
    for row in matrix.rows:
        for check in row.red_checks:
            under.setdefault(check, []).append(row.fault)
    for check in sorted(under):
        yield f"| {check} | {' '.join(under[check])} |"


def _summary(matrix: Matrix, faults: Mapping[str, Fault]) -> Iterator[str]:
    rows = matrix.rows
    killed = sum(not row.missed(faults[row.fault]) for row in rows)
    exact = sum(not row.blamed(faults[row.fault]) for row in rows)
    depths = Counter(row.depth for row in rows)
    yield f"* Killed: {killed} of {len(rows)} faults turned each of their requirements red."
    yield f"* Specific: {exact} of {len(rows)} turned nothing red but these and their dependents."
    yield f"* Checks that broke: {sum(len(row.errors) for row in rows)}."
    yield f"* MUSTs without a fault that turns them red: {' '.join(matrix.uncovered()) or 'none'}."
    for depth, seen in matrix.strict.items():
        red, undecided = " ".join(sorted(seen.red)), " ".join(sorted(seen.undecided))
        yield (
            f"* Strict reference at depth {depth}: red {red or 'nothing'}, undecided "
            f"{undecided or 'nothing'}, {len(seen.findings)} checks, {seen.exchanges} exchanges."
        )
    yield (
        f"* Left out: each check under which the strict reference, at the same seed and depth, "
        f"never comes to the place of the fault; the checks of {' '.join(sorted(ABOUT_FORM))} for "
        f"faults that are not about the contract; of crossed rules about requirements that a "
        f"fault does not break, all but {ROWS} combinations; of checks that are about nothing "
        f"which a fault may turn red, all but {ELSEWHERE} (`{ALL_CHECKS}` leaves none of them "
        f"out); of traces, the random ones at depth {QUICK}, and all but one in {SHARE} fixed "
        f"ones for faults that break no rule of theirs. "
        f"Faults are tried at depth {QUICK}, "
        f"and at {STANDARD} where that does not see them: "
        + ", ".join(f"{count} {depth}" for depth, count in depths.items())
        + ". RCP-07 is undecided where the checks that are left move no money."
    )
    yield (
        f"* Waiting: what does not show within {SETTLE_SECONDS:g} s is taken not to show at all."
    )
    yield f"* Took {matrix.took}."


def main(arguments: Sequence[str]) -> int:
    """Write the matrix of all faults, or of the chosen ones; return the exit code."""
    known = {fault.name: fault for fault in catalogue()}
    whole = ALL_CHECKS in arguments
    arguments = [each for each in arguments if each != ALL_CHECKS]
    if unknown := [name for name in arguments if name not in known]:
        sys.stderr.write(f"fault matrix: there is no fault {', '.join(unknown)}\n")
        return 2
    faults = {name: known[name] for name in arguments or known}
    depths = () if arguments else (QUICK, STANDARD)
    matrix = observe_all(list(faults.values()), depths, whole=whole)
    text = written(matrix, faults, excused())
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{text}\n{REPORT}\n")
    wrong = any(row.wrong(faults[row.fault]) for row in matrix.rows) or any(
        seen.red or seen.undecided or seen.errors for seen in matrix.strict.values()
    )
    unproven = not arguments and matrix.unproven() != excused().keys()
    return 1 if wrong or unproven else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
