"""A city in a process of its own: its result comes back, and it never outlives who wants it."""

import multiprocessing
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from socket import create_server, socket

import psutil
import pytest

from conformance.core.errors import ExitCode
from conformance.fleet.engines import child
from conformance.fleet.engines.child import Lost, certified_apart
from tests.fleets import has_ended, task_for

DEADLINE = 60  # seconds; generous, because the machine may be busy


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "PAUSE", 0.05)


@pytest.fixture
def silent() -> Iterator[socket]:
    """A deployment that takes connections and never answers."""
    with create_server(("127.0.0.1", 0)) as server:
        server.settimeout(DEADLINE)
        yield server


def address(server: socket) -> str:
    return f"http://127.0.0.1:{server.getsockname()[1]}"


def test_what_the_city_came_to_comes_back(tmp_path: Path) -> None:
    with create_server(("127.0.0.1", 0)) as server:
        nobody = address(server)  # closed again when the city is certified
    result = certified_apart(task_for("alpha", nobody, tmp_path), tmp_path, lambda: True)
    assert (result.city, result.exit_code) == ("alpha", ExitCode.SETUP)
    assert "127.0.0.1" in result.error


def test_a_city_that_nobody_wants_any_more_is_interrupted(tmp_path: Path, silent: socket) -> None:
    held: list[socket] = []

    def wanted() -> bool:
        held.append(silent.accept()[0])  # it has sent something, and waits for the answer
        return False

    result = certified_apart(task_for("alpha", address(silent), tmp_path), tmp_path, wanted)
    held[0].close()
    assert result.exit_code == ExitCode.INTERRUPTED


def test_a_process_that_is_killed_has_no_result(tmp_path: Path, silent: socket) -> None:
    held: list[socket] = []

    def wanted() -> bool:
        if not held:
            held.append(silent.accept()[0])
            for process in psutil.Process().children():
                if str(tmp_path) in process.cmdline():
                    process.kill()
        return True

    with pytest.raises(Lost, match=r"code -9"):
        certified_apart(task_for("alpha", address(silent), tmp_path), tmp_path, wanted)
    held[0].close()


def certify_for_ever(base_url: str, folder: Path) -> None:
    certified_apart(task_for("alpha", base_url, folder), folder, lambda: True)


def test_it_ends_with_the_worker(tmp_path: Path, silent: socket) -> None:
    context = multiprocessing.get_context("spawn")
    worker = context.Process(target=certify_for_ever, args=(address(silent), tmp_path))
    worker.start()
    connection, _ = silent.accept()
    with closing(connection):
        (city,) = psutil.Process(worker.pid).children()
        worker.kill()
        worker.join(DEADLINE)
        assert has_ended(city)
