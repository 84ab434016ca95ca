"""What a run adds to a job of GitHub Actions: annotations, and the page of the job.

Neither can change how a run ends.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from conformance.report.annotations import annotations
from conformance.report.markdown import markdown
from conformance.results.model import Results

PAGE: Final = "GITHUB_STEP_SUMMARY"  # names the file whose text GitHub shows
MOST_BYTES: Final = 1_000_000  # GitHub drops a page of more than a mebibyte
CUT: Final = "\n\nThe page is cut here; summary.md of the run holds the rest.\n"


def is_there() -> bool:
    """Whether the command runs in a job of GitHub Actions."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


@contextmanager
def commands_unheard(*, err: bool = False) -> Iterator[None]:
    """Let GitHub take no command from what is printed within, which may quote a deployment.

    `err` is that of `announce`: two streams would reach GitHub in any order.
    """
    if not is_there():
        yield
        return
    token = secrets.token_hex(16)
    click.echo(f"::stop-commands::{token}", err=err)
    try:
        yield
    finally:
        click.echo(f"::{token}::", err=err)


def announce(results: Results, *, err: bool = False) -> None:
    """Print the annotations of a run, and add it to the page of the job, if there is a job.

    With `err` they go to standard error, so that what other tools read stays alone.
    """
    if not is_there():
        return
    for line in annotations(results):
        click.echo(line, err=err)
    if place := os.environ.get(PAGE):
        _add(Path(place), markdown(results))


def _add(path: Path, text: str) -> None:
    """Append a text as far as it fits; say so where that is impossible."""
    try:
        room = MOST_BYTES - (path.stat().st_size if path.exists() else 0)
        with path.open("ab") as file:
            file.write(_fitted(text.encode("utf-8", "backslashreplace"), room))
    except OSError as problem:
        reason = problem.strerror or type(problem).__name__
        click.echo(f"The page of the job has no summary: {reason}", err=True)


def _fitted(text: bytes, room: int) -> bytes:
    """Return the text, or its first lines and a note, in at most `room` bytes."""
    if len(text) <= room:
        return text
    end = text.rfind(b"\n", 0, max(room - len(CUT), 0))
    return text[:end] + CUT.encode() if end > 0 else b""
