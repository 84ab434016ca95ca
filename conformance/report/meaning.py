"""What a run's verdict means, in plain English; the same text in every report."""

from collections.abc import Mapping
from pathlib import PureWindowsPath

from conformance.core.verdicts import Level, RunVerdict, Verdict
from conformance.core.wording import plural
from conformance.results.model import Results
from conformance.results.rehearsal import Rehearsal


def meaning(results: Results) -> str:
    """Return what the verdict means, in a few plain sentences; of a rehearsal that it is one."""
    rehearsal = results.header.rehearsal
    if rehearsal is None:
        return f"{_meaning(results, 'This deployment')}{_advice(results)}{_stale(results)}"
    said = _meaning(results, "The target of this rehearsal")
    return f"{rehearsed(rehearsal)} {said}{_advice(results)}{_stale(results)}"


def rehearsed(rehearsal: Rehearsal) -> str:
    """Return the sentence that keeps a rehearsal from being taken for a certification."""
    return (
        f"This was a rehearsal: it certifies no deployment. Its target was {rehearsal.description}."
    )


def decision(results: Results) -> str:
    """Return what follows from the verdict, as the one line that an official needs."""
    if results.header.rehearsal is not None:
        return "A rehearsal. It certifies no deployment."
    return {
        RunVerdict.CONFORMANT: "May take bill payments from BBPS.",
        RunVerdict.WITH_WAIVERS: "May take bill payments from BBPS, as long as its waivers last.",
        RunVerdict.NON_CONFORMANT: "Must not take bill payments from BBPS yet.",
        RunVerdict.INCONCLUSIVE: "Must not take bill payments from BBPS until all is decided.",
        RunVerdict.PARTIAL: "Not decided: only part of the suite ran.",
        RunVerdict.ERROR: "Not decided: the run failed, and must be repeated.",
    }[results.verdict]


def _advice(results: Results) -> str:
    """Name the advisory requirements that failed, which the verdict alone would hide."""
    ids = [row.id for row in results.advised_against]
    if not ids:
        return ""
    decide = "does" if len(ids) == 1 else "do"
    return (
        f" It breaks {plural(len(ids), 'advisory requirement')} ({', '.join(ids)}), "
        f"which {decide} not decide the verdict."
    )


def _stale(results: Results) -> str:
    """Name the waivers that must be removed, corrected or renewed."""
    stale = [f"{row.id} of {row.requirement}: {row.standing}" for row in results.stale_waivers]
    if not stale:
        return ""
    settings = results.header.profile.get("settings")
    named = settings.get("waivers") if isinstance(settings, Mapping) else ""
    # The name alone, whatever system the run was made on: a report is the same everywhere.
    file = f" in {PureWindowsPath(str(named)).name}" if named else ""
    waivers = plural(len(stale), "waiver")
    return f" Remove, correct or renew {waivers}{file} ({', '.join(stale)})."


def _meaning(results: Results, target: str) -> str:
    match results.verdict:
        case RunVerdict.NON_CONFORMANT:
            ids = _must(results, Verdict.FAILED)
            return (
                f"{target} should not take bill payments from BBPS yet: it breaks "
                f"{plural(len(ids), 'binding requirement')} ({', '.join(ids)})."
            )
        case RunVerdict.INCONCLUSIVE:
            ids = _must(results, Verdict.INCONCLUSIVE)
            return (
                f"Nothing binding was found broken, but {plural(len(ids), 'binding requirement')} "
                f"could not be decided ({', '.join(ids)}). "
                "Until they are decided, do not take payments."
            )
        case RunVerdict.PARTIAL:
            return (
                f"No binding requirement that was checked is broken. {_unchecked(results)}"
                "Only part of the suite ran; only a run of the whole suite can certify."
            )
        case RunVerdict.WITH_WAIVERS:
            ids = _must(results, Verdict.WAIVED)
            used = [row for row in results.waivers if row.checks and row.requirement in ids]
            until = min(row.expiry for row in used)
            return (
                f"{target} breaks {plural(len(ids), 'binding requirement')} ({', '.join(ids)}). "
                f"Waivers of its owner accept that for now; the first of them ends on {until}. "
                f"It keeps every other binding requirement{_reach(results)}{_declared(results)}"
            )
        case RunVerdict.ERROR:
            return "The run failed. It says nothing about the deployment. Repeat it."
    return f"{target} keeps every binding requirement{_reach(results)}{_declared(results)}"


def _reach(results: Results) -> str:
    """Say how far a pass reaches: what no check looked at is not hidden."""
    if _left_out(results, Level.MUST):
        return f" that was checked. {_unchecked(results)}".rstrip()
    advisory = _left_out(results, Level.SHOULD, Level.NOTE)
    if advisory:
        return f". {plural(advisory, 'advisory requirement')} had no check in this run."
    return " for bill payments from BBPS."


def _unchecked(results: Results) -> str:
    """Say how many binding requirements a run left open, if it did."""
    binding = _left_out(results, Level.MUST)
    if not binding:
        return ""
    return (
        f"{plural(binding, 'binding requirement')} had no check in this run, so they are not "
        "decided; they are listed as not covered. "
    )


def _left_out(results: Results, *levels: Level) -> int:
    """Return how many requirements of some levels no check looked at."""
    return sum(row.verdict is None and row.level in levels for row in results.requirements)


def _declared(results: Results) -> str:
    """Say what the profile took out of the judgement."""
    ids = _must(results, Verdict.NOT_APPLICABLE)
    if not ids:
        return ""
    return f" Its profile declares {', '.join(ids)} not applicable, for reasons given there."


def _must(results: Results, verdict: Verdict) -> list[str]:
    rows = results.requirements
    return [row.id for row in rows if row.level is Level.MUST and row.verdict is verdict]
