"""Undoing a run: what it created on a deployment is ended and cancelled."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from conformance.bbps.cleanup import Cleaner, CleanupState
from conformance.bbps.flow import Bbps
from conformance.client.client import Client
from conformance.contracts import Contracts
from conformance.core.errors import SetupError
from conformance.core.ledger import Entry, Ledger, read
from conformance.core.redaction import Redactor
from conformance.core.verdicts import Inconclusive
from conformance.profile.loading import Profile
from conformance.results.lock import RunLock
from conformance.run.resume import LEDGER


def entries_of(folder: Path) -> list[Entry]:
    """Return what the ledger of a run says that it created. Raises SetupError."""
    path = folder / LEDGER
    try:
        return read(path) if path.exists() else []
    except (OSError, ValueError) as problem:
        raise SetupError(f"the ledger cannot be read: {problem}") from None


def undo(
    folder: Path, profile: Profile, entries: list[Entry], say: Callable[[str], None]
) -> Counter[CleanupState]:
    """Undo what a run created, `say` each thing, and return how many came to which state.

    Raises SetupError where another process works on the run, or where nothing can be undone.
    """
    say(f"{len(entries)} entries of the ledger to process.")
    states: Counter[CleanupState] = Counter()
    lock = RunLock(folder.resolve())
    try:
        with for_cleaning(profile) as bbps:
            bbps.client.token("administrator")
            for item in Cleaner(bbps).clean(entries):
                states[item.state] += 1
                if item.state is not CleanupState.CLOSED:
                    say(item.describe())
    except Inconclusive as problem:
        raise SetupError(f"nothing can be undone: {problem}") from None
    finally:
        lock.release()
    undone, closed, left = (
        states[each] for each in (CleanupState.UNDONE, CleanupState.CLOSED, CleanupState.LEFT)
    )
    say(f"{undone} undone, {closed} with nothing to do, {left} left to a person")
    return states


@contextmanager
def for_cleaning(profile: Profile) -> Iterator[Bbps]:
    """Open a target to undo a run: nothing is recorded, and nothing may be spent."""
    redactor = Redactor()
    client = Client(
        profile.target,
        Contracts.load(),
        redactor,
        lambda _exchange: None,
        ledger=Ledger(Path(os.devnull), Decimal(0)),
        unlocked=profile.unlocked,
    )
    bbps = Bbps(client, "clean")
    try:
        yield bbps
    finally:
        bbps.outcome_channel.close()
        client.close()
