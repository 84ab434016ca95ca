"""The notes at the end of a run: what is left to do, and with which command."""

from conformance.bbps.ending import Ended
from conformance.run.notes import LISTED, notes_of

NOTHING = Ended()
COMMANDS = {"settling": "settle it", "cleaning": "clean it"}


def test_a_run_that_left_nothing_needs_no_notes() -> None:
    assert notes_of(**COMMANDS, window="", ended=NOTHING, created=False, started="") == ()


def test_what_stays_pending_is_listed_by_reason_with_the_command() -> None:
    left = {f"T{n}": "no means" for n in range(LISTED + 2)} | {"T99": "no token"}
    notes = notes_of(
        **COMMANDS, window="", ended=Ended(count=3, left=left), created=True, started=""
    )
    assert notes == (
        "3 of its transactions that were pending at the end were marked failed.",
        "Still pending, because no means: T0, T1, T2, T3, T4, T5, T6, T7 and 2 more",
        "Still pending, because no token: T99",
        "Remove what this run created: clean it",
    )


def test_an_open_run_is_settled_before_it_is_cleaned() -> None:
    settle, remove, begun = notes_of(
        **COMMANDS, window="from Monday on", ended=NOTHING, created=True,
        started="2026-04-01T10:00:00+05:30",
    )  # fmt: skip
    assert settle.endswith("from Monday on: settle it")
    assert remove.startswith("Once it is settled, remove")
    assert begun == "Started on 01 Apr 2026, 10:00 +0530, and continued later."
