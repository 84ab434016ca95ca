"""The check of the connection, which the reference, on this machine, cannot turn red."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.bbps.flow import Bbps
from conformance.checks import test_contract_input
from conformance.core.verdicts import NotApplicable, Violation

CHECK = test_contract_input.test_connection_is_encrypted


def deployment(base_url: str, *, loopback: bool = False) -> Bbps:
    def call(*_: Any, **__: Any) -> None:
        pass

    target = SimpleNamespace(base_url=base_url, loopback=loopback)
    return cast(Bbps, SimpleNamespace(target=target, client=SimpleNamespace(call=call)))


def test_remote_deployment_without_encryption_fails() -> None:
    with pytest.raises(Violation, match="speaks HTTPS"):
        CHECK(deployment("http://digit.city.example"))


def test_encrypted_one_passes_and_this_machine_is_not_judged() -> None:
    CHECK(deployment("https://digit.city.example"))
    with pytest.raises(NotApplicable):
        CHECK(deployment("http://127.0.0.1:1", loopback=True))
