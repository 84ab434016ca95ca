"""Workers generate in turn, and send at the same time.

The tools keep state that threads would share, and `ast.parse`, which they use on lambdas, fails
now and then when two threads are in it.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

GENERATING: Final = threading.Lock()


@contextmanager
def others_first() -> Iterator[None]:
    """Let other workers generate while this one sends and waits."""
    GENERATING.release()
    try:
        yield
    finally:
        GENERATING.acquire()
