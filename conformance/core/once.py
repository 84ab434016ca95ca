"""What is made once for a whole run, when it is first needed."""

import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any, TypeVar

from conformance.core.lanes import while_waiting

T = TypeVar("T")


class Once:
    """Makes each named thing once; safe to share between threads."""

    def __init__(self) -> None:
        self._made: dict[str, Future[Any]] = {}
        self._lock = threading.Lock()

    def __call__(self, name: str, make: Callable[[], T]) -> T:
        """Return what the first `make` of that name returned; raise the Exception it raised.

        Others who want it wait; what has another name is made meanwhile. What ends the first who
        makes it (an interrupt, an exit, an outcome of pytest) is its own: the next makes it anew.
        """
        while True:
            with self._lock:
                first = name not in self._made
                future = self._made.setdefault(name, Future())
            if first:
                self._make(name, future, make)
            try:
                made: T = future.result() if future.done() else _awaited(future)
            except CancelledError:
                if not future.cancelled():  # raised by `make`
                    raise
            else:
                return made

    def _make(self, name: str, future: Future[Any], make: Callable[[], Any]) -> None:
        """Make it for all who wait; after what is no Exception they make it themselves."""
        try:
            future.set_result(make())
        except Exception as problem:  # noqa: BLE001  raised again where it is read
            future.set_exception(problem)
        except BaseException:
            with self._lock:
                if self._made.get(name) is future:
                    del self._made[name]
            future.cancel()
            raise

    def forget(self, name: str) -> None:
        """Let the next caller make it again."""
        with self._lock:
            self._made.pop(name, None)


def _awaited(future: Future[T]) -> T:
    with while_waiting():
        return future.result()
