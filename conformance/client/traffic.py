"""Which requests may be under way together: all, or for a moment only those of one race."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

PATIENCE: Final = 5.0  # seconds: a race may wait for what another thread is to make first
_RACING: Final[ContextVar[bool]] = ContextVar("racing", default=False)


class Traffic:
    """Requests pass side by side, unless those of a race have the line for themselves."""

    def __init__(self) -> None:
        self._under_way = 0
        self._closed = False
        self._changed = threading.Condition()

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Be under way, once no race is; what belongs to the race (a new token, say) passes.

        Who has waited long passes, too.
        """
        if _RACING.get():
            yield
            return
        with self._changed:
            if self._closed:
                self._changed.wait_for(lambda: not self._closed, PATIENCE)
            self._under_way += 1
        try:
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                if self._closed:
                    self._changed.notify_all()

    @contextmanager
    def race(self) -> Iterator[None]:
        """Let nothing else be under way; threads that belong to it run in this context (a copy)."""
        with self._changed:
            self._changed.wait_for(lambda: not self._closed)
            self._closed = True
            self._changed.wait_for(lambda: not self._under_way)
        token = _RACING.set(True)
        try:
            yield
        finally:
            _RACING.reset(token)
            with self._changed:
                self._closed = False
                self._changed.notify_all()
