"""One trial of each thing for a whole run: a payable bill, a transaction, and its failure.

Each is made when somebody first needs it, of the main business service if no other is named;
nothing here moves money.
"""

from decimal import Decimal
from typing import Final

from conformance.bbps.bill_pool import BillPool
from conformance.bbps.flow import FAILURE, Bbps
from conformance.bbps.models import Bill, Transaction
from conformance.bbps.payloads import due
from conformance.client.response import Response
from conformance.contracts.effects import Effect
from conformance.core.verdicts import Inconclusive, NotApplicable
from conformance.profile.target import Service

CHANNEL: Final = "set outcome.style, for example update-parameters"
TRIAL: Final = Decimal(1)  # rupees


def writing(bbps: Bbps) -> None:
    """See that test data may be created."""
    bbps.client.require(Effect.WRITES)


def money(bbps: Bbps) -> None:
    """See that money may move."""
    bbps.client.require(Effect.MOVES_MONEY)


def bill(bbps: Bbps, service: Service | None = None) -> Bill | None:
    """Have a payable bill of one rupee, the same for a whole run; None if a pool has some."""
    bills = bbps.target.bills
    service = service or bills.certified[0]
    code = service.business_service
    if bills.provision == "none":
        raise Inconclusive("the profile provides no bills", "set bills.provision")
    writing(bbps)
    if bills.provision == "demands":
        return bbps.once(f"trial bill of {code}", lambda: bbps.bill_of(service, amount=TRIAL))
    if not BillPool(bills.pool).unused(service=code, tenant=bbps.target.tenant):
        raise Inconclusive("the bill pool is empty", f"add unpaid consumer codes to {bills.pool}")
    return None


def taken_transaction(bbps: Bbps, service: Service | None = None) -> Transaction | None:
    """Have a transaction as its creation answers it, the same for a whole run.

    None where no bill is used up for a trial.
    """
    payable = bill(bbps, service)
    if payable is None:
        return None
    name = f"trial transaction of {payable.business_service}"
    return bbps.once(name, lambda: bbps.taken_transaction(payable))


def transaction(bbps: Bbps, service: Service | None = None) -> Transaction | None:
    """Have the same transaction, once search shows it; None where no bill is used up."""
    created = taken_transaction(bbps, service)
    if created is None:
        return None
    return bbps.once(f"sight of {created.id}", lambda: bbps.transaction(created.id))


def two_bills(bbps: Bbps) -> Response:
    """Request, once a run, a transaction that pays two bills: some deployments refuse that."""
    service = bbps.target.bills.certified[0]
    amount = None if bbps.target.bills.provision == "pool" else TRIAL

    def request() -> Response:
        bills = [bbps.bill_of(service, amount=amount) for _ in range(2)]
        return bbps.submit_transaction(bills[0], shares=due(bills))

    return bbps.once("a right transaction on two bills", request)


def several_bills(bbps: Bbps) -> None:
    """See that one transaction may pay several bills, which no requirement demands.

    NotApplicable where a right one on two bills is refused: then there is none to misjudge.
    """
    response = two_bills(bbps)
    if response.refused and not response.turned_away:
        raise NotApplicable(f"a right transaction on two bills is refused: {response.description}")


def channel(bbps: Bbps) -> None:
    """See that the profile has a channel by which outcomes are set."""
    if bbps.target.outcome.style == "none":
        raise Inconclusive("the profile has no channel to set an outcome", CHANNEL)


def reported_failure(bbps: Bbps, service: Service | None = None) -> Response | None:
    """Report once a run that a transaction failed; return the answer, None where none was made."""
    channel(bbps)
    created = transaction(bbps, service)
    if created is None:
        return None
    return bbps.once(f"trial update of {created.id}", lambda: bbps.update(created, FAILURE))


def failure(bbps: Bbps, service: Service | None = None) -> None:
    """See that the deployment learns that a transaction failed; no money moves."""
    response, created = reported_failure(bbps, service), transaction(bbps, service)
    if response is None or created is None:
        return
    if not response.succeeded:
        raise Inconclusive(
            f"the owner could not mark a transaction FAILURE: {response.description}", "see TXN-06"
        )
    bbps.once(
        f"trial outcome of {created.id}",
        lambda: bbps.polling.eventually(
            lambda: bbps.transaction(created.id),
            lambda read: read.status == "FAILURE",
            "the transaction's state FAILURE",
        ),
    )


def success(bbps: Bbps, service: Service | None = None) -> None:
    """See that a transaction may succeed, as far as that shows without money."""
    money(bbps)
    failure(bbps, service)
