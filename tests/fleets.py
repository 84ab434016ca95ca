"""What tests and benchmarks of a fleet need: tasks of cities, and a cluster on loopback."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psutil
import yaml

from conformance.fleet.task import CityTask
from conformance.run.embedded import default_profile


def task_for(city: str, base_url: str, folder: Path, **options: Any) -> CityTask:
    """Return the task of a city as the shipped profile has it, on the deployment at `base_url`."""
    profile = yaml.safe_load(default_profile().read_text(encoding="utf-8"))
    profile |= {"name": city, "base_url": base_url, "clock_url": ""}  # others use it, too
    profile["limits"] |= {"settle_seconds": 0.3, "timeout_seconds": 300}
    given = {"depth": "quick", "only": ("TXN-02",), "rate": 10_000.0, "in_flight": 8, **options}
    return CityTask(city=city, profile=profile, origin=base_url, folder=folder / city, **given)


def midday() -> int:
    """Return when it is noon today where the reference is: near midnight a run waits for it."""
    now = datetime.now(ZoneInfo("Asia/Kolkata"))
    return int(now.replace(hour=12, minute=0).timestamp() * 1000)


@contextmanager
def local_cluster(workers: int, **options: Any) -> Iterator[Any]:
    """Run a Dask cluster of so many workers on free ports of loopback."""
    from distributed import LocalCluster  # an extra, which tests look for first

    given = {"threads_per_worker": 1, "dashboard_address": "127.0.0.1:0", **options}
    with LocalCluster(n_workers=workers, host="127.0.0.1", protocol="tcp", **given) as cluster:
        yield cluster


def address_of(cluster: Any) -> str:
    """Return what `--engine` takes."""
    return str(cluster.scheduler_address).replace("tcp://", "dask://")


def has_ended(process: psutil.Process) -> bool:
    """Wait for the end of a process of somebody else; false if it goes on for two minutes."""
    pause = threading.Event()
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            if process.status() == psutil.STATUS_ZOMBIE:  # nobody has looked at its end yet
                return True
        except psutil.NoSuchProcess:
            return True
        pause.wait(0.05)
    return False
