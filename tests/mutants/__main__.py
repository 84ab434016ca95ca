"""Draws mutants of the reference, certifies each, and reports how many are noticed.

A mutant is noticed by a check that turns red. One that gets no certificate for another reason
(the doctor ends the run, a check stays undecided or breaks, the run does not end) is counted apart,
and so is one that is certified CONFORMANT: it does no harm, or the checks are blind to it.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from tests.faults.collected import Job
from tests.faults.matrix import QUICK, STANDARD, WORKERS
from tests.faults.station import Stations
from tests.mutants.mutant import mutants
from tests.mutants.trials import CERTIFIED, NOTICED, REFUSED, Outcome, drawn, observe

REPORT: Final = Path("reports/mutants.md")


def written(outcomes: Sequence[Outcome], reached: int, every: int, seed: int) -> str:
    """Return the report as Markdown, the rate first."""
    counts = Counter(each.verdict for each in outcomes)
    lines = [
        "# Mutants",
        "",
        f"* Noticed: {counts[NOTICED]} of {len(outcomes)} turned a check red "
        f"({counts[NOTICED] / max(len(outcomes), 1):.0%}).",
        f"* No certificate for another reason: {counts[REFUSED]}.",
        f"* Certified CONFORMANT: {counts[CERTIFIED]}. Each changes nothing that a client can "
        f"see, or shows what the checks are blind to.",
        f"* Drawn with seed {seed}, one for a line, from {reached} mutants of lines that a run at "
        f"depth {STANDARD} executes; {every} mutants in all. Left out: faults, variations, noise "
        f"and lineages, and what is no function's code.",
        "",
    ]
    for verdict in (CERTIFIED, REFUSED, NOTICED):
        lines += [f"## {verdict}", ""]
        lines += [
            _line(each)
            for each in sorted(outcomes, key=lambda each: each.mutant)
            if each.verdict == verdict
        ]
        lines.append("")
    return "\n".join(lines)


def _line(found: Outcome) -> str:
    why = f", {found.why}" if found.why else ""
    return f"* {found.mutant.place}: {found.mutant.change} ({found.depth}{why})"


@click.command()
@click.option("--sample", default=60, show_default=True, help="How many mutants are certified.")
@click.option("--seed", default=None, type=int, help="Of the draw; by default the day's number.")
def main(sample: int, seed: int | None) -> None:
    """Certify a sample of mutants of the reference, and write reports/mutants.md."""
    seed = datetime.now(UTC).toordinal() if seed is None else seed
    every = list(mutants())
    with Stations(WORKERS) as stations:
        strict = {
            job.depth: seen
            for job, seen in stations.carried_out(
                Job(depth=depth, noting=True, lines=True) for depth in (QUICK, STANDARD)
            )
        }
        reach = {depth: seen.reach for depth, seen in strict.items()}
        lines = reach[STANDARD].beforehand.union(*reach[STANDARD].under.values())
        chosen = drawn(every, lines, sample, seed)
        outcomes = observe(chosen, reach, stations)
    text = written(outcomes, sum(each.place in lines for each in every), len(every), seed)
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(text, encoding="utf-8")
    click.echo(f"{text}\n{REPORT}")
    if any(seen.red or seen.errors for seen in strict.values()):
        sys.exit("mutants: the strict reference itself is not green; see make matrix")


if __name__ == "__main__":
    main()
