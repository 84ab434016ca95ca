"""What the claims of a scenario come to, by where and why it ended."""

import pytest

from conformance.bbps.deferred import Changed, Lapsed, Postponed
from conformance.bbps.outcome_channels.in_update import NotSignalled
from conformance.client.client import Unanswered
from conformance.core.verdicts import CapReached, Inconclusive, NotAllowed, NotApplicable, Violation
from conformance.scenarios.runner import Played, ScenarioClaim

CLAIM = ScenarioClaim(requirements=("TXN-05",), expectations=frozenset({(1, "expect", 0)}))
LACKING, CAP = Inconclusive("no cashier"), CapReached("the cap is reached")

MODE = NotAllowed("mode inspect creates nothing on the target")


@pytest.mark.parametrize(
    ("played", "backed", "ending"),
    [
        (Played(judged={(1, "expect", 0)}), True, None),
        (Played(judged={(1, "expect", 0)}, ended=LACKING, last=2), True, None),
        (Played(judged={(1, "expect", 0)}, ended=LACKING, last=2, void=True), False, Inconclusive),
        (Played(judged={(1, "expect", 0)}, ended=LACKING, last=2, void=True), True, NotApplicable),
        (Played(ended=LACKING), False, Inconclusive),
        (Played(ended=LACKING), True, NotApplicable),
        (Played(ended=LACKING, last=0), True, NotApplicable),
        (Played(ended=LACKING, last=1), True, Inconclusive),  # the call that is judged itself
        (Played(ended=CAP), True, Inconclusive),
        (Played(ended=MODE, last=1), True, NotApplicable),
        (Played(ended=MODE, last=1), False, Inconclusive),
        (Played(ended=NotSignalled("no means")), True, NotApplicable),
        (Played(ended=Unanswered("no answer")), True, Inconclusive),
        (Played(ended=Postponed("tomorrow")), True, Inconclusive),
        (Played(ended=Changed("paid meanwhile")), True, Inconclusive),
        (Played(ended=Lapsed("another user")), True, Inconclusive),
        (
            Played(violations={(1, "expect", 0): Violation("a", "b")}, ended=LACKING),
            True,
            Violation,
        ),
    ],
)
def test_a_claim_ends_by_where_its_scenario_ended(
    played: Played, backed: bool, ending: type[Exception] | None
) -> None:
    if ending is None:
        played.conclude(CLAIM, backed=backed)
        return
    with pytest.raises(ending):
        played.conclude(CLAIM, backed=backed)
