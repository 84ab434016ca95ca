"""Transactions on which one after another tries what must change nothing.

What reads as before is lent to the next; what does not is left behind.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Final

from conformance.bbps.flow import FAILURE, Bbps
from conformance.bbps.models import Transaction
from conformance.checks.controls import granted
from conformance.core.sharing import made_for_all

LONGEST: Final = 60.0  # seconds; what waits longer a deployment may have ended by itself


@dataclass(frozen=True, slots=True)
class _Idle:
    """A transaction of the integrator, and since when it waits, in seconds."""

    transaction: Transaction
    since: float = field(default_factory=lambda: time.monotonic())


@dataclass(slots=True)
class _Keeping:
    """The transactions that nobody tries on now, by their state; safe to share between threads.

    `proven` are the states in which the owner could update one.
    """

    idle: dict[str, list[_Idle]] = field(default_factory=lambda: defaultdict(list))
    proven: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, state: str) -> Transaction | None:
        """Return one for nobody else; None if there is none, or it has waited for too long."""
        with self.lock:
            while self.idle[state]:
                idle = self.idle[state].pop()
                if time.monotonic() - idle.since < LONGEST:
                    return idle.transaction
        return None

    def put_back(self, state: str, transaction: Transaction) -> None:
        """Let others try on one."""
        with self.lock:
            self.idle[state].append(_Idle(transaction))


@contextmanager
def kept(
    bbps: Bbps, state: str, create: Callable[[], Transaction], *, shared: bool = True
) -> Iterator[Transaction]:
    """Lend a transaction of the integrator in a state, for what must leave it unchanged.

    `create` creates one where none is idle. One of each state, and each that is not `shared`, is
    updated by its owner when the trial has ended well: else a refusal shows nothing.
    """
    keeping: _Keeping = bbps.once("transactions that nothing changed", _Keeping)
    if shared:
        with made_for_all():
            transaction = keeping.take(state) or create()
    else:
        transaction = create()
    yield transaction
    if shared and (transaction.status != "PENDING" or state in keeping.proven):
        keeping.put_back(state, transaction)
    elif transaction.status == "PENDING":
        with made_for_all() if shared else nullcontext():
            granted(bbps.update(transaction, FAILURE), "the owner's update")
        keeping.proven.add(state)
