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
        self._lock = threading.RLock()

    def __call__(self, name: str, make: Callable[[], T]) -> T:
        """Return what the first `make` of that name returned; raise what it raised."""
        with self._lock:
            if name not in self._made:
                self._made[name] = Future()
                try:
                    self._made[name].set_result(make())
                except Exception as problem:  # noqa: BLE001  raised again where it is read
                    self._made[name].set_exception(problem)
            future = self._made[name]
        made: T = future.result()
        return made

    def forget(self, name: str) -> None:
        """Let the next caller make it again."""
        with self._lock:
            self._made.pop(name, None)
