"""The fault matrix: every fault of the reference against every requirement.

`python -m tests.faults.matrix [--everything] [FAULT ...]` (`make matrix`) writes
reports/fault-matrix.md. It exits with 1 unless the strict reference is all green, each fault turns
its own requirements red and nothing else but its dependents, and no check breaks.
"""

import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import yaml

from conformance.core.requirements import Register
from conformance.core.verdicts import Level, Verdict
from conformance.doctor import SetupFault
from conformance.generation import STANDARD
from conformance.reference import Fault, catalogue
from conformance.run.certify import carry_out
from conformance.run.config import ReferenceOptions, RunConfig
from conformance.run.embedded import default_profile
from conformance.run.plugin import Watcher
from tests.faults.reach import Reach

REPORT: Final = Path(__file__).parents[2] / "reports" / "fault-matrix.md"
WORKERS: Final = 3  # processes, each with its own deployment; one more than cores, as some wait
RENEWED_AFTER: Final = 12  # runs
EVERYTHING: Final = "--everything"
# What checks the form of answers to many odd requests takes longer than all else together, and
# leads to every place. It is left out where a fault and its dependents are not about the contract.
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
    spared: bool = False  # of the checks that the fault cannot touch
    checks: int = 0
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
    depth: str = STANDARD,
    checks: frozenset[str] | None = None,
    watcher: Watcher | None = None,
) -> Row:
    """Certify the reference with one fault ("" for none), and return what turned red.

    `only` leaves out the checks of other requirements, `checks` all but those named.
    """
    wall, cpu = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        config = RunConfig(
            settings={"limits": limits()},
            reference=ReferenceOptions(faults=(fault,) if fault else ()),
            only=only,
            checks=checks,
            depth=depth,
            reports=Path(folder),
            written=False,
        )
        try:
            run, _ = carry_out(config, watcher)
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
        spared=bool(only) or checks is not None,
        checks=len(results.checks),
        exchanges=len(run.exchanges),
        seconds=time.perf_counter() - wall,
        cpu_seconds=time.process_time() - cpu,
    )


def reach() -> Reach:
    """Certify the strict reference as a fault will be, and return what each fault can reach."""
    with Reach().noted() as noting:
        observe("", _not_about_form(), QUICK, watcher=noting)
    return noting


def observe_in_matrix(fault: Fault, reach: Reach) -> Row:
    """Certify with a fault by every check that it can reach."""
    if about_form(fault):
        return observe(fault.name)
    return observe(fault.name, _not_about_form(), QUICK, reach.checks(fault.name))


def about_form(fault: Fault) -> bool:
    """Whether a fault must, or may, turn red what checks the form of answers."""
    return bool({*fault.requirements, *fault.dependents} & set(ABOUT_FORM))


def observe_all(faults: Sequence[Fault], *, everything: bool = False) -> tuple[Row, list[Row]]:
    """Observe the strict reference and several faults, side by side.

    A worker is renewed before pytest's leavings fill it; the longest runs come first.
    """
    reached = Reach() if everything else reach()
    with get_context("spawn").Pool(WORKERS, maxtasksperchild=RENEWED_AFTER) as pool:
        strict = pool.apply_async(observe, ("",))
        if everything:
            rows = [pool.apply_async(observe, (fault.name,)) for fault in faults]
        else:
            ordered = sorted(faults, key=about_form, reverse=True)
            rows = [pool.apply_async(observe_in_matrix, (fault, reached)) for fault in ordered]
        found = {row.fault: row for row in (each.get() for each in rows)}
        return strict.get(), [found[fault.name] for fault in faults]


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
        "| fault | must | red | missed | blamed | undecided | checks |",
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
            [str(row.checks)],
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
    spared = [row for row in rows if row.spared]
    exchanges, cpu = sum(row.exchanges for row in rows), sum(row.cpu_seconds for row in rows)
    return [
        f"* Killed: {killed} of {len(rows)} faults turned each of their requirements red.",
        f"* Specific: {exact} of {len(rows)} turned nothing red but these and their dependents.",
        f"* Checks that broke: {sum(len(row.errors) for row in rows)}.",
        f"* MUSTs without a fault that turns them red: {' '.join(uncovered(rows)) or 'none'}.",
        f"* Strict reference: red {' '.join(sorted(strict.red)) or 'nothing'}, "
        f"{strict.checks} checks, {strict.exchanges} exchanges in {strict.seconds:.1f} s.",
        f"* Left out for {len(spared)} faults that are not about the contract: the checks of "
        f"{' '.join(ABOUT_FORM)}, and each check under which the strict reference, at the same "
        f"seed and depth, never comes to the place of the fault; what is generated else is at "
        f"depth {QUICK} there. RCP-07 is undecided where the checks that are left move no money. "
        f"`{EVERYTHING}` leaves nothing out.",
        f"* Waiting: what does not show within {SETTLE_SECONDS:g} s is taken not to show at all.",
        f"* Took {seconds:.0f} s in {WORKERS} workers on {os.cpu_count()} cores: {cpu:.0f} s of "
        f"processor time, {exchanges} exchanges.",
    ]


def _not_about_form() -> tuple[str, ...]:
    return tuple(row.id for row in Register.load() if row.id not in ABOUT_FORM)


def limits() -> dict[str, object]:
    """Return the limits of the shipped profile, with a short wait for what does not show."""
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
    strict, rows = observe_all(list(faults.values()), everything=everything)
    text = written(strict, rows, faults, time.perf_counter() - started)
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{text}\n{REPORT}\n")
    wrong = any(row.wrong(faults[row.fault]) for row in rows)
    return 1 if wrong or strict.red or strict.undecided or strict.errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
