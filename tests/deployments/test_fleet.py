"""A fleet of cities on served references: each has its result, whatever happens to the others."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.fleet.engines.local import LocalEngine
from conformance.fleet.folder import keep
from conformance.fleet.task import CityResult, CityTask, read_result
from conformance.reference import Settings, serve
from conformance.results.reading import read
from conformance.results.secret_scan import scan
from tests.deployments.conftest import described

PASSWORDS = {
    "ADMINISTRATOR_PASSWORD": "Admin@2024",
    "CASHIER_PASSWORD": "Cashier@2024",
    "CITIZEN_PASSWORD": "123456",
}
NOBODY = "http://127.0.0.1:9"
DEADLINE = 120.0  # seconds; only a hung command takes as long
FEW = ("--only", "BIL-03", "--depth", "quick")


def profile(base_url: str, **changes: Any) -> dict[str, Any]:
    """Return the profile of a served reference, its passwords by reference."""
    document = described(base_url, **changes)
    for actor in ("administrator", "cashier", "citizen"):
        document["actors"][actor]["password"] = f"${{{actor.upper()}_PASSWORD}}"
    return document


class Office:
    """A folder in which somebody certifies cities."""

    def __init__(self, folder: Path, cities: dict[str, str]) -> None:
        """Write the inventory: name of a city -> its base URL."""
        self.folder = folder
        template = json.dumps(profile(NOBODY, limits={"retries": 0}))
        (folder / "state.yaml").write_text(template, encoding="utf-8")
        rows = [{"name": name, "base_url": url, "tenant": "pb.amritsar"}
                for name, url in cities.items()]  # fmt: skip
        text = yaml.safe_dump({"template": "state.yaml", "cities": rows}, allow_unicode=True)
        (folder / "punjab.yaml").write_text(text, encoding="utf-8")

    def started(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "conformance", "fleet", *words],
            cwd=self.folder, env=os.environ | PASSWORDS, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def run(self, *words: str) -> tuple[int, str]:
        process = self.started(*words)
        try:
            text, _ = process.communicate(timeout=DEADLINE)
        finally:
            process.kill()
        return process.returncode, text

    def cities(self, part: str = "punjab") -> dict[str, dict[str, Any]]:
        """Return what each city came to."""
        home = self.folder / "reports" / "fleet" / part / "cities"
        found = (json.loads(path.read_text("utf-8")) for path in home.glob("*/city.json"))
        return {each["city"]: each for each in found}


@pytest.fixture(scope="module")
def references() -> Iterator[tuple[str, str]]:
    """Serve a right reference, and one that offers the bills of others."""
    with serve(Settings()) as right, serve(Settings(faults=("somebody-elses-bill",))) as wrong:
        yield right.base_url, wrong.base_url


@pytest.fixture(scope="module")
def office(references: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Certify twelve cities: seven are right, four are wrong, one does not answer."""
    right, wrong = references
    cities = {f"नगर {number}": wrong if number % 3 else right for number in range(6)}
    cities |= {f"City {number}": right for number in range(5)} | {"Away": NOBODY}
    return Office(tmp_path_factory.mktemp("office"), cities)


@pytest.fixture(scope="module")
def certified(office: Office) -> tuple[int, str]:
    return office.run("run", "punjab.yaml", "--workers", "2", *FEW)


def test_twelve_cities_come_to_twelve_results(office: Office, certified: tuple[int, str]) -> None:
    code, printed = certified
    assert code == 2, printed  # the city that does not answer
    found = office.cities()
    assert len(found) == 12
    verdicts = [each["verdict"] for each in found.values()]
    assert (verdicts.count("PARTIAL"), verdicts.count("NON-CONFORMANT")) == (7, 4), printed
    assert "127.0.0.1:9" in found["Away"]["error"]
    assert all(each["points"][0]["id"] == "BIL-03" for each in found.values() if each["points"])
    assert all(each["rehearsal"] for each in found.values() if each["verdict"])


