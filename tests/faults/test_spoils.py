"""A sample of the whole runs that `python -m tests.faults.spoils` does: behind a spoiling proxy."""

import pytest

from conformance.core.verdicts import RUN_THE_OTHERS, Verdict
from conformance.reference.app.spoiling import MODES
from tests.deployments.test_spoiled import CAUSES
from tests.faults.spoils import BLAME, certified, everything

SAMPLE = ("half-character", "redirect:/collection-services/", "gzip-cut:/egov-mdms-service/")


def test_everything_is_each_mode() -> None:
    assert {each.partition(":")[0] for each in everything()} == MODES.keys()
    assert set(SAMPLE) <= set(everything())


@pytest.mark.whole
@pytest.mark.parametrize("spoil", SAMPLE)
def test_nobody_is_blamed_for_what_a_proxy_does(spoil: str) -> None:
    rows = certified(spoil)
    undecided = [reason for verdict, _, reason in rows if verdict is Verdict.INCONCLUSIVE]
    cause = CAUSES.get(spoil.partition(":")[0], "")
    assert [row for row in rows if row[0] in BLAME] == []
    assert rows
    assert bool(undecided) is bool(cause)
    assert [each for each in undecided if cause not in each and RUN_THE_OTHERS not in each] == []
