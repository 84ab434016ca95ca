"""The fault matrix: every fault of the reference against every requirement.

`python -m tests.faults.matrix` writes reports/fault-matrix.md and exits 1 unless each fault turns
its own requirements red, and nothing but them and its declared dependents.
"""

import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from conformance.certify import Order, carry_out
from conformance.reference import Fault, catalogue
from conformance.requirements import Register
from conformance.verdicts import Level, Verdict

REPORT = Path(__file__).parents[2] / "reports" / "fault-matrix.md"
LANES = 2  # processes; each serves its own deployment


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one fault turned red, and the checks that broke or could not decide."""

    fault: str
    red: frozenset[str]
    undecided: frozenset[str]
    errors: tuple[str, ...]

    def missed(self, fault: Fault) -> set[str]:
        """Requirements that should have turned red and did not."""
        return set(fault.requirements) - self.red

    def blamed(self, fault: Fault) -> set[str]:
        """Requirements that turned red although the fault does not touch them."""
        return set(self.red) - set(fault.requirements) - set(fault.dependents)


def observe(fault: str, only: tuple[str, ...] = ()) -> Row:
    """Certify the reference with one fault ("" for none), and tell what turned red.

    `only` leaves out the checks of other requirements.
    """
    with tempfile.TemporaryDirectory() as folder:
        faults = (fault,) if fault else ()
        order = Order(faults=faults, only=only, reports=Path(folder), written=False)
        run, _ = carry_out(order)
    results = run.results
    if results is None:
        return Row(fault=fault, red=frozenset(), undecided=frozenset(), errors=("no results",))
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
    )


def observe_all(names: Iterable[str]) -> list[Row]:
    """Observe several faults, side by side."""
    with ProcessPoolExecutor(LANES) as pool:
        return list(pool.map(observe, names))


def written(rows: list[Row], faults: dict[str, Fault]) -> str:
    """Return the matrix as Markdown."""
    lines = [
        "# Fault matrix",
        "",
        "| fault | must turn red | turned red | missed | blamed | undecided | errors |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        fault = faults[row.fault]
        cells = (
            row.fault,
            " ".join(fault.requirements),
            " ".join(sorted(row.red)),
            " ".join(sorted(row.missed(fault))),
            " ".join(sorted(row.blamed(fault))),
            " ".join(sorted(row.undecided)),
            str(len(row.errors) or ""),
        )
        lines.append("| " + " | ".join(cells) + " |")
    killed = sum(not row.missed(faults[row.fault]) for row in rows)
    exact = sum(not row.blamed(faults[row.fault]) for row in rows)
    lines += ["", f"Killed {killed} of {len(rows)}; blamed nothing else in {exact} of {len(rows)}."]
    return "\n".join(lines) + "\n"


def uncovered(rows: list[Row]) -> list[str]:
    """Return the MUSTs that no fault turned red."""
    red = {id_ for row in rows for id_ in row.red}
    return [
        requirement.id
        for requirement in Register.load()
        if requirement.level is Level.MUST and requirement.id not in red
    ]


def main(chosen: list[str]) -> int:
    """Write the matrix of all faults, or of the chosen ones."""
    faults = {fault.name: fault for fault in catalogue() if not chosen or fault.name in chosen}
    strict = observe("")
    rows = observe_all(faults)
    text = written(rows, faults)
    REPORT.write_text(text, encoding="utf-8")
    wrong = [
        row.fault
        for row in rows
        if row.missed(faults[row.fault]) or row.blamed(faults[row.fault]) or row.errors
    ]
    sys.stdout.write(f"{text}\nStrict reference: red {sorted(strict.red) or 'nothing'}\n")
    sys.stdout.write(f"MUSTs without a fault that turns them red: {uncovered(rows)}\n{REPORT}\n")
    return 1 if wrong or strict.red or strict.errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
