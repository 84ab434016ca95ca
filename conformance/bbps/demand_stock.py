"""Demands that are raised in advance, several in one request, and handed out one after another.

The first of a kind is raised alone, then always four times as many as before: a run of few checks
leaves few demands behind.
"""

import threading
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Final

from conformance.core.lanes import in_turn

AT_ONCE: Final = 40  # demands in one request, at most

Raise = Callable[[int], Sequence[str]]  # how many -> the consumer codes, each with its demand


@dataclass(slots=True)
class _Shelved:
    """The consumer codes of one kind of demand that nobody has yet."""

    codes: deque[str] = field(default_factory=deque)
    raised: int = 0  # by the latest request
    most: int = AT_ONCE
    lock: threading.Lock = field(default_factory=threading.Lock)  # held while some are raised


class DemandStock:
    """Consumer codes with a demand, by the kind of the demand; safe to share between threads."""

    def __init__(self) -> None:
        self._shelves: dict[Hashable, _Shelved] = {}
        self._lock = threading.Lock()

    def take(self, kind: Hashable, raise_: Raise) -> str:
        """Return a consumer code with a demand of a kind, for nobody else; raise some if needed."""
        with self._lock:
            shelf = self._shelves.setdefault(kind, _Shelved())
        with in_turn(shelf.lock):
            if not shelf.codes:
                wanted = min(4 * shelf.raised, shelf.most) or 1
                codes = raise_(wanted)
                shelf.codes.extend(codes)
                shelf.raised = len(codes)
                if shelf.raised < wanted:
                    shelf.most = shelf.raised  # the service takes no more at once
            return shelf.codes.popleft()
