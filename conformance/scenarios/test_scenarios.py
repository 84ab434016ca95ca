"""Scenarios, played step by step; the plugin makes a check of each row and claim of one."""

import pytest

from conformance.bbps.deferred import DeferredChecks
from conformance.bbps.flow import Bbps
from conformance.scenarios.plan import ScenarioCheck
from conformance.scenarios.runner import play


@pytest.mark.independent(by="part")
def test_scenario(bbps: Bbps, deferred: DeferredChecks, part: ScenarioCheck) -> None:
    """A scenario is played."""
    scenario, row = part.scenario, part.row
    if part.moves_the_clock and not bbps.clock.movable:  # each has a case of its own till then
        played = play(scenario, bbps, deferred, row)
    else:
        played = bbps.once.as_filed(
            f"scenario {part.play}", lambda: play(scenario, bbps, None, row)
        )
        for each in played.exchanges:
            bbps.client.cite(bbps.check, each)
    played.conclude(part.claim, backed=part.backed)
