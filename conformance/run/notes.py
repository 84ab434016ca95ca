"""The notes of a run at its end: what is left to do, today or another day."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from conformance.bbps.ending import Ended

LISTED: Final = 8  # transactions that a note names; `clean` names all


def notes_of(
    *,
    settling: str,
    cleaning: str,
    window: str,
    ended: Ended,
    created: bool,
    started: str,
    left_out: Sequence[str] = (),
) -> tuple[str, ...]:
    """Return the notes on a run, each a sentence or two.

    `settling` and `cleaning` are commands. `window` says when the run can be settled, empty if
    nothing waits. `created` is whether it left anything on the deployment, and
    `started` when its first part began (ISO 8601), empty if this is the first. `left_out` is what
    is broken in contracts of the user, and of no matter here.
    """
    notes = []
    if window:
        notes.append(f"The certificate is complete once this run is settled {window}: {settling}")
    if ended.count:
        notes.append(
            f"{ended.count} of its transactions that were pending at the end were marked failed."
        )
    for reason, ids in _by_reason(ended.left).items():
        more = f" and {len(ids) - LISTED} more" if len(ids) > LISTED else ""
        notes.append(f"Still pending, because {reason}: {', '.join(ids[:LISTED])}{more}")
    if created:
        then = "Once it is settled, remove" if window else "Remove"
        notes.append(f"{then} what this run created: {cleaning}")
    if started:
        begun = datetime.fromisoformat(started)
        notes.append(f"Started on {begun:%d %b %Y, %H:%M %z}, and continued later.")
    notes += (f"Left out of a contract, as no check needs it: {each}" for each in left_out)
    return tuple(notes)


def _by_reason(left: Mapping[str, str]) -> dict[str, list[str]]:
    reasons: dict[str, list[str]] = {}
    for id_, reason in left.items():
        reasons.setdefault(reason, []).append(id_)
    return reasons
