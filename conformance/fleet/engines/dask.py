"""On a Dask cluster that exists: each city is a task of its scheduler.

The workers share no disk with us: each result carries its run, packed. Dask itself tries a city
again whose worker was lost.
"""

import gc
import logging
import platform
import tempfile
import uuid
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import dask
from distributed import Client, Future, Semaphore, as_completed, get_worker
from distributed.client import FutureCancelledError
from distributed.versions import VersionMismatchWarning

from conformance import __version__
from conformance.core.errors import ExitCode, SetupError
from conformance.fleet.city import INTERRUPTED, without_verdict
from conformance.fleet.engines import Begun, unheard
from conformance.fleet.engines.child import certified_apart
from conformance.fleet.task import CityResult, CityTask

SCHEME: Final = "dask://"
PATIENCE: Final = 30  # seconds until a scheduler answers, and until it has a worker
TURN: Final = 5  # seconds of waiting for a turn, between two looks at whether it is still wanted
LAPSE: Final = "120s"  # until cities end whose command was killed, or can no longer be heard
BEGUN: Final = "bbps-fleet-begun"  # topic of what workers begin
TRIES_AGAIN: Final = 1  # of a city whose process ended; for a lost worker the scheduler decides


class DaskEngine:
    """The workers of a cluster; each of their threads certifies one city at a time."""

    def __init__(self, address: str, workers: int | None = None) -> None:
        """Use the scheduler at `address`, `dask://HOST:PORT`, for at most `workers` at a time.

        Without `workers` for as many cities as the cluster takes. Whether the scheduler is reached
        with TLS is a setting of Dask (`distributed.comm`).
        """
        self._address = address.removeprefix(SCHEME)
        self._most = workers

    @property
    def workers(self) -> int:
        """How many cities the cluster can certify at a time now; SetupError if it cannot."""
        with _connected(self._address) as client:
            threads: int = sum(client.nthreads().values())
        return threads if self._most is None else min(threads, self._most)

    def run(
        self, tasks: Sequence[CityTask], limits: Mapping[str, int], begun: Begun = unheard
    ) -> Iterator[CityResult]:
        """Yield the result of each task once, when it is there; see `Engine`.

        Raises SetupError if the cluster cannot certify, or is gone before the end.
        """
        with _connected(self._address) as client:
            try:
                most = self._most or len(tasks)
                yield from _OnCluster(client, tasks, limits, most, begun).results()
            except (FutureCancelledError, OSError) as problem:
                raise SetupError(
                    "the Dask scheduler is gone, and with it the cities under way",
                    cause=" ".join(str(problem).split())[:200],
                    remedy="start it again, then the same command: results are kept",
                ) from None


class _OnCluster:
    """The cities that wait, and those that the scheduler knows."""

    def __init__(
        self,
        client: Client,
        tasks: Sequence[CityTask],
        limits: Mapping[str, int],
        most: int,
        begun: Begun,
    ) -> None:
        """Certify on the cluster of a client, at most so many cities at a time."""
        self._client = client
        self._limits = limits
        self._most = most
        self._begun = begun
        self._name = f"bbps-fleet-{uuid.uuid4().hex}"
        self._waiting = list(tasks)
        self._under_way: dict[str, tuple[CityTask, Future[CityResult]]] = {}
        # Workers go on while we hold it: it is released by Ctrl-C, and lapses if we are killed.
        self._wanted = Semaphore(1, self._name)
        with dask.config.set({"distributed.scheduler.locks.lease-timeout": LAPSE}):
            self._wanted.register()

    def results(self) -> Iterator[CityResult]:
        """Yield each result; on KeyboardInterrupt those of the cities under way, then raise it."""
        self._wanted.acquire()
        self._client.subscribe_topic(BEGUN, self._hear)
        try:
            yield from self._streamed()
        except KeyboardInterrupt:
            self._waiting.clear()
            self._wanted.release()
            yield from self._streamed()
            raise
        finally:
            with suppress(OSError):  # without a scheduler nothing is wanted
                if self._client.status == "running" and self._wanted.get_value():
                    self._wanted.release()

    def _hear(self, event: tuple[float, str]) -> None:
        """Hand on that a worker begins a city; the topic is that of all fleets of the cluster."""
        task, _ = self._under_way.get(event[1], (None, None))
        if task is not None:  # ours, and not at its end already
            self._begun(task)

    def _streamed(self) -> Iterator[CityResult]:
        """Yield each result, and forget it, so that memory holds one at a time."""
        done = as_completed([future for _, future in self._under_way.values()])
        done.update(self._submitted())
        for future in done:
            task, _ = self._under_way[str(future.key)]
            result = _result(task, future)
            del self._under_way[str(future.key)]
            future.release()
            yield result
            done.update(self._submitted())

    def _submitted(self) -> list[Future[CityResult]]:
        """Submit what limits allow: no worker waits for a deployment while another has cities."""
        busy = Counter(task.origin for task, _ in self._under_way.values())
        chosen: list[CityTask] = []
        waiting: list[CityTask] = []
        for task in self._waiting:
            has_turn = busy.total() < self._most and busy[task.origin] < self._limits.get(
                task.origin, 1
            )
            busy[task.origin] += has_turn
            (chosen if has_turn else waiting).append(task)
        self._waiting = waiting
        return [self._submit(task) for task in chosen]

    def _submit(self, task: CityTask) -> Future[CityResult]:
        future = self._client.submit(
            _certify, replace(task, carried=True), versions(), self._name,
            self._limits.get(task.origin, 1),
            key=f"{self._name}-{task.city}", pure=False, retries=TRIES_AGAIN,
        )  # fmt: skip
        self._under_way[str(future.key)] = task, future
        return future


