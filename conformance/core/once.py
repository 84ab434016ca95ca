"""What is made once for a whole run, when it is first needed."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class Once:
    """Makes each named thing once; safe to share between threads."""

    def __init__(self) -> None:
        self._made: dict[str, Future[Any]] = {}
        self._lock = threading.Lock()

    def __call__(self, name: str, make: Callable[[], T]) -> T:
        """Return what the first `make` of that name returned; raise what it raised.

        Others who want it wait; what has another name is made meanwhile.
        """
        with self._lock:
            first = name not in self._made
            future = self._made.setdefault(name, Future())
        if first:
            try:
                future.set_result(make())
            except BaseException as problem:  # noqa: BLE001  raised again where it is read
                future.set_exception(problem)
        made: T = future.result()
        return made

    def forget(self, name: str) -> None:
        """Let the next caller make it again."""
        with self._lock:
            self._made.pop(name, None)