def test_the_overview_says_what_all_came_to(office: Office, certified: tuple[int, str]) -> None:
    home = office.folder / "reports" / "fleet" / "punjab"
    document = json.loads((home / "overview.json").read_text("utf-8"))
    assert document["common"][0]["id"] == "BIL-03"
    assert len(document["common"][0]["broken_in"]) == 4
    assert [each["state"] for each in document["cities"]][:5] == ["broken"] * 4 + ["set-up"]
    page = (home / "overview.html").read_text("utf-8")
    assert page.count("REHEARSAL: NON-CONFORMANT") == 4
    assert "REHEARSAL: CONFORMANT" not in page  # a part of the suite certifies nothing
    assert "BIL-03 is broken in 4" in certified[1]
    assert (home / "junit.xml").is_file()


@pytest.mark.usefixtures("certified")
def test_no_secret_reaches_a_file(office: Office) -> None:
    assert scan(office.folder / "reports", PASSWORDS.values()) == []
    text = (office.folder / "reports/fleet/punjab/cities/City 1/profile.yaml").read_text("utf-8")
    assert "${CASHIER_PASSWORD}" in text


@pytest.mark.usefixtures("certified")
def test_the_same_command_continues(office: Office) -> None:
    before = office.cities()
    code, printed = office.run("run", "punjab.yaml", "--workers", "1", *FEW)
    assert code == 2
    assert "11 of 12 have their result already." in printed
    assert {name: each["run"] for name, each in office.cities().items()} == {
        name: each["run"] for name, each in before.items()
    }


@pytest.mark.usefixtures("certified")
@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "CONFORMANT", "verdict_line": "CONFORMANT", "certificate": True},
        {"exit_code": 0}, {"rehearsal": False}, {"areas": {}}, {"points": []}, {"run": ""},
    ],
)  # fmt: skip
def test_a_result_that_is_not_what_its_run_says_is_refused(
    change: dict[str, Any], office: Office
) -> None:
    path = office.folder / "reports/fleet/punjab/cities/नगर 1/city.json"
    before = path.read_text("utf-8")
    path.write_text(json.dumps(json.loads(before) | change), encoding="utf-8")
    try:
        run_again = office.run("run", "punjab.yaml", "--workers", "1", *FEW)
        merged = office.run("merge", "reports/fleet/punjab", "--output", "merged")
    finally:
        path.write_text(before, encoding="utf-8")
    for code, printed in (run_again, merged):
        assert code == 2
        assert "नगर 1: city.json says" in printed or "runs holds no run" in printed
        assert "--again 'नगर 1'" in printed


@pytest.mark.usefixtures("certified")
def test_a_run_that_was_changed_is_refused(office: Office) -> None:
    run_of = office.cities()["नगर 1"]["run"]
    path = office.folder / "reports/fleet/punjab/cities/नगर 1/runs" / run_of / "results.json"
    before = path.read_text("utf-8")
    path.write_text(before + "\n", encoding="utf-8")
    try:
        code, printed = office.run("merge", "reports/fleet/punjab", "--output", "merged")
    finally:
        path.write_text(before, encoding="utf-8")
    assert (code, "results.json: was changed after the run" in printed) == (2, True)


@pytest.mark.usefixtures("certified")
def test_shards_come_to_the_same_as_one_machine(office: Office) -> None:
    for shard in ("1/2", "2/2"):
        office.run("run", "punjab.yaml", "--shard", shard, *FEW)
    parts = [f"punjab.{number}-of-2" for number in (1, 2)]
    folders = [f"reports/fleet/{each}" for each in parts]
    code, printed = office.run("merge", *folders, "--output", "merged", "--format", "json")
    assert code == 2
    merged = {each["city"]: each["verdict"] for each in json.loads(printed)["cities"]}
    whole = json.loads((office.folder / "reports/fleet/punjab/overview.json").read_text("utf-8"))
    assert merged == {each["city"]: each["verdict"] for each in whole["cities"]}
    assert len(office.cities(parts[0])) == len(office.cities(parts[1])) == 6


