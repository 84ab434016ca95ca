"""Shows a person on a terminal for which answer a command waits before its first check."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import click

from conformance.client.waits import WAITS, Waits

LONG: Final = 3.0  # seconds until somebody wonders


@contextmanager
def announced(waits: Waits = WAITS, *, long: float = LONG) -> Iterator[None]:
    """Print on stderr, if it is a terminal, what is waited for longer than some seconds."""
    if not sys.stderr.isatty():
        yield
        return
    over = threading.Event()
    watcher = threading.Thread(target=_watch, args=(waits, long, over), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def _watch(waits: Waits, long: float, over: threading.Event) -> None:
    shown = ""
    while not over.wait(long / 6):
        what = waits.longer_than(long)
        if what and what != shown:
            click.echo(f"Waiting for the answer to {what} ...", err=True)
        shown = what
