"""Each fact of facts.yaml holds on every line that it names."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.agreement.agreement import settings_on
from tests.agreement.facts import LINES, differences, facts
from tests.agreement.stage import Stage, staged

DAY = datetime(2026, 11, 28, tzinfo=UTC)


@pytest.fixture(scope="module", params=LINES)
def line(request: pytest.FixtureRequest) -> Iterator[tuple[str, Stage]]:
    with staged(settings_on(request.param), DAY) as stage:
        yield request.param, stage


def test_every_fact_holds(line: tuple[str, Stage]) -> None:
    name, stage = line
    wrong = []
    for fact in facts():
        if name in fact.lines:
            stage.go_to(DAY)
            wrong += [f"{fact.what}: {each}" for each in differences(fact, stage)]
    assert not wrong, "\n".join(wrong)


def test_facts_are_stated_once_and_for_known_lines() -> None:
    stated = [fact.what for fact in facts()]
    assert len(set(stated)) == len(stated)
    assert all(set(fact.lines) <= set(LINES) and fact.lines for fact in facts())
