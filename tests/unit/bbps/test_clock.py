"""The clock that a rehearsal moves: what its control answers may be anything."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.bbps.clock import Clock
from conformance.client.client import Client
from conformance.core.verdicts import Inconclusive


@pytest.mark.parametrize("answer", [None, [], {}, {"now": None}, {"now": "1"}, {"now": True}])
def test_answer_without_a_time_is_inconclusive_and_names_the_control(answer: Any) -> None:
    target = SimpleNamespace(clock_url="/clock")
    client = SimpleNamespace(target=target, control=lambda *_: answer)
    with pytest.raises(Inconclusive, match="the clock at /clock shows no time"):
        Clock(cast(Client, client)).now()
