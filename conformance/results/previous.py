"""The run before this one on the same target, and what has changed since, as a sentence."""

from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Final

from conformance.core.errors import SetupError
from conformance.results.model import Results
from conformance.results.reading import RESULTS, read_results

LOOKED_AT: Final = 20  # runs, so that a long history costs no more than a short one
NAMED: Final = 5  # things that changed besides


def since_last(folder: Path, results: Results) -> tuple[str, ...]:
    """Say what has changed since the last whole run on the target; nothing if there is none."""
    before = previous_of(folder, results) if results.certifiable else None
    return (changes(before, results),) if before else ()


def previous_of(folder: Path, results: Results) -> Results | None:
    """Return the last whole run on the same target beside the one in `folder`, if there is any.

    Ids of runs sort as they began. A file that cannot be read is no earlier run.
    """
    name = folder.resolve().name
    runs = sorted(folder.resolve().parent.glob(f"*/{RESULTS}"), reverse=True)
    for path in islice((each for each in runs if each.parent.name < name), LOOKED_AT):
        with suppress(SetupError):
            found = read_results(path)
            if found.certifiable and _target(found) == _target(results):
                return found
    return None


def changes(before: Results, now: Results) -> str:
    """Compare two runs; return what changed as a sentence."""
    from conformance.results.comparing import compare  # few runs follow another

    found = compare(before, now)
    besides = [each.subject for each in found.differences]
    more = f" and {len(besides) - NAMED} more" if len(besides) > NAMED else ""
    also = f" Changed besides: {', '.join(besides[:NAMED])}{more}." if besides else ""
    return (
        f"Since the run of {before.finished[:10]} ({before.header.run}): {found.conclusion}{also}"
    )


def _target(results: Results) -> tuple[str, str]:
    """Return what makes two targets the same: name, and lineage where it is the reference."""
    rehearsal = results.header.rehearsal
    return results.header.target["name"], rehearsal.lineage if rehearsal else ""
