"""Who reaches what: a token for each actor, and calls that do nothing, once a run.

Rights are looked at before a body, so that a useless body shows whether the gateway lets an actor
through. Each raises Inconclusive, with the remedy, where a call leads nowhere.
"""

from typing import Final

from conformance.bbps.flow import Bbps
from conformance.client.response import Response
from conformance.contracts.effects import NOWHERE
from conformance.core.verdicts import Inconclusive

FOUR_ACTIONS: Final = ("bill.fetch", "transaction.create", "transaction.update", "payment.create")
# Search -> the setting of `readers` that names who may.
READERS: Final = {
    "transaction.search": "transactions",
    "payment.module-search": "payments",
    "bill.search": "bills",
    "demand.search": "demands",
}


def token_of(bbps: Bbps, actor: str) -> str:
    """Have a token of an actor."""
    bbps.client.actor(actor)
    return bbps.client.token(actor)


def reaching(bbps: Bbps, operation: str, actors: tuple[str, ...]) -> None:
    """See that the gateway lets one of some actors through, by a call that does nothing."""
    responses = []
    for actor in actors:
        responses.append(reach(bbps, operation, actor))
        if let_through(responses[-1]):
            return
    path, first = bbps.client.contracts.operations[operation].path, responses[0]
    raise Inconclusive(
        f"the {actors[0]} does not reach {operation}: {first.description}",
        f"grant {path} to a role of the {actors[0]}"
        if first.denied
        else f"start the service behind {path}, or correct network.prefixes",
    )


def four_actions(bbps: Bbps) -> None:
    """See that the BBPS user reaches each of its four actions."""
    for operation in FOUR_ACTIONS:
        reaching(bbps, operation, ("integrator",))


def four_services(bbps: Bbps) -> None:
    """See that the BBPS user's four actions are answered, if only by a gateway that refuses."""
    for operation in FOUR_ACTIONS:
        response = reach(bbps, operation, "integrator")
        if response.unserved:
            raise Inconclusive(
                f"no service answers {operation}: {response.description}", response.unserved
            )


def reach(bbps: Bbps, operation: str, actor: str) -> Response:
    """Call an operation once a run with a useless body: rights are looked at before the body.

    NotAllowed where even that may not be sent.
    """
    tenant = {"tenantId": bbps.target.tenant}
    query = {**tenant, "consumerCode": NOWHERE}
    if operation == "transaction.update":  # where it is let through, it can only fail
        query |= bbps.stating_failure
    token_of(bbps, actor)
    return bbps.once(
        f"reach of {operation} as {actor}",
        lambda: bbps.client.call(
            operation, as_=actor, query=query, body=tenant,
            path={"module": bbps.target.bills.search_module}, tolerant=True, unobserved=True,
        ),
    )  # fmt: skip


def let_through(response: Response) -> bool:
    """Whether a service answered, in whatever form: no gateway, no page, and no missing route."""
    if response.reached or response.broke_down:
        return True
    own = 400 <= response.status < 500 and response.status not in {401, 403, 404}
    return own and response.body is not None and not response.not_allowed


def reading_back(bbps: Bbps, operation: str) -> None:
    """See that the reader whom the profile names reaches a search."""
    reaching(bbps, operation, (getattr(bbps.target.readers, READERS[operation]),))
