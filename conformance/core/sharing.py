"""What is made for several checks: filed under none of them, and evidence of each that uses it.

Which check needs such a thing first depends on what runs at the same time; what is reported does
not. Works for the thread that makes it.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, TypeVar

from conformance.core.once import Once

T = TypeVar("T")
SHARED: Final = "shared"  # what calls for several checks are filed under

# The ids of the exchanges for what is being made for several checks; None where nothing is.
_MADE_BY: Final[ContextVar[list[str] | None]] = ContextVar("made_by", default=None)


@contextmanager
def made_for_all() -> Iterator[list[str]]:
    """File what is exchanged meanwhile as shared, and list the ids of these exchanges."""
    ids: list[str] = []
    token = _MADE_BY.set(ids)
    try:
        yield ids
    finally:
        _MADE_BY.reset(token)


def is_made_for_all() -> bool:
    """Whether something is being made for several checks."""
    return _MADE_BY.get() is not None


def note(exchange: str) -> bool:
    """Count an exchange, by its id, to what is being made for several checks, if anything is."""
    ids = _MADE_BY.get()
    if ids is not None:
        ids.append(exchange)
    return ids is not None


class Shared:
    """Makes each named thing once for all checks; safe to share between threads."""

    def __init__(self) -> None:
        self._once = Once()
        self._ids: dict[str, tuple[str, ...]] = {}  # name -> the exchanges that made it
        self._lock = threading.Lock()
        self._ahead: list[Future[None]] = []

    def make(self, name: str, make: Callable[[], T], cite: Callable[[str], None]) -> T:
        """Do as `Once`; cite the exchanges that made it, or have what is being made cite them."""

        def made() -> T:
            with made_for_all() as ids:
                try:
                    return make()
                finally:
                    with self._lock:
                        self._ids[name] = tuple(ids)

        try:
            return self._once(name, made)
        finally:
            with self._lock:
                ids = self._ids.get(name, ())
            for each in ids:
                if not note(each):
                    cite(each)

    def as_filed(self, name: str, make: Callable[[], T]) -> T:
        """Do as `Once`; whoever makes it files its exchanges, and whoever uses it cites them."""
        return self._once(name, make)

    def forget(self, name: str) -> None:
        """Let the next caller make it again."""
        self._once.forget(name)

    def ahead(self, act: Callable[[], None]) -> Future[None]:
        """Begin to do what will be needed, while checks go on."""
        pool = ThreadPoolExecutor(1)
        future = pool.submit(act)
        pool.shutdown(wait=False)
        self._ahead.append(future)
        return future

    def rest(self) -> None:
        """Wait until nothing is done ahead any more; what it raised is for who needs it."""
        wait(self._ahead)


class SharedView:
    """What several checks share, as one of them uses it."""

    def __init__(self, shared: Shared, cite: Callable[[str], None]) -> None:
        self._shared = shared
        self._cite = cite

    def __call__(self, name: str, make: Callable[[], T]) -> T:
        """Return what the first `make` of that name returned; raise the Exception it raised."""
        return self._shared.make(name, make, self._cite)

    def as_filed(self, name: str, make: Callable[[], T]) -> T:
        """Do the same for what files its exchanges by itself, and is cited by who uses it."""
        return self._shared.as_filed(name, make)

    def forget(self, name: str) -> None:
        """Let the next caller make it again."""
        self._shared.forget(name)

    def ahead(self, act: Callable[[], None]) -> Future[None]:
        """Begin to do what will be needed, while checks go on."""
        return self._shared.ahead(act)
