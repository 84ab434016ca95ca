"""The engine on a cluster: limits, lost cities, Ctrl-C, and what a cluster must be able to do.

The scheduler and its worker run in this process, so that tests can say what a city does.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from socket import create_server
from typing import Any

import pytest

pytest.importorskip("distributed", reason="the extra dask is not installed")

from dask import config as dask_config
from distributed import Client, Future

from conformance.core.errors import ExitCode, SetupError
from conformance.fleet.city import INTERRUPTED, without_verdict
from conformance.fleet.engines import dask
from conformance.fleet.engines.child import Lost
from conformance.fleet.engines.dask import DaskEngine
from conformance.fleet.task import CityResult, CityTask
from tests.fleets import address_of, local_cluster, task_for

DEADLINE = 60  # seconds
NORTH, SOUTH = "http://127.0.0.1:1", "http://127.0.0.1:2"


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """One worker with four threads."""
    often = {"distributed.scheduler.locks.lease-validation-interval": "50ms"}
    with dask_config.set(often), local_cluster(1, threads_per_worker=4, processes=False) as started:
        yield started


@pytest.fixture
def engine(cluster: Any) -> DaskEngine:
    return DaskEngine(address_of(cluster))


def tasks(folder: Path, **cities: str) -> list[CityTask]:
    return [task_for(name, base_url, folder) for name, base_url in cities.items()]


def ended(task: CityTask) -> CityResult:
    return replace(without_verdict(task, ExitCode.CONFORMANT, ""), verdict="CONFORMANT")


def as_said(monkeypatch: pytest.MonkeyPatch, certify: Callable[..., CityResult]) -> None:
    monkeypatch.setattr(dask, "certified_apart", certify)


def test_each_city_has_one_result_and_its_own_folder(
    engine: DaskEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = []

    def certify(task: CityTask, folder: Path, _: object) -> CityResult:
        assert task.carried
        assert not [*folder.iterdir()]
        folders.append(folder)
        return ended(task)

    as_said(monkeypatch, certify)
    asked = tasks(tmp_path, **{f"city-{n}": NORTH for n in range(9)})
    begun: list[str] = []
    results = list(engine.run(asked, {NORTH: 3}, lambda task: begun.append(task.city)))
    assert sorted(each.city for each in results) == [each.city for each in asked]
    assert {each.task for each in results} == {each.checksum for each in asked}
    assert len({*folders}) == 9
    assert {*begun} <= {each.city for each in asked}
    assert len(begun) == len({*begun})
    assert not any(each.exists() for each in folders)
    assert engine.workers == 4


def test_a_city_that_begins_on_a_worker_is_heard_of(
    engine: DaskEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: dict[str, threading.Event] = {"first": threading.Event(), "second": threading.Event()}

    def certify(task: CityTask, _: Path, __: object) -> CityResult:
        assert heard[task.city].wait(DEADLINE)  # while it goes on, the command knows of it
        return ended(task)

    as_said(monkeypatch, certify)
    asked = tasks(tmp_path, first=NORTH, second=NORTH)
    results = engine.run(asked, {NORTH: 1}, lambda task: heard[task.city].set())
    assert [each.exit_code for each in results] == [ExitCode.CONFORMANT] * 2


def test_no_more_workers_are_used_than_were_asked_for(
    cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = threading.Lock()

    def certify(task: CityTask, *_: object) -> CityResult:
        assert alone.acquire(blocking=False)
        alone.release()
        return ended(task)

    as_said(monkeypatch, certify)
    engine = DaskEngine(address_of(cluster), 1)
    asked = tasks(tmp_path, a=NORTH, b=NORTH, c=SOUTH)
    assert [each.exit_code for each in engine.run(asked, {NORTH: 2, SOUTH: 2})] == [0, 0, 0]
    assert engine.workers == 1


def test_a_deployment_has_as_many_cities_at_a_time_as_it_may(
    engine: DaskEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, busy, most = threading.Lock(), Counter[str](), Counter[str]()
    both = threading.Barrier(3)  # the limit is used, too: two cities of one, and one of the other

    def certify(task: CityTask, *_: object) -> CityResult:
        with lock:
            busy[task.origin] += 1
            most[task.origin] = max(most[task.origin], busy[task.origin])
        if task.city in ("a", "b", "e"):
            both.wait(DEADLINE)
        with lock:
            busy[task.origin] -= 1
        return ended(task)

    as_said(monkeypatch, certify)
    asked = tasks(tmp_path, a=NORTH, b=NORTH, c=NORTH, d=NORTH, e=SOUTH, f=SOUTH)
    assert len(list(engine.run(asked, {NORTH: 2, SOUTH: 1}))) == 6
    assert most == {NORTH: 2, SOUTH: 1}


def test_a_lost_city_is_tried_once_more(
    engine: DaskEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: Counter[str] = Counter()

    def certify(task: CityTask, *_: object) -> CityResult:
        tries[task.city] += 1
        if task.city == "bad" or (task.city == "odd" and tries["odd"] == 1):
            raise Lost("the process ended")
        return ended(task)

    as_said(monkeypatch, certify)
    results = {
        each.city: each
        for each in engine.run(tasks(tmp_path, good=NORTH, odd=NORTH, bad=NORTH), {NORTH: 3})
    }
    assert tries == {"good": 1, "odd": 2, "bad": 2}
    assert [results[name].exit_code for name in ("good", "odd")] == [0, 0]
    assert results["bad"].exit_code == ExitCode.SUITE_ERROR
    assert "the process ended" in results["bad"].error


def test_ctrl_c_ends_the_cities_under_way_and_gives_their_results(
    engine: DaskEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way, begun = threading.Event(), []

    def certify(task: CityTask, _: Path, wanted: Callable[[], bool]) -> CityResult:
        begun.append(task.city)
        if task.city == "slow":
            under_way.set()
            pause = threading.Event()
            while wanted():
                pause.wait(0.05)
            return without_verdict(task, ExitCode.INTERRUPTED, INTERRUPTED)
        under_way.wait(DEADLINE)
        return ended(task)

    as_said(monkeypatch, certify)
    cities = engine.run(tasks(tmp_path, quick=NORTH, slow=SOUTH, later=SOUTH), {NORTH: 1, SOUTH: 1})
    assert next(cities).city == "quick"
    result = cities.throw(KeyboardInterrupt)  # type: ignore[attr-defined]
    assert (result.city, result.interrupted) == ("slow", True)
    with pytest.raises(KeyboardInterrupt):
        next(cities)
    assert sorted(begun) == ["quick", "slow"]


def test_who_stops_reading_ends_the_cities_under_way(
    engine: DaskEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way, told = threading.Event(), threading.Event()

    def certify(task: CityTask, _: Path, wanted: Callable[[], bool]) -> CityResult:
        if task.city == "slow":
            under_way.set()
            pause = threading.Event()
            while wanted():
                pause.wait(0.05)
            told.set()
        under_way.wait(DEADLINE)
        return ended(task)

    as_said(monkeypatch, certify)
    cities = engine.run(tasks(tmp_path, quick=NORTH, slow=SOUTH), {NORTH: 1, SOUTH: 1})
    assert next(cities).city == "quick"
    cities.close()  # type: ignore[attr-defined]
    assert told.wait(DEADLINE)


def test_a_command_that_is_heard_no_more_ends_its_cities(
    engine: DaskEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask, "LAPSE", "500ms")  # the lease is renewed every six seconds only

    def certify(task: CityTask, _: Path, wanted: Callable[[], bool]) -> CityResult:
        pause = threading.Event()
        while wanted():
            pause.wait(0.05)
        return without_verdict(task, ExitCode.INTERRUPTED, INTERRUPTED)

    as_said(monkeypatch, certify)
    (result,) = engine.run(tasks(tmp_path, a=NORTH), {NORTH: 1})
    assert result.interrupted


def test_cities_that_the_scheduler_forgets_are_a_set_up_fault(
    cluster: Any, engine: DaskEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten = threading.Event()

    def certify(task: CityTask, *_: object) -> CityResult:
        if task.city == "slow":
            forgotten.wait(DEADLINE)
        return ended(task)

    as_said(monkeypatch, certify)
    asked = tasks(tmp_path, quick=NORTH, slow=SOUTH)
    cities = engine.run(asked, {NORTH: 1, SOUTH: 1})
    assert next(cities).city == "quick"
    with Client(cluster.scheduler_address, set_as_default=False) as other:
        slow = [Future(key, other) for key in cluster.scheduler.tasks if "slow" in key]
        assert len(slow) == 1
        other.cancel(slow, force=True)
        with pytest.raises(SetupError, match="the Dask scheduler is gone"):
            next(cities)
    forgotten.set()


def test_nobody_at_the_address_is_a_set_up_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask, "PATIENCE", 0.5)
    with create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(SetupError, match=f"no Dask scheduler can be used at 127.0.0.1:{port}"):
        _ = DaskEngine(f"dask://127.0.0.1:{port}").workers


@pytest.mark.parametrize("address", ["dask://", "dask://no host:1", "dask://127.0.0.1:port"])
def test_an_address_that_is_none_is_a_set_up_fault(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask, "PATIENCE", 0.5)
    with pytest.raises(SetupError, match="no Dask scheduler can be used"):
        _ = DaskEngine(address).workers


def test_a_cluster_without_workers_is_a_set_up_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask, "PATIENCE", 0.5)
    with local_cluster(0) as empty, pytest.raises(SetupError, match="has no worker"):
        _ = DaskEngine(address_of(empty)).workers


def test_workers_with_another_suite_are_named(
    engine: DaskEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = {"suite": "2.0.0", "Python": "3.11", "distributed": "2026.8.0"}
    theirs: list[Any] = [ours, {**ours, "suite": "1.9.0"}]
    monkeypatch.setattr(dask, "versions", lambda: theirs.pop(0) if len(theirs) > 1 else theirs[0])
    with pytest.raises(SetupError, match=r"1 of 1 workers .* has suite 1\.9\.0 instead of 2\.0\.0"):
        list(engine.run(tasks(tmp_path, a=NORTH), {NORTH: 1}))
