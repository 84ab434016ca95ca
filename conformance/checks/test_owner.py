"""Owner only: no other than the creating user finishes a transaction, by whatever request (TXN-08).

Each rule looks at the whole record: an outsider may leave no trace in it.
"""

from contextlib import suppress
from typing import Final

import pytest

from conformance.bbps.dimensions.actors import OUTSIDER, RIVAL, identity
from conformance.bbps.dimensions.dimension import Combination, never
from conformance.bbps.dimensions.states import FRESH, STATE
from conformance.bbps.dimensions.updates import (
    AS_USUAL,
    CLAIM,
    FIRST_REPORT,
    METHOD,
    NAMING,
    UNSERVED,
)
from conformance.bbps.flow import FAILURE, SUCCESS, Bbps
from conformance.bbps.models import Transaction
from conformance.checks.controls import reached
from conformance.checks.crossed import crossed
from conformance.checks.expect import kept_out, no_receipt, unchanged
from conformance.checks.keeping import kept
from conformance.checks.probes import UPDATE
from conformance.client.client import Unanswered
from conformance.core.requirements import verifies

pytestmark = pytest.mark.independent

PAID: Final = "its bill was paid at the counter"
ENDED: Final = ("successful", "failed", "failed for its amount")
STATES: Final = STATE.only(
    FRESH, "an open outcome was reported", "its bill was replaced", PAID, *ENDED
)
OPEN_STATES: Final = STATES.only(FRESH, "an open outcome was reported")
OUTCOMES: Final = FIRST_REPORT.only("success", "failure", "an open outcome")
OTHERS: Final = tuple(name for name in OUTSIDER.values if name != RIVAL)


@verifies("TXN-08")
@crossed(
    OUTSIDER,
    STATES,
    FIRST_REPORT,
    never=(  # these are refused for the state, whatever the caller
        never(OUTSIDER, OTHERS, STATES, (PAID, *ENDED)),
        never(STATES, (PAID,), FIRST_REPORT, ("success", "no amount")),
    ),
    rows=14,
)
def test_update_by_an_outsider_changes_nothing(bbps: Bbps, combination: Combination) -> None:
    """Somebody other than the creator reports something of a transaction, in one of its states."""
    outsider = combination[OUTSIDER]
    actor = outsider.enlisted(bbps)

    def create() -> Transaction:
        bill = bbps.new_bill()
        return combination[STATES](bbps, bill, outsider.transaction(bbps, bill))

    state = combination.name(STATES)
    with kept(bbps, state, create, shared=outsider.shares) as transaction:
        response = combination[FIRST_REPORT].by(bbps, transaction, as_=actor)

        kept_out(response, f"an update by {combination.name(OUTSIDER)}")
        if outsider.through:
            _reaches_the_update(bbps, actor)
        unchanged(bbps, transaction)
        if transaction.status != "SUCCESS":
            no_receipt(bbps, transaction, "after a refused update")


@verifies("TXN-08")
@crossed(
    METHOD,
    NAMING,
    CLAIM,
    OUTCOMES,
    OPEN_STATES,
    never=(
        never(METHOD, UNSERVED, NAMING, tuple(each for each in NAMING.values if each != AS_USUAL)),
        never(METHOD, UNSERVED, CLAIM, tuple(CLAIM.values)[1:]),
    ),
    rows=28,
)
def test_no_request_lets_an_outsider_in(bbps: Bbps, combination: Combination) -> None:
    """A rival reports by another method, names the transaction in another way, claims the owner."""
    method, naming = combination[METHOD], combination[NAMING]
    own = bbps.create_transaction(bbps.new_bill(), as_="rival") if naming.two else None
    own_id = own.id if own else ""

    def create() -> Transaction:
        bill = bbps.new_bill()
        return combination[OPEN_STATES](bbps, bill, bbps.create_transaction(bill))

    with kept(bbps, combination.name(OPEN_STATES), create) as transaction:
        claim = combination[CLAIM](identity(bbps), transaction)
        with suppress(Unanswered):  # by an odd method it may get no answer; the record decides
            response = combination[OUTCOMES].by(
                bbps,
                transaction,
                as_="rival",
                method=method.name,
                as_form=method.as_form,
                also={
                    bbps.target.outcome.parameters.id: None,
                    **claim.parameters,
                    **naming.parameters(own_id, transaction.id),
                },
                body={**claim.body, **naming.body(own_id, transaction.id)},
                request_info=claim.request_info,
                headers=claim.headers,
                other=own,
                tolerant=True,
            )
            if not naming.two and combination.name(METHOD) not in UNSERVED:
                kept_out(response, "an update by a rival")

        _reaches_the_update(bbps, "rival")
        unchanged(bbps, transaction)


@pytest.mark.alone("doubles an account that others use")
@verifies("TXN-08")
def test_namesake_of_another_tenant_is_an_outsider(bbps: Bbps, transaction: Transaction) -> None:
    """A SYSTEM user of the same name, at a city instead of the state, tries the update."""
    bbps.provision.namesake("integrator", as_="namesake", tenant=bbps.target.tenant)

    response = bbps.update(transaction, SUCCESS, as_="namesake")

    kept_out(response, "an update by a namesake of another tenant")
    unchanged(bbps, transaction)
    bbps.finish(transaction, FAILURE)  # the control: its owner may


def _reaches_the_update(bbps: Bbps, actor: str) -> None:
    """Make sure, once a run, that the gateway lets an outsider through: else nothing is shown."""
    account = bbps.client.actor(actor).username
    bbps.once(f"{account} reaches the update", lambda: reached(bbps, UPDATE, as_=actor))
