"""The fault matrix: every fault of the reference against every requirement.

`python -m tests.faults.matrix [--everything] [FAULT ...]` writes reports/fault-matrix.md; it exits
with 1 unless each fault turns its own requirements red, and nothing else but declared dependents.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import yaml

from conformance.certify import Order, carry_out
from conformance.doctor import SetupFault
from conformance.embedded import default_profile
from conformance.generation import STANDARD
from conformance.reference import Fault, catalogue
from conformance.requirements import Register
from conformance.verdicts import Level, Verdict

REPORT: Final = Path(__file__).parents[2] / "reports" / "fault-matrix.md"
LANES: Final = 2  # processes; each serves its own deployment
RENEWED_AFTER: Final = 12  # runs
EVERYTHING: Final = "--everything"
# What looks at the form of answers to many odd requests takes longer than all else together. It is
# left out where neither a fault nor its dependents are about the contract.
ABOUT_FORM: Final = ("CON-02", "CON-03", "CON-05", "CON-07")
QUICK: Final = "quick"  # the depth of what is left
# The reference shows every write at once, so that nothing is gained by waiting for it.
SETTLE_SECONDS: Final = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one fault turned red, and the checks that broke or could not decide."""

    fault: str
    red: frozenset[str] = frozenset()
    undecided: frozenset[str] = frozenset()
    errors: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    exchanges: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0

    def missed(self, fault: Fault) -> set[str]:
        """Requirements that should have turned red and did not."""
        return set(fault.requirements) - self.red

    def blamed(self, fault: Fault) -> set[str]:
        """Requirements that turned red although the fault does not touch them."""
        return set(self.red) - set(fault.requirements) - set(fault.dependents)

    def wrong(self, fault: Fault) -> bool:
        """Whether the checks did not see the fault, or saw something else in it, or broke."""
        return bool(self.missed(fault) or self.blamed(fault) or self.errors)


def observe(
    fault: str,
    only: tuple[str, ...] = (),
    left_out: tuple[str, ...] = (),
    depth: str = STANDARD,
) -> Row:
    """Certify the reference with one fault ("" for none), and tell what turned red.

    `only` leaves out the checks of other requirements; `left_out` is but told in the row.
    """
    wall, cpu = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        order = Order(
            settings={"limits": _limits()},
            faults=(fault,) if fault else (),
            only=only,
            depth=depth,
            reports=Path(folder),
            written=False,
        )
        try:
            run, _ = carry_out(order)
        except SetupFault as problem:
            return Row(fault=fault, errors=(f"the doctor ended the run: {problem}",))
    results = run.results
    if results is None:
        return Row(fault=fault, errors=("no results",))
    verdicts = {row.id: row.verdict for row in results.requirements}
    return Row(
        fault=fault,
        red=frozenset(id_ for id_, verdict in verdicts.items() if verdict == Verdict.FAILED),
        undecided=frozenset(
            id_ for id_, verdict in verdicts.items() if verdict == Verdict.INCONCLUSIVE
        ),
        errors=tuple(
            f"{row.id}: {row.reason}" for row in results.checks if row.verdict == Verdict.ERROR
        ),
        left_out=left_out,
        exchanges=len(run.exchanges),
        seconds=time.perf_counter() - wall,
        cpu_seconds=time.process_time() - cpu,
    )


def observe_in_matrix(fault: Fault) -> Row:
    """Certify with a fault against every requirement but those that it cannot touch."""
    if {*fault.requirements, *fault.dependents} & set(ABOUT_FORM):
        return observe(fault.name)
    rest = tuple(row.id for row in Register.load() if row.id not in ABOUT_FORM)
    return observe(fault.name, rest, ABOUT_FORM, QUICK)


def observe_all(faults: Iterable[Fault], *, everything: bool = False) -> list[Row]:
    """Observe several faults, side by side; a lane is renewed before pytest's leavings fill it."""
    with get_context("spawn").Pool(LANES, maxtasksperchild=RENEWED_AFTER) as pool:
        if everything:
            return pool.map(observe, [fault.name for fault in faults], chunksize=1)
        return pool.map(observe_in_matrix, faults, chunksize=1)


