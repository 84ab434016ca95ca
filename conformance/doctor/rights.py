"""Whether each actor reaches what the checks call as that actor; if not, the rows to add."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from conformance.bbps.flow import Bbps
from conformance.bbps.reach import let_through, reach
from conformance.client.client import Unanswered
from conformance.client.response import Response
from conformance.core.verdicts import Inconclusive, NotAllowed
from conformance.doctor.actors import HOLDERS, roles_in
from conformance.doctor.connectivity import what_spoils
from conformance.doctor.diagnostics import Diagnostic, fault, unseen, well
from conformance.doctor.master_data import RESTART, planned, rows_that_grant
from conformance.mdms.masters import FOUR_URLS, Masters
from conformance.mdms.served import served

DOES_NOT_ANSWER: Final = (
    "the service does not run, or something on the way to it does not reach it",
    "start it, or see its log and the route to it",
)
SOME_ROLE: Final = "A ROLE OF THE {actor}"


def examine_rights(
    bbps: Bbps, rights: Iterable[tuple[str, tuple[str, ...]]]
) -> Iterator[Diagnostic]:
    """Call each operation once as the actors of whom one must reach it, with a useless body.

    The four actions of the BBPS user are examined with its role and with a bill. Mode inspect
    calls only what reads.
    """
    refused: dict[str, dict[str, Response]] = {}
    silent: dict[str, Unanswered] = {}  # the first call without an answer, by its service
    probed = 0
    for operation, actors in dict.fromkeys(rights):
        if actors[0] in HOLDERS and _path(bbps, operation) in FOUR_URLS:
            continue
        if not all(_acts(bbps, actor) for actor in actors):
            continue  # a matter of its own
        try:
            responses = [reach(bbps, operation, actor) for actor in actors]
        except NotAllowed:
            continue
        except Unanswered as silence:
            silent.setdefault(_path(bbps, operation).split("/")[1], silence)
            continue
        except Inconclusive as problem:
            what = f"{operation} as the {actors[0]}"
            yield unseen("role", what, problem.reason, problem.remedy)
            continue
        probed += 1
        if any(let_through(response) for response in responses):
            continue
        if responses[0].denied:
            refused.setdefault(actors[0], {})[_path(bbps, operation)] = responses[0]
        else:
            yield unseen(
                "role", f"{operation} as the {actors[0]}",
                f"no service answers at {_path(bbps, operation)} ({responses[0].description})",
                "start that service, or correct network.prefixes",
            )  # fmt: skip
    for actor, denials in refused.items():
        yield _missing(bbps, actor, denials)
    for service, unanswered in silent.items():
        cause, remedy = what_spoils(unanswered.reason) or DOES_NOT_ANSWER
        yield fault(
            "network", f"/{service} gives no answer that can be used", evidence=unanswered.reason,
            cause=cause, remedy=f"{remedy}; then run doctor again",
        )  # fmt: skip
    if probed and not refused and not silent:
        yield well("role", "each actor reaches what the checks call as that actor")


def _acts(bbps: Bbps, name: str) -> bool:
    """Whether an actor exists and obtains a token, as far as was seen."""
    actor = bbps.client.actors.get(name)
    return actor is not None and not actor.create and not bbps.client.sessions.refused(name)


def _missing(bbps: Bbps, actor: str, responses: Mapping[str, Response]) -> Diagnostic:
    """Return which rights an actor lacks, with the rows that grant them."""
    roles = _roles(bbps, actor)
    response = next(iter(responses.values()))
    masters = _masters(bbps)
    urls = list(responses)
    what = f"the gateway does not let the {actor} call {', '.join(urls)}"
    evidence = f"{response.description}; roles of the {actor}: {', '.join(roles) or 'unknown'}"
    granted = {url for role in roles for url in (masters.urls_of(role) if masters else ())}
    if set(urls) <= granted:
        return fault(
            "role", what, evidence=evidence,
            cause="roleactions.json has the rows, but they are not in effect, or the account holds "
            "its role at another tenant than the call names",
            remedy=f"give the role at {bbps.target.state_tenant} or at the city that is called; "
            f"{RESTART}",
        )  # fmt: skip
    known = {row.get("url") for row in masters.actions} if masters else set(urls)
    cause = "no row of roleactions.json maps a role of the account to it"
    if without := [url for url in urls if url not in known]:
        cause = f"actions-test.json has no row for {', '.join(without)}, so no role can have it"
    role = roles[0] if roles else SOME_ROLE.format(actor=actor.upper())
    missing = [url for url in urls if url not in granted]
    rows = rows_that_grant(masters, role, bbps.target.state_tenant, missing)
    change = planned(bbps.target, role, missing)
    return fault(
        "role", what, evidence=evidence, cause=cause, remedy=f"{rows}\n{change}; {RESTART}"
    )


def _roles(bbps: Bbps, actor: str) -> list[str]:
    """Return the codes of an actor's roles, as far as they can be known."""
    try:
        return roles_in(bbps.client.login(actor)) or []
    except Inconclusive:
        return []


def _masters(bbps: Bbps) -> Masters | None:
    try:
        return served(bbps.client)
    except Inconclusive:
        return None


def _path(bbps: Bbps, operation: str) -> str:
    path = bbps.client.contracts.operations[operation].path
    return path.format(module=bbps.target.bills.search_module)
