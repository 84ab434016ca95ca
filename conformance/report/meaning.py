"""What a run's verdict means, in plain words; the same words in every report."""

from conformance.report.plain import plural
from conformance.report.results import Results
from conformance.verdicts import Level, RunVerdict, Verdict


def meaning(results: Results) -> str:
    """Return what the verdict means, in one or two plain sentences."""
    open_ones = len(results.requirements) - results.covered
    match results.verdict:
        case RunVerdict.NON_CONFORMANT:
            ids = _must(results, Verdict.FAILED)
            return (
                "This deployment should not take bill payments from BBPS yet: it breaks "
                f"{plural(len(ids), 'binding requirement')} ({', '.join(ids)})."
            )
        case RunVerdict.INCONCLUSIVE:
            ids = _must(results, Verdict.INCONCLUSIVE)
            return (
                f"Nothing binding was found broken, but {plural(len(ids), 'binding requirement')} "
                f"could not be decided ({', '.join(ids)}). Until then this is no clearance."
            )
        case RunVerdict.ERROR:
            return "The run broke down. It says nothing about the deployment; repeat it."
    if open_ones == 0:
        return "This deployment keeps every binding requirement for BBPS bill payments."
    return (
        "This deployment keeps every binding requirement that was checked. "
        f"{plural(open_ones, 'requirement')} of the register had no check in this run; "
        "they are listed as not covered."
    )


def _must(results: Results, verdict: Verdict) -> list[str]:
    rows = results.requirements
    return [row.id for row in rows if row.level is Level.MUST and row.verdict is verdict]
