"""Owner only: nobody but the creating user finishes a transaction, by whatever request (TXN-08)."""

from collections.abc import Callable
from typing import Any

import pytest

from conformance.bbps.flow import FAILURE, SUCCESS, Bbps, Signal
from conformance.bbps.models import Transaction, read
from conformance.checks.controls import reached
from conformance.checks.expect import kept_out, no_receipt, unchanged
from conformance.checks.probes import UPDATE
from conformance.client.client import ANONYMOUS
from conformance.core.requirements import verifies

pytestmark = pytest.mark.independent

ID_SPELLINGS = (
    "eg_pg_txnid",
    "transactionId",
    "txnid",
    "ORDERID",
    "vpc_MerchTxnRef",
    "EG_PG_TXNID",
)
# Queries that name two transactions: the rival's own and another.
TWO_IDS: dict[str, Callable[[str, str], dict[str, Any]]] = {
    "own id first": lambda own, other: {"eg_pg_txnid": own, "transactionId": other},
    "own id last": lambda own, other: {"eg_pg_txnid": other, "transactionId": own},
    "one parameter twice, own id first": lambda own, other: {"eg_pg_txnid": [own, other]},
    "one parameter twice, own id last": lambda own, other: {"eg_pg_txnid": [other, own]},
}
# What a rival puts into RequestInfo, and next to it, to be taken for the owner.
CLAIMS: dict[
    str, Callable[[dict[str, Any], Transaction], tuple[dict[str, Any], dict[str, Any]]]
] = {
    "in userInfo": lambda owner, _: ({"userInfo": owner}, {}),
    "in a transaction of the body": lambda owner, transaction: (
        {},
        {
            "Transaction": {
                "txnId": transaction.id,
                "user": owner,
                "auditDetails": transaction.raw.get("auditDetails"),
            }
        },
    ),
}


@verifies("TXN-08")
@pytest.mark.parametrize("outsider", ["rival", "cashier", "citizen", "administrator", ANONYMOUS])
@pytest.mark.parametrize("signal", [SUCCESS, FAILURE], ids=["success", "failure"])
def test_update_by_an_outsider_changes_nothing(
    bbps: Bbps, transaction: Transaction, outsider: str, signal: Signal
) -> None:
    """Somebody other than the creator tries to finish the transaction."""
    response = bbps.update(transaction, signal, as_=outsider)

    kept_out(response, f"an update by the {outsider}")
    if outsider == "rival":  # the gateway keeps the others out already
        reached(bbps, UPDATE, as_=outsider)
    unchanged(bbps, transaction)
    no_receipt(bbps, transaction, "after a refused update")
    bbps.finish(transaction, FAILURE)  # the control: its owner may


@verifies("TXN-08")
@pytest.mark.parametrize("spelling", ID_SPELLINGS)
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_no_spelling_lets_an_outsider_in(
    bbps: Bbps, transaction: Transaction, spelling: str, method: str
) -> None:
    """A rival names the transaction by another parameter, or by another method."""
    response = bbps.update(
        transaction,
        SUCCESS,
        as_="rival",
        method=method,
        id_parameter=spelling,
        headers={"auth-token": bbps.client.token("rival")} if method == "GET" else {},
    )

    kept_out(response, f"{method} by a rival with {spelling}")
    reached(bbps, UPDATE, as_="rival")
    unchanged(bbps, transaction)
    no_receipt(bbps, transaction, "after a refused update")
    bbps.finish(transaction, FAILURE)  # the control: its owner may


@verifies("TXN-08")
@pytest.mark.parametrize("pair", TWO_IDS)
def test_two_ids_let_no_outsider_in(bbps: Bbps, transaction: Transaction, pair: str) -> None:
    """A rival names its own transaction and the integrator's in one update."""
    own = bbps.create_transaction(bbps.new_bill(), as_="rival")

    # Whatever it answers: it may finish the rival's own transaction, and nothing else.
    named = TWO_IDS[pair](own.id, transaction.id)
    bbps.update(own, SUCCESS, as_="rival", also=named, other=transaction)

    unchanged(bbps, transaction)
    no_receipt(bbps, transaction, "after a rival's update of two transactions")
    reached(bbps, UPDATE, as_="rival")
    bbps.finish(transaction, FAILURE)  # the control: its owner may


@verifies("TXN-08")
@pytest.mark.parametrize("claim", CLAIMS)
def test_claiming_the_owner_lets_nobody_in(
    bbps: Bbps, transaction: Transaction, claim: str
) -> None:
    """A rival claims the owner's identity in the body of the update."""
    owner = dict(read(bbps.client.login("integrator").body, "UserRequest"))
    info, body = CLAIMS[claim](owner, transaction)

    response = bbps.update(transaction, SUCCESS, as_="rival", request_info=info, body=body)

    kept_out(response, "an update by a rival who claims to be the owner")
    reached(bbps, UPDATE, as_="rival")
    unchanged(bbps, transaction)
    no_receipt(bbps, transaction, "after a refused update")
    bbps.finish(transaction, FAILURE)  # the control: its owner may


@verifies("TXN-08")
def test_user_of_another_city_is_an_outsider(bbps: Bbps, transaction: Transaction) -> None:
    """A SYSTEM user whose role is at another city tries the update."""
    bbps.provision.system_user("foreigner", role_tenant=bbps.target.second_city)

    response = bbps.update(transaction, SUCCESS, as_="foreigner")

    kept_out(response, "an update by a SYSTEM user of another city")
    unchanged(bbps, transaction)
    no_receipt(bbps, transaction, "after a refused update")
    bbps.finish(transaction, FAILURE)  # the control: its owner may


@pytest.mark.alone("doubles an account that others use")
@verifies("TXN-08")
def test_namesake_of_another_tenant_is_an_outsider(bbps: Bbps, transaction: Transaction) -> None:
    """A SYSTEM user of the same name, at a city instead of the state, tries the update."""
    bbps.provision.namesake("integrator", as_="namesake", tenant=bbps.target.tenant)

    response = bbps.update(transaction, SUCCESS, as_="namesake")

    kept_out(response, "an update by a namesake of another tenant")
    unchanged(bbps, transaction)
    bbps.finish(transaction, FAILURE)  # the control: its owner may
