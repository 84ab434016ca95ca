"""Applies a gate to the results of a run: by level, and against the results of an earlier run."""

from dataclasses import replace
from pathlib import Path
from typing import Final

from conformance.core.errors import ExitCode, SetupError
from conformance.core.verdicts import RunVerdict, Verdict
from conformance.core.wording import plural
from conformance.results.gate import USUAL, Gate
from conformance.results.model import CheckRow, Results
from conformance.results.reading import results_at

# The worse, the later. A check that did not exist, or did not apply, had nothing wrong.
ORDER: Final = (Verdict.PASSED, Verdict.INCONCLUSIVE, Verdict.ERROR, Verdict.FAILED)
SHOWN: Final = 6  # requirements that one line names


def baseline_of(path: Path | None) -> Results | None:
    """Read the results to compare with, from a results.json or the folder of a run; SetupError."""
    if path is None:
        return None
    results = results_at(path)
    if not results.complete:
        raise SetupError(
            f"--baseline: the run {results.header.run} was not finished, so what it lacks cannot "
            "be distinguished from what failed",
            remedy="give a run that came to its end",
        )
    return results


def compared(results: Results, level: str = USUAL, baseline: Results | None = None) -> Results:
    """Return the results with their gate; `level` is a key of GATES."""
    if baseline is None:
        return replace(results, gate=Gate(level=level))
    before, now = _verdicts(baseline), _verdicts(results)
    badness = {check.id: _badness(check, before, baseline) for check in results.checks}
    wrong = {id_: each for id_, each in now.items() if each}
    return replace(
        results,
        gate=Gate(
            level=level,
            baseline=baseline.header.run,
            baseline_target=baseline.header.target["name"],
            known=tuple(id_ for id_, each in wrong.items() if each <= badness[id_]),
            regressions=tuple(id_ for id_, each in wrong.items() if each > badness[id_]),
            improvements=tuple(
                check.id for check in results.rows(Verdict.PASSED) if before.get(check.id)
            ),
        ),
    )


def exit_code(results: Results) -> ExitCode:
    """Return what the command ends with, by the gate of the results.

    An error of the suite gates always, and a part of the suite never ends as the whole; nor does a
    run with stale waivers.
    """
    gating = [check for check in results.checks if results.gates(check)]
    if any(check.verdict is Verdict.FAILED for check in gating):
        return ExitCode.NON_CONFORMANT
    broken = results.rows(Verdict.ERROR) or results.problems
    if broken or results.verdict is RunVerdict.ERROR:
        return ExitCode.SUITE_ERROR
    if results.gate.level == "none":
        return ExitCode.CONFORMANT
    if gating or results.header.partial or results.stale_waivers:
        return ExitCode.POLICY
    return ExitCode.CONFORMANT


def gate_lines(results: Results) -> list[str]:
    """Return what the gate did, as sentences; nothing where it is the usual one."""
    gate = results.gate
    if gate == Gate():
        return []
    lines = [f"--gate {gate.level}: the command ends with {int(exit_code(results))}"]
    if gate.baseline:
        lines.append(f"compared with run {gate.baseline} of {gate.baseline_target}")
        if gate.baseline_target != (own := results.header.target["name"]):
            lines.append(
                f"that is another target than {own}: what was wrong there gates nothing here; "
                f"give --baseline a run of {own}"
            )
        for name, ids in (
            ("regression", gate.regressions),
            ("improvement", gate.improvements),
            ("known problem", gate.known),
        ):
            lines.append(f"{plural(len(ids), name)}{_requirements(results, ids)}")
    return lines


def _requirements(results: Results, checks: tuple[str, ...]) -> str:
    wanted = set(checks)
    ids = dict.fromkeys(
        id_ for check in results.checks if check.id in wanted for id_ in check.requirements
    )
    shown = ", ".join([*ids][:SHOWN]) + (", ..." if len(ids) > SHOWN else "")
    return f": {shown}" if ids else ""


def _verdicts(results: Results) -> dict[str, int]:
    return {check.id: _rank(check.verdict) for check in results.checks}


def _badness(check: CheckRow, before: dict[str, int], baseline: Results) -> int:
    """Return how a check was in the baseline; of one that is new, how its requirements were."""
    if check.id in before:
        return before[check.id]
    rows = [row.verdict for row in baseline.requirements if row.id in check.requirements]
    return min((_rank(each) for each in rows), default=0)


def _rank(verdict: Verdict | None) -> int:
    return ORDER.index(verdict) if verdict in ORDER else 0
