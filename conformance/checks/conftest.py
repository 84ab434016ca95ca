"""Fixtures of the checks. One that cannot be supplied ends inconclusive, with the remedy."""

import pytest

from conformance.bbps.flow import Bbps
from conformance.bbps.models import Bill, Transaction


@pytest.fixture
def bill(bbps: Bbps) -> Bill:
    """A payable bill that no other check uses."""
    return bbps.new_bill()


@pytest.fixture
def transaction(bbps: Bbps, bill: Bill) -> Transaction:
    """A pending transaction of the integrator."""
    return bbps.create_transaction(bill)
