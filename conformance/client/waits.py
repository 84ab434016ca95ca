"""For which answers this process waits, so that a person can be shown why nothing happens."""

import math
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_USER: Final = re.compile(r"//[^/]*@")


class Waits:
    """The requests that wait for their answers, each by its thread."""

    def __init__(self) -> None:
        """Begin without any."""
        self._lock = threading.Lock()
        self._since: dict[int, tuple[float, str, str]] = {}

    @contextmanager
    def of(self, method: str, url: str) -> Iterator[None]:
        """Note a request while the context lasts."""
        me = threading.get_ident()
        with self._lock:
            self._since[me] = time.monotonic(), method, url
        try:
            yield
        finally:
            with self._lock:
                self._since.pop(me, None)

    def longer_than(self, seconds: float) -> str:
        """Return the request that waits longest, if so many seconds at least; else nothing.

        Of its address, host and path are shown.
        """
        with self._lock:
            since, method, url = min(self._since.values(), default=(math.inf, "", ""))
        if time.monotonic() - since < seconds:
            return ""
        return f"{method} {_USER.sub('//', url.partition('?')[0])}"


WAITS: Final = Waits()  # of this process
