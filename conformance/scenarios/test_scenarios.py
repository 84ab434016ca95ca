"""The scenario catalogue, played step by step; each scenario names what it verifies."""

import pytest

from conformance.bbps.flow import Bbps
from conformance.core.requirements import verifies
from conformance.scenarios.catalogue import Scenario, load
from conformance.scenarios.runner import play

SCENARIOS = [
    pytest.param(scenario, id=scenario.name, marks=verifies(*scenario.requirements))
    for scenario in load()
]


@pytest.mark.independent
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(bbps: Bbps, scenario: Scenario) -> None:
    """A scenario of the catalogue is played."""
    play(scenario, bbps)