def uncovered(rows: Sequence[Row]) -> list[str]:
    """Return the MUSTs that no fault turned red."""
    red = {id_ for row in rows for id_ in row.red}
    return [
        requirement.id
        for requirement in Register.load()
        if requirement.level is Level.MUST and requirement.id not in red
    ]


def written(strict: Row, rows: Sequence[Row], faults: dict[str, Fault], seconds: float) -> str:
    """Return the matrix as Markdown, the summary first; `seconds` is the time it all took."""
    lines = ["# Fault matrix", "", *_summary(strict, rows, faults, seconds), ""]
    lines += [
        "| fault | must | red | missed | blamed | undecided | left out |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        fault = faults[row.fault]
        cells = (
            [row.fault],
            fault.requirements,
            sorted(row.red),
            sorted(row.missed(fault)),
            sorted(row.blamed(fault)),
            sorted(row.undecided),
            row.left_out,
        )
        lines.append("| " + " | ".join(" ".join(cell) for cell in cells) + " |")
    broken = [(row.fault, error) for row in rows for error in row.errors]
    lines += ["", *(f"* {fault}: {' '.join(error.split())}" for fault, error in broken)]
    return "\n".join(lines).rstrip() + "\n"


def _summary(
    strict: Row, rows: Sequence[Row], faults: dict[str, Fault], seconds: float
) -> list[str]:
    killed = sum(not row.missed(faults[row.fault]) for row in rows)
    exact = sum(not row.blamed(faults[row.fault]) for row in rows)
    spared = sum(bool(row.left_out) for row in rows)
    exchanges, cpu = sum(row.exchanges for row in rows), sum(row.cpu_seconds for row in rows)
    return [
        f"* Killed: {killed} of {len(rows)} faults turned each of their requirements red.",
        f"* Specific: {exact} of {len(rows)} turned nothing red but these and their dependents.",
        f"* Checks that broke: {sum(len(row.errors) for row in rows)}.",
        f"* MUSTs without a fault that turns them red: {' '.join(uncovered(rows)) or 'none'}.",
        f"* Strict reference: red {' '.join(sorted(strict.red)) or 'nothing'}, "
        f"{strict.exchanges} exchanges in {strict.seconds:.1f} s.",
        f"* Left out: {' '.join(ABOUT_FORM)} for {spared} faults that are not about the contract "
        f"(`{EVERYTHING}` leaves nothing out); what is generated else is at depth {QUICK} there.",
        f"* Waiting: what does not show within {SETTLE_SECONDS:g} s is taken not to show at all.",
        f"* Took {seconds:.0f} s in {LANES} lanes on {os.cpu_count()} cores: {cpu:.0f} s of "
        f"processor time, {exchanges} exchanges.",
    ]


def _limits() -> dict[str, object]:
    """Return the limits of the shipped profile with the short wait of the matrix."""
    profile = yaml.safe_load(default_profile().read_text(encoding="utf-8"))
    return {**profile["limits"], "settle_seconds": SETTLE_SECONDS}


def main(arguments: Sequence[str]) -> int:
    """Write the matrix of all faults, or of the chosen ones; return the exit code."""
    everything = EVERYTHING in arguments
    chosen = [name for name in arguments if name != EVERYTHING]
    known = {fault.name: fault for fault in catalogue()}
    if unknown := [name for name in chosen if name not in known]:
        sys.stderr.write(f"fault matrix: there is no fault {', '.join(unknown)}\n")
        return 2
    faults = {name: known[name] for name in chosen or known}
    started = time.perf_counter()
    strict = observe("")
    rows = observe_all(faults.values(), everything=everything)
    text = written(strict, rows, faults, time.perf_counter() - started)
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{text}\n{REPORT}\n")
    wrong = any(row.wrong(faults[row.fault]) for row in rows)
    return 1 if wrong or strict.red or strict.undecided or strict.errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
