"""What an answer shows of a rule: a verb for each kind of rule, for checks and scenarios alike.

Each raises Violation with both halves, required and observed. `Response` classifies an answer; a
verb decides which kinds pass, which violate, and which decide nothing (Inconclusive): redirects,
pages, foreign forms of errors.

A rule is about what is requested, and a service judges it (`accepted`, `refused`,
`answered_4xx`): a gateway that lets the caller through to no such call decides nothing. Or it is
about who calls, and it does not matter who refuses (`kept_out`), or the gateway must (`denied`,
`gets_through`).
"""

from collections.abc import Callable

from conformance.client.client import ANONYMOUS
from conformance.client.response import Response
from conformance.core.verdicts import Inconclusive, Violation


def demand(condition: bool, *, required: str, observed: str) -> None:
    """Raise Violation unless the condition holds; both halves are sentences for an outsider."""
    if not condition:
        raise Violation(required, observed)


def accepted(response: Response, what: str) -> None:
    """Demand a 2xx of a service: its refusal and its breakdown violate, a missing one does not."""
    judged(response, what)
    decided = response.succeeded or response.refused or response.broke_down
    if response.unserved or not decided:
        raise undecided(response, what)
    demand(response.succeeded, required=f"{what} is accepted", observed=_answered(response))


def refused(response: Response, what: str) -> None:
    """Demand a refusal by a service: a 2xx violates, anything else decides nothing."""
    judged(response, what)
    kept_out(response, what)


def kept_out(response: Response, what: str) -> None:
    """Demand a refusal, by whomever: a 2xx violates, anything else decides nothing.

    Neither does the refusal of an actor whose session has ended: it is not known any more.
    """
    ended = response.no_session and response.exchange.actor != ANONYMOUS
    if ended or not (response.refused or response.succeeded):
        raise undecided(response, what)
    demand(
        response.refused,
        required=f"{what} is refused",
        observed=f"it was accepted with {response.description}",
    )


def answered_4xx(response: Response, what: str) -> None:
    """Demand a refusal by a service: a 2xx and a breakdown violate, a page decides nothing."""
    judged(response, what)
    if not (response.refused or response.succeeded or response.broke_down):
        raise undecided(response, what)
    labelled = response.refused and response.status >= 400
    demand(labelled, required=f"{what} is refused with a 4xx", observed=_answered(response))


def denied(response: Response, what: str, *, or_unknown: bool = False) -> None:
    """Demand a refusal by a gateway: an answer of a service violates, the rest decides nothing.

    `or_unknown` takes a platform that knows no such path or method (404, 405) for a refusal.
    """
    if or_unknown and response.refused and response.status in {404, 405}:
        return
    opened = _opened(response)
    if not (response.denied or opened):
        raise undecided(response, what)
    demand(not opened, required=f"{what} is refused", observed=_reached(response))


def opens_nothing(response: Response, what: str) -> None:
    """Demand that no service answers: any other 4xx is enough, and so is a page."""
    opened = _opened(response)
    if not opened and not 400 <= response.status < 500:
        raise undecided(response, what)
    demand(not opened, required=f"{what} opens nothing", observed=_reached(response))


def gives_no_token(response: Response, what: str) -> None:
    """Demand that no token is issued: a 2xx violates, any other answer in JSON or 4xx is enough."""
    if not (response.succeeded or response.broke_down or 400 <= response.status < 500):
        raise undecided(response, what)
    demand(
        not response.succeeded,
        required=f"{what} gives no token",
        observed=f"it was answered {response.description}",
    )


def shut(response: Response, what: str, by_right: Callable[[], Response]) -> bool:
    """Demand that a channel opens nothing: an answer of a service violates.

    Return whether there is such a channel: what no gateway refuses as such is compared with the
    same request by who may (`by_right`), which opens nothing either where there is none.
    """
    demand(not _opened(response), required=f"{what} is refused", observed=_reached(response))
    if not response.denied and by_right().reached:
        raise undecided(response, what)
    return response.denied


def gets_through(response: Response, what: str, *, by_its_token: bool = False) -> None:
    """Demand that a service answers: a refusal and a breakdown violate, a page decides nothing.

    Neither does a path at which nothing stands, nor a session that has ended: what its user may do
    is another matter. With `by_its_token` the rule is that the token is alive, and that violates.
    """
    decided = response.reached or response.refused or response.broke_down
    ended = response.no_session and not by_its_token
    if response.unserved or ended or not decided:
        raise undecided(response, what)
    demand(response.reached, required=f"{what} reaches its service", observed=_answered(response))


def judged(response: Response, what: str) -> None:
    """Make sure that no gateway turned the caller away before a service saw the request."""
    if response.turned_away:
        exchange = response.exchange
        raise Inconclusive(
            f"{what} was answered {response.description} by the gateway, which let the "
            f"{exchange.actor} through to no {exchange.operation}: no service judged it",
            response.missing_grant,
        )


def _opened(response: Response) -> bool:
    """Whether a service certainly answered: a 403 or 404 may be a gateway's, whatever its code."""
    return response.reached and response.status not in {403, 404}


def undecided(response: Response, what: str) -> Inconclusive:
    """Return what to raise where an answer does not show what the platform decided."""
    remedy = "find out what answers in front of the services; if the gateway refuses like this, "
    remedy += "add a part of its text to error_texts.not_allowed in the profile"
    if response.no_session:
        remedy = "see whether something ends the sessions of this run; then run again"
    if response.broke_down:
        remedy = "see CON-02 and CON-07 for breakdowns"
    if response.unserved:
        remedy = response.unserved
    return Inconclusive(
        f"{what} was answered {response.description}: {response.kind}, no decision of the platform",
        remedy,
    )


def _answered(response: Response) -> str:
    return f"it was answered {response.description}"


def _reached(response: Response) -> str:
    return f"it reached the service: {response.description}"
