"""The notes of a run at its end: what is left to do, today or another day."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from conformance.bbps.ending import Ended

LISTED: Final = 8  # transactions that a note names; `clean` names all


def notes_of(
    run: str, *, profile: str, window: str, ended: Ended, created: bool, started: str
) -> tuple[str, ...]:
    """Return the notes on a run, each a sentence or two.

    `profile` is the path of the profile, empty without one. `window` says when the run can be
    settled, empty if nothing waits. `created` is whether it left anything on the deployment, and
    `started` when its first part began (ISO 8601), empty if this is the first.
    """
    target = f" --target {profile}" if profile else ""
    notes = []
    if window:
        notes.append(
            f"The certificate is complete once this run is settled {window}: "
            f"bbps-conformance certify --settle {run}{target}"
        )
    if ended.count:
        notes.append(
            f"{ended.count} of its transactions that were pending at the end were marked failed."
        )
    for reason, ids in _by_reason(ended.left).items():
        more = f" and {len(ids) - LISTED} more" if len(ids) > LISTED else ""
        notes.append(f"Still pending, because {reason}: {', '.join(ids[:LISTED])}{more}")
    if created:
        then = "Once it is settled, remove" if window else "Remove"
        notes.append(f"{then} what this run created: bbps-conformance clean {run}{target}")
    if started:
        begun = datetime.fromisoformat(started)
        notes.append(f"Started on {begun:%d %b %Y, %H:%M %z}, and continued later.")
    return tuple(notes)


def _by_reason(left: Mapping[str, str]) -> dict[str, list[str]]:
    reasons: dict[str, list[str]] = {}
    for id_, reason in left.items():
        reasons.setdefault(reason, []).append(id_)
    return reasons