def _certify(task: CityTask, expected: Mapping[str, str], fleet: str, at_a_time: int) -> CityResult:
    """Certify a city on a worker, when its deployment has a turn for it.

    The city of a lost worker keeps its turn until Dask lets it lapse, so that nothing which is
    still under way there comes on top of the limit.
    """
    if (here := versions()) != expected:  # a worker that came later
        raise SetupError(_difference(here, expected))
    worker = get_worker()
    lease = Semaphore(1, fleet)
    turn = Semaphore(at_a_time, f"{fleet} {task.origin}")

    def wanted() -> bool:
        with suppress(OSError):  # a moment without the scheduler; for longer, the worker ends
            return bool(lease.get_value())
        return True

    while wanted():
        if turn.acquire(timeout=TURN):
            break
    else:
        return without_verdict(task, ExitCode.INTERRUPTED, INTERRUPTED)
    worker.log_event(BEGUN, f"{fleet}-{task.city}")
    try:
        with tempfile.TemporaryDirectory(prefix="city-", dir=worker.local_directory) as folder:
            return certified_apart(task, Path(folder), wanted)
    finally:
        turn.release()


def _result(task: CityTask, future: Future[CityResult]) -> CityResult:
    try:
        result: CityResult = future.result()
    except FutureCancelledError:
        raise
    except Exception as problem:  # noqa: BLE001  one city never stops the others
        text = f"it was tried on the cluster again and again, and lost: {problem}"
        return without_verdict(task, ExitCode.SUITE_ERROR, text)
    return result


@contextmanager
def _connected(address: str) -> Iterator[Client]:
    """Give a client of the scheduler at HOST:PORT, after a look at its workers; SetupError."""
    reason = ""
    _tell_nothing()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", VersionMismatchWarning)  # we compare what matters
            client = Client(address, timeout=PATIENCE)
    except Exception as problem:  # noqa: BLE001  whatever answers there is no scheduler
        reason = str(problem)[:200] or type(problem).__name__
    if reason:
        gc.collect()  # a client that failed is closed here; any later, it may block the next one
        raise SetupError(
            f"no Dask scheduler can be used at {address or 'an empty address'}",
            cause=reason,
            remedy="start one with `dask scheduler`, and name its host and port: dask://HOST:8786",
        )
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise SetupError(
                f"the Dask scheduler at {address} has no worker",
                remedy=f"start some with `dask worker {address}`",
            ) from None
        _require_same(client)
        yield client


def _tell_nothing() -> None:
    """Leave it to our errors to say what is wrong: Dask prints the traceback of each lost call."""
    for name in ("distributed", "distributed.client", "tornado.application"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def versions() -> dict[str, str]:
    """Return what must be the same here and on every worker, with its version here."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"suite": __version__, "Python": python, "distributed": version("distributed")}


def _require_same(client: Client) -> None:
    """Raise SetupError if a worker cannot load the suite, or has other versions than we have."""
    expected = versions()
    found: Mapping[str, Any] = client.run(versions, on_error="return")
    wrong = {
        worker: f"cannot load the suite: {there}"
        if isinstance(there, BaseException)
        else _difference(there, expected)
        for worker, there in found.items()
        if there != expected
    }
    if wrong:
        worker, reason = next(iter(wrong.items()))
        raise SetupError(
            f"{len(wrong)} of {len(found)} workers of the Dask cluster cannot certify: "
            f"{worker} {reason}",
            remedy="install the same suite, with the extra dask, here and on every worker",
        )


def _difference(there: Mapping[str, str], here: Mapping[str, str]) -> str:
    """Say which versions of a worker differ from ours."""
    parts = [
        f"{name} {there.get(name)} instead of {wanted}"
        for name, wanted in here.items()
        if there.get(name) != wanted
    ]
    return f"has {', '.join(parts)}"
