"""Certifies one city in a process of its own, started by a worker of a cluster.

A worker runs tasks in threads. A certification wants the main thread (signals), an environment and
modules that no other changes, and must end with the worker that is to report it: so each city has
a fresh process, whatever number of threads a worker has.
"""

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from conformance.core.errors import ConformanceError, ExitCode
from conformance.core.interrupts import ended_by_signals
from conformance.fleet.city import INTERRUPTED, certify_city, without_verdict
from conformance.fleet.task import CityResult, CityTask

TASK: Final = "task.pickle"
RESULT: Final = "result.pickle"
PAUSE: Final = 1.0  # seconds between two looks at whether the result is still wanted


class Lost(ConformanceError):
    """The process of a city ended without a result; the city is tried once more."""


def certified_apart(task: CityTask, folder: Path, wanted: Callable[[], bool]) -> CityResult:
    """Certify a city in a new process and return what it came to.

    `folder` is empty and for this city alone. Once `wanted` says no, the city is ended as by
    Ctrl-C. Raises Lost if the process ends otherwise without a result.
    """
    (folder / TASK).write_bytes(pickle.dumps(task))
    command = [sys.executable, "-m", __name__, str(folder)]
    environment = {**os.environ, "TMPDIR": str(folder)}
    with subprocess.Popen(  # noqa: S603  its input is never written to: it ends when we do
        command, stdin=subprocess.PIPE, cwd=folder, env=environment, start_new_session=True
    ) as process:
        try:
            interrupted = _waited_for(process, wanted)
        except BaseException:  # nobody would hear of its end
            process.kill()
            raise
    with suppress(FileNotFoundError):
        result: CityResult = pickle.loads((folder / RESULT).read_bytes())  # noqa: S301  our own
        return result
    if interrupted:
        return without_verdict(task, ExitCode.INTERRUPTED, INTERRUPTED)
    raise Lost(
        "the process that certified the city ended without a result",
        cause=f"code {process.returncode}; below zero it is the number of the signal",
    )


def _waited_for(process: "subprocess.Popen[Any]", wanted: Callable[[], bool]) -> bool:
    """Wait for the end of a process; return whether it was interrupted."""
    interrupted = False
    while True:
        with suppress(subprocess.TimeoutExpired):
            process.wait(PAUSE)
            return interrupted
        if not interrupted and not wanted():
            interrupted = True
            process.terminate()


def main() -> None:
    """Certify the city of the folder in the first argument; its result lies there then."""
    folder = Path(sys.argv[1])
    lifeline = os.dup(sys.stdin.fileno())
    threading.Thread(target=_end_with_the_worker, args=(lifeline,), daemon=True).start()
    with open(os.devnull) as nothing:  # noqa: PTH123  what a city starts must not read there
        os.dup2(nothing.fileno(), sys.stdin.fileno())
    task: CityTask = pickle.loads((folder / TASK).read_bytes())  # noqa: S301  of our own worker
    with ended_by_signals():
        result = certify_city(task)
    draft = folder / f".{RESULT}.draft"
    draft.write_bytes(pickle.dumps(result))
    draft.replace(folder / RESULT)


def _end_with_the_worker(lifeline: int) -> None:
    """End at once when the worker has ended: another certifies the city again."""
    os.read(lifeline, 1)
    os._exit(int(ExitCode.INTERRUPTED))


if __name__ == "__main__":
    main()
