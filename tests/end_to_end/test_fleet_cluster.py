"""Twelve cities on a Dask cluster of which a worker is killed: each has one result, the right one.

Two references are served, one with a fault. The same cities are certified on this machine, too.
"""

import pickle
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("distributed", reason="the extra dask is not installed")

import psutil

from conformance.core.verdicts import RunVerdict
from conformance.fleet.city import RUNS
from conformance.fleet.engines.child import RESULT, TASK
from conformance.fleet.engines.dask import DaskEngine
from conformance.fleet.engines.local import LocalEngine
from conformance.fleet.folder import keep
from conformance.fleet.task import CityResult, CityTask
from conformance.reference import Settings, serve
from conformance.results.reading import read
from tests.fleets import address_of, has_ended, local_cluster, midday, task_for

CITIES = 12
AT_A_TIME = 2  # cities of one deployment

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def deployments() -> Iterator[tuple[str, str]]:
    """One that conforms, and one that stores transactions under the ids that clients send."""
    noon = Settings(clock_ms=midday())
    with serve(noon) as right, serve(replace(noon, faults=("client-id-kept",))) as wrong:
        yield right.base_url, wrong.base_url


def tasks(deployments: tuple[str, str], home: Path) -> list[CityTask]:
    return [
        task_for(f"city-{number:02}", deployments[number % 2], home) for number in range(CITIES)
    ]


def killed_at_work(cluster: Any) -> str:
    """Kill a worker that certifies a city now, and return that city; empty if none does.

    The process of the city is halted meanwhile, so that it cannot come to its end first.
    """
    pids = [nanny.pid for nanny in cluster.workers.values() if nanny.pid]
    for worker in map(psutil.Process, filter(psutil.pid_exists, pids)):
        for process in worker.children():
            with suppress(psutil.NoSuchProcess, FileNotFoundError):
                process.suspend()
                folder = Path(process.cwd())
                city = at_work_in(folder) if process.cmdline()[-1] == str(folder) else ""
                if city:
                    worker.kill()
                process.resume()
                if city:
                    assert has_ended(process), "the city goes on without its worker"
                    return city
    return ""


def at_work_in(folder: Path) -> str:
    """Return the city that a process certifies in its folder; empty if it has its result."""
    city: str = pickle.loads((folder / TASK).read_bytes()).city  # noqa: S301  of our own worker
    return "" if (folder / RESULT).exists() else city


def seen(result: CityResult) -> tuple[object, ...]:
    """Return what two runs of one city must agree in."""
    points = [(point.id, point.verdict) for point in result.points]
    return result.verdict, result.exit_code, result.areas, points, result.task, result.error


def test_a_killed_worker_costs_no_city_and_changes_no_verdict(
    deployments: tuple[str, str], tmp_path: Path
) -> None:
    limits = dict.fromkeys(deployments, AT_A_TIME)
    there = tasks(deployments, tmp_path / "cluster")
    folders = {task.city: task.folder for task in there}
    results: list[CityResult] = []
    lost = ""
    with local_cluster(3) as cluster:
        for result in DaskEngine(address_of(cluster)).run(there, limits):
            results.append(keep(folders[result.city], result))
            lost = lost or killed_at_work(cluster)
    assert lost not in ("", results[0].city), "no worker could be killed at work"
    assert sorted(each.city for each in results) == sorted(folders)

    for result in results:
        (run,) = (folders[result.city] / RUNS).iterdir()
        assert str(read(run).verdict) == result.verdict

    here = tasks(deployments, tmp_path / "here")
    alone = {each.city: each for each in LocalEngine(AT_A_TIME).run(here, limits)}
    assert {each.city: seen(each) for each in results} == {
        city: seen(each) for city, each in alone.items()
    }
    verdicts = {alone[task.city].verdict for task in here if task.origin == deployments[1]}
    assert verdicts == {RunVerdict.NON_CONFORMANT}
