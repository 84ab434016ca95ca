"""The reference in a process of its own, as a stranger would serve it."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def served_apart(*words: object) -> Iterator[str]:
    """Serve the reference with the given words of `serve`; yields its base URL."""
    command = [sys.executable, "-m", "conformance", "serve", *map(str, words)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        try:
            assert found is not None, "the reference did not start"
            yield found[0]
        finally:
            process.terminate()
