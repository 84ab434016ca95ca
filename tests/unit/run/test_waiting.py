"""A person sees for which answer a command waits."""

import sys
import threading

import pytest

from conformance.client.waits import Waits
from conformance.run.waiting import announced


def test_the_request_that_waits_longest_is_known_without_its_secrets() -> None:
    waits = Waits()
    assert waits.longer_than(0) == ""
    with waits.of("POST", "https://me:secret@city.example/user/oauth/token?password=secret"):
        assert waits.longer_than(0) == "POST https://city.example/user/oauth/token"
        assert waits.longer_than(3600) == ""
    assert waits.longer_than(0) == ""


def test_it_is_shown_once_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    waits, seen = Waits(), threading.Event()
    longer_than = waits.longer_than

    def noticed(seconds: float) -> str:
        found = longer_than(seconds)
        if found and "Waiting" in said():
            seen.set()
        return found

    def said() -> str:
        shown.append(capsys.readouterr().err)
        return "".join(shown)

    shown: list[str] = []
    monkeypatch.setattr(waits, "longer_than", noticed)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with announced(waits, long=0.01), waits.of("GET", "http://city.example/x"):
        assert seen.wait(60)
    assert said().count("Waiting for the answer to GET http://city.example/x ...") == 1


def test_nothing_is_shown_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    waits = Waits()
    before = threading.active_count()
    with announced(waits, long=0), waits.of("GET", "http://city.example/x"):
        assert threading.active_count() == before
    assert capsys.readouterr().err == ""