def test_the_plan_says_what_each_city_needs(office: Office) -> None:
    code, printed = office.run("plan", "punjab.yaml", "--workers", "4")
    assert code == 0
    assert "City 3" in printed
    assert "12 cities" in printed
    assert "4 at a time" in printed
    assert not any(each in printed for each in PASSWORDS.values())


def test_passwords_that_are_not_set_are_named_before_anything_is_sent(office: Office) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "conformance", "fleet", "run", "punjab.yaml"],
        cwd=office.folder, capture_output=True, text=True, timeout=DEADLINE, check=False,
        env={name: value for name, value in os.environ.items() if name not in PASSWORDS},
    )  # fmt: skip
    assert done.returncode == 2
    assert "not set: ADMINISTRATOR_PASSWORD, CASHIER_PASSWORD, CITIZEN_PASSWORD" in done.stderr


def test_an_engine_that_is_none_is_refused(office: Office) -> None:
    code, printed = office.run("run", "punjab.yaml", "--engine", "ray://host")
    assert code == 2
    assert "write local, or dask://HOST:8786" in printed


def test_what_was_interrupted_is_continued(tmp_path: Path) -> None:
    with serve(Settings(latency_ms=25)) as slow:
        office = Office(tmp_path, {f"C{number}": slow.base_url for number in range(3)})
        process = office.started("run", "punjab.yaml", "--workers", "1", *FEW)
        runs = tmp_path / "reports" / "fleet" / "punjab" / "cities" / "C0" / "runs"
        wait_for(
            lambda: [each for each in runs.glob("*/journal.jsonl") if b"\n" in each.read_bytes()]
        )
        for _ in range(4):  # somebody who presses Ctrl-C again and again
            process.send_signal(signal.SIGINT)
            threading.Event().wait(0.005)
        printed, _ = process.communicate(timeout=DEADLINE)
        assert process.returncode == 130, printed
        assert "Traceback" not in printed
        assert "Continue with: bbps-conformance fleet run punjab.yaml" in printed
        assert office.cities()["C0"]["exit_code"] == 130
        assert "C1" not in office.cities()
        code, printed = office.run("run", "punjab.yaml", "--workers", "3", *FEW)
    assert code == 4, printed
    assert {each["verdict"] for each in office.cities().values()} == {"PARTIAL"}
    assert [each.name for each in runs.iterdir()] == [office.cities()["C0"]["run"]]  # the same run


def test_what_waits_for_another_day_is_settled_then(tmp_path: Path) -> None:
    words = ("punjab.yaml", "--only", "RCP-04", "--depth", "quick")
    with serve(Settings()) as served:
        office = Office(tmp_path, {"C0": served.base_url})
        assert office.run("run", *words, "--open")[0] == 4
        opened = office.cities()["C0"]
        assert opened["settle"]
        assert "1 of 1 have their result already." in office.run("run", *words)[1]
        assert "it is too early" in office.run("run", *words, "--settle")[1]
        assert office.cities()["C0"]["settle"] == opened["settle"]
        served.clock.advance(24 * 3600 * 1000)
        _, printed = office.run("run", *words, "--settle")
    settled = office.cities()["C0"]
    assert (settled["run"], settled["settle"]) == (opened["run"], "")
    assert settled["areas"]["Receipt"].get("passed") == 1, printed


def wait_for(there: Any) -> None:
    """Wait until something is there."""
    end = time.monotonic() + DEADLINE
    while not there():
        assert time.monotonic() < end, "it never came"
        threading.Event().wait(0.02)


