"""A value that the user gives comes from the environment, and no report repeats it."""

from types import SimpleNamespace
from typing import Any

import pytest

from conformance.core.redaction import Redactor
from conformance.core.verdicts import Inconclusive
from conformance.scenarios import variables
from conformance.scenarios.values import Generated
from conformance.scenarios.variables import Variables


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(variables, "_given", lambda _bbps: {})
    bbps: Any = SimpleNamespace(client=SimpleNamespace(redactor=Redactor()))
    values = {
        "auth_token": Generated(generate="environment"),
        "other": Generated(generate="environment", variable="BBPS_NAMED_OTHERWISE"),
    }
    return Variables(bbps, values, {}), bbps.client.redactor


def test_a_variable_of_the_environment(given: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    value_of, redactor = given
    monkeypatch.setenv("BBPS_AUTH_TOKEN", "a-long-token")
    monkeypatch.setenv("BBPS_NAMED_OTHERWISE", "another-one")
    assert (value_of("auth_token"), value_of("other")) == ("a-long-token", "another-one")
    assert redactor.plain("it is a-long-token") == "it is ${BBPS_AUTH_TOKEN}"


def test_without_it_nothing_is_decided(given: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BBPS_AUTH_TOKEN", raising=False)
    with pytest.raises(Inconclusive, match="BBPS_AUTH_TOKEN"):
        given[0]("auth_token")
