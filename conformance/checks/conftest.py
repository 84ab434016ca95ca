"""Fixtures of the checks. One that cannot be supplied ends inconclusive, with the remedy."""

from typing import Final

import pytest

from conformance.bbps.audit.sights import HOLDS, Sights
from conformance.bbps.deferred import DeferredChecks
from conformance.bbps.flow import Bbps
from conformance.bbps.journey import Journey
from conformance.bbps.models import Bill, Transaction
from conformance.client.exchange_log import ExchangeLog

SEEN: Final = "what the run has seen"


@pytest.fixture
def bill(bbps: Bbps) -> Bill:
    """A payable bill that no other check uses."""
    return bbps.new_bill()


@pytest.fixture
def transaction(bbps: Bbps, bill: Bill) -> Transaction:
    """A pending transaction of the integrator."""
    return bbps.create_transaction(bill)


@pytest.fixture
def journey(bbps: Bbps, deferred: DeferredChecks) -> Journey:
    """The way of the clock through hours, days, months and years."""
    return Journey(bbps, deferred)


@pytest.fixture
def sights(bbps: Bbps, recorded: ExchangeLog) -> Sights:
    """All records that the other checks have seen, put together once for those that look back."""
    return bbps.once.as_filed(
        SEEN, lambda: Sights.of(each for name in HOLDS for each in recorded.accepted(name))
    )