def task(folder: Path, city: str, base_url: str) -> CityTask:
    document = {**profile(base_url), "name": city, "mode": "full"}
    return CityTask(
        city=city, profile=document, origin=base_url, folder=folder / city, rate=1000,
        in_flight=8, only=("BIL-03",), depth="quick",
    )  # fmt: skip


@contextmanager
def killing(kills: int) -> Iterator[list[int]]:
    """Kill so many processes that this one starts, each once it lives."""
    killed: list[int] = []
    over = threading.Event()

    def kill() -> None:
        while len(killed) < kills and not over.wait(0.01):
            for each in multiprocessing.active_children():
                if each.pid and each.pid not in killed and len(killed) < kills:
                    os.kill(each.pid, signal.SIGKILL)
                    killed.append(each.pid)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()


def run(tasks: list[CityTask], workers: int, kills: int) -> dict[str, CityResult]:
    with pytest.MonkeyPatch.context() as patch, killing(kills) as killed:
        for name, value in PASSWORDS.items():
            patch.setenv(name, value)
        found = list(LocalEngine(workers).run(tasks, {each.origin: workers for each in tasks}))
    assert len(killed) == kills
    assert len(found) == len(tasks)
    return {each.city: each for each in found}


def test_a_process_that_dies_costs_nothing(references: tuple[str, str], tmp_path: Path) -> None:
    tasks = [task(tmp_path, f"C{number}", references[0]) for number in range(3)]
    found = run(tasks, 2, kills=1)
    assert {each.verdict for each in found.values()} == {"PARTIAL"}


def test_a_city_whose_process_dies_twice_has_no_verdict(
    references: tuple[str, str], tmp_path: Path
) -> None:
    found = run([task(tmp_path, "C0", references[0])], 1, kills=2)["C0"]
    assert (found.verdict, found.exit_code) == ("", 3)
    assert "ended twice" in found.error


def test_a_city_is_cleaned_where_that_is_wanted(
    references: tuple[str, str], tmp_path: Path
) -> None:
    tasks = [replace(task(tmp_path, "C0", references[0]), clean=True)]
    found = run(tasks, 1, kills=0)["C0"]
    assert found.verdict == "PARTIAL"
    assert found.left == "1 of what it created must be reversed by a person"
    folder = tmp_path / "C0"
    cleaned = subprocess.run(
        [sys.executable, "-m", "conformance", "clean", str(folder / "runs" / found.run),
         "--target", str(folder / "profile.yaml")],
        env=os.environ | PASSWORDS, capture_output=True, text=True, timeout=DEADLINE, check=False,
    )  # fmt: skip
    assert "0 undone" in cleaned.stdout, cleaned.stderr  # the city did it
    assert "1 left to a person" in cleaned.stdout


def test_a_run_is_carried_where_no_disk_is_shared(
    references: tuple[str, str], tmp_path: Path
) -> None:
    tasks = [replace(task(tmp_path, "C0", references[0]), carried=True)]
    found = run(tasks, 1, kills=0)["C0"]
    folder = tmp_path / "C0"
    assert found.pack is not None
    assert not folder.exists()
    kept = keep(folder, found)
    assert kept.pack is None
    assert read_result(folder) == replace(kept, seconds=round(kept.seconds, 1))
    assert read(folder / "runs" / kept.run).verdict == "PARTIAL"
    damaged = keep(folder, replace(found, pack=found.pack[:-9]))
    assert (damaged.verdict, damaged.certificate, damaged.exit_code) == ("", False, 3)


def test_a_city_that_breaks_the_suite_stops_no_other(
    references: tuple[str, str], tmp_path: Path
) -> None:
    (tmp_path / "C0").write_text("a file where the folder of the city must be", encoding="utf-8")
    tasks = [task(tmp_path, f"C{number}", references[0]) for number in range(2)]
    found = run(tasks, 1, kills=0)
    assert (found["C0"].verdict, found["C0"].exit_code) == ("", 3)
    assert found["C1"].verdict == "PARTIAL"
