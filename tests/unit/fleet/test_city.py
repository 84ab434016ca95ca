"""A city never raises: whatever goes wrong is its result, and holds no secret."""

import pickle
from pathlib import Path
from typing import Any

import pytest

from conformance.core.errors import SetupError
from conformance.fleet import city
from conformance.fleet.city import certify_city
from conformance.fleet.task import CityTask

SECRET = "Open1Sesame"


def task(folder: Path, **more: Any) -> CityTask:
    profile = {
        "name": "Moga", "base_url": "http://127.0.0.1:9", "tenant": "pb.moga", "mode": "inspect",
        "state_tenant": "pb", "actors": {"a": {"username": "a", "password": "${MOGA_PASSWORD}"}},
    }  # fmt: skip
    settings: dict[str, Any] = {"rate": 5, "in_flight": 4}
    return CityTask(city="Moga", profile=profile, origin="o", folder=folder, **settings | more)


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (SetupError(f"the password {SECRET} is wrong"), 2),
        (RuntimeError(f"cannot use {SECRET}"), 3),
        (MemoryError(), 3),
        (SystemExit(1), 3),
        (KeyboardInterrupt(), 130),
    ],
)
def test_what_breaks_a_run_is_its_result(
    problem: BaseException, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise problem

    monkeypatch.setenv("MOGA_PASSWORD", SECRET)
    monkeypatch.setattr(city, "carry_out", broken)
    found = certify_city(task(tmp_path))
    assert (found.verdict, found.exit_code) == ("", code)
    assert found.error
    assert SECRET not in found.error
    assert not found.final


def test_a_variable_that_is_not_set_is_named(tmp_path: Path) -> None:
    found = certify_city(task(tmp_path))
    assert found.exit_code == 2
    assert "the environment variable MOGA_PASSWORD is not set" in found.error


def test_nothing_of_the_environment_replaces_a_city(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOGA_PASSWORD", SECRET)
    monkeypatch.setenv("BBPS_BASE_URL", "http://elsewhere.invalid")
    monkeypatch.setenv("BBPS_TENANT", "pb.elsewhere")
    monkeypatch.setenv("BBPS_MODE", "full")

    def noted(config: Any, *_: object) -> None:
        raise SetupError(repr(config.settings))

    monkeypatch.setattr(city, "carry_out", noted)
    error = certify_city(task(tmp_path)).error
    assert "127.0.0.1:9" in error
    assert "elsewhere" not in error
    assert "'mode': 'inspect'" in error
    assert SECRET not in (tmp_path / "profile.yaml").read_text(encoding="utf-8")


def test_what_was_never_run_is_not_settled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOGA_PASSWORD", SECRET)
    found = certify_city(task(tmp_path, settle=True))
    assert found.exit_code == 2
    assert "there is no run of this city that can be settled" in found.error


def test_tasks_and_results_can_be_sent(tmp_path: Path) -> None:
    sent = task(tmp_path)
    assert pickle.loads(pickle.dumps(sent)) == sent  # noqa: S301  our own
    found = certify_city(sent)
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301  our own
    assert len(pickle.dumps(found)) < 5_000


def test_where_and_how_fast_is_no_other_task(tmp_path: Path) -> None:
    one = task(tmp_path)
    assert one.checksum == task(tmp_path / "x", rate=1, in_flight=1, jobs=3).checksum
    assert one.checksum != task(tmp_path, depth="deep").checksum
    assert one.checksum != task(tmp_path, known_as="Moga").checksum
