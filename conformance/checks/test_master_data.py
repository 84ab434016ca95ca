"""Master data: the BBPS role, its mapping, and that both are in effect (MDM-*)."""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from conformance.bbps import needs
from conformance.bbps.flow import Bbps
from conformance.bbps.models import read
from conformance.checks.controls import closed, reached
from conformance.checks.expect import demand, denied, gets_through, kept_out, opens_nothing
from conformance.checks.probes import BBPS_ACTIONS, FORBIDDEN, Probe, harmless
from conformance.client.client import ANONYMOUS, Unanswered
from conformance.client.response import Response
from conformance.core.requirements import verifies
from conformance.core.verdicts import Inconclusive, NotApplicable
from conformance.mdms.role_actions import (
    FOUR_URLS,
    PLACES,
    Masters,
    checked_out,
    master_anew,
    served,
)

pytestmark = pytest.mark.independent

FILES: Final = ("roles.json", "roleactions.json", "actions-test.json")
SHOWN: Final = 5  # rows of a difference that are shown
DEMANDS: Final = harmless("demand.search")  # closed, and there where bills can be fetched
# Ways to write a forbidden path that a careless role check would let through.
SPELLINGS: Final = {
    "trailing slash": "{path}/",
    "doubled slash": "/{path}",
    "path parameter": "{path};x=1",
    "percent-encoded": "{first}/%64emand/_search",
    "encoded dot segment": "{first}/%2e/demand/_search",
    "encoded slash": "{first}/demand%2F_search",
    "encoded twice": "{first}/%2564emand/_search",
    "allowed path in front": "{allowed}/..;/..;/..;/demand/_search",
    "upper case": "{upper}",
}


@pytest.fixture(params=["served", "repository"])
def masters(bbps: Bbps, request: pytest.FixtureRequest) -> Masters:
    """The master data, as the deployment serves it and as its repository has it."""
    repository = bbps.target.mdms.repository
    if request.param == "served":
        return as_served(bbps)
    if not repository:
        raise NotApplicable("the profile names no mdms.repository")
    bbps.remark("read from the checkout of the MDMS repository")
    return checked_out(Path(repository))


def as_served(bbps: Bbps) -> Masters:
    """Return what is served; NotApplicable if nothing is and the repository is read instead."""
    try:
        return served(bbps.client, anew=True)
    except Unanswered:  # trouble on the way: they may be served all the same
        raise
    except Inconclusive as unread:
        if bbps.target.mdms.repository:
            raise NotApplicable(f"the repository is read instead: {unread}") from None
        raise


@verifies("MDM-01")
def test_role_exists_once(bbps: Bbps, masters: Masters) -> None:
    """The role list of the state tenant is read."""
    codes = [row.get("code") for row in masters.roles]

    demand(
        codes.count(bbps.target.role) == 1,
        required=f"roles.json has the role {bbps.target.role} exactly once",
        observed=f"it has the role {codes.count(bbps.target.role)} times",
    )


@verifies("MDM-02")
@pytest.mark.parametrize("url", FOUR_URLS)
def test_role_is_mapped_to_the_action(bbps: Bbps, masters: Masters, url: str) -> None:
    """The role's rows of roleactions.json are joined with the actions."""
    ids = {str(row.get("id")) for row in masters.actions if row.get("url") == url}
    mapped = {str(row.get("actionid")) for row in masters.rows_of(bbps.target.role)}
    if not ids:
        raise Inconclusive(f"actions-test.json names no action {url}", "see MDM-03")

    demand(
        bool(ids & mapped),
        required=f"roleactions.json maps {bbps.target.role} to {url} (id {', '.join(sorted(ids))})",
        observed=f"the role is mapped to the ids {sorted(mapped)}",
    )


@verifies("MDM-03")
@pytest.mark.parametrize("url", FOUR_URLS)
def test_mapped_ids_resolve_to_the_url(masters: Masters, url: str) -> None:
    """The action ids that the role is mapped to are looked up in actions-test.json."""
    urls = [str(row.get("url")) for row in masters.actions]
    near = [each for each in urls if each.lower().strip() == url.lower()]

    demand(
        url in urls,
        required=f"an action id of actions-test.json resolves to exactly {url}",
        observed=f"none does; nearest: {near or 'nothing'}",
    )


@verifies("MDM-04")
@pytest.mark.parametrize("probe", BBPS_ACTIONS, ids=str)
def test_integrator_reaches_the_action(bbps: Bbps, probe: Probe) -> None:
    """The BBPS user calls each of its four actions."""
    gets_through(probe.call(bbps), f"{probe} by the BBPS user")


@verifies("MDM-04")
@pytest.mark.parametrize("probe", BBPS_ACTIONS, ids=str)
def test_rival_reaches_the_action(bbps: Bbps, probe: Probe) -> None:
    """Another SYSTEM user with the same role calls each of the four actions."""
    gets_through(probe.call(bbps, as_="rival"), f"{probe} by a second SYSTEM user")


@verifies("MDM-05")
@pytest.mark.parametrize("probe", FORBIDDEN, ids=str)
def test_integrator_reaches_nothing_else(bbps: Bbps, probe: Probe) -> None:
    """The BBPS user calls an action that is none of its four; controls before and after."""
    anonymous = probe.call(bbps, as_=ANONYMOUS)
    demand(
        not anonymous.reached,
        required=f"{probe} is closed to the BBPS user",
        observed="it is open even without a token",
    )
    reached(bbps, BBPS_ACTIONS[0])

    response = probe.call(bbps)

    if _nothing_there(anonymous) and _nothing_there(response):
        closed(bbps, DEMANDS, as_="integrator")  # where something stands, it is refused
        raise NotApplicable(f"nothing stands at {probe}: even without a token it is not found")
    denied(response, f"{probe} by the BBPS user")
    reached(bbps, BBPS_ACTIONS[0])


@verifies("MDM-05")
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_spelling_of_a_path_opens_nothing(bbps: Bbps, spelling: str) -> None:
    """The BBPS user calls a forbidden path in another spelling."""
    path, first = "/billing-service/demand/_search", "/billing-service"
    spelt = SPELLINGS[spelling].format(
        path=path, first=first, upper=path.upper(), allowed=FOUR_URLS[0]
    )
    reached(bbps, BBPS_ACTIONS[0])
    closed(bbps, DEMANDS, as_="integrator")  # as it is spelt in the master data

    response = harmless("demand.search", spelt).call(bbps)

    opens_nothing(response, f"{spelt} by the BBPS user")
    reached(bbps, BBPS_ACTIONS[0])


@verifies("MDM-05")
def test_unknown_path_is_refused_before_routing(bbps: Bbps) -> None:
    """A path that is granted to no role is called: the role is checked before the path."""
    reached(bbps, BBPS_ACTIONS[0])

    path = f"/billing-service/conf-{secrets.token_hex(4)}/_search"
    response = harmless("demand.search", path).call(bbps)

    opens_nothing(response, "a path that no role is granted")


@verifies("MDM-06")
def test_role_is_granted_no_more(bbps: Bbps, masters: Masters) -> None:
    """Everything that the BBPS role is granted is listed."""
    urls = masters.urls_of(bbps.target.role)
    declared = bbps.target.declared_grants
    extra = sorted(set(urls) - set(FOUR_URLS) - set(declared))

    demand(
        not extra,
        required="the BBPS role is granted the four actions and what the profile declares",
        observed=f"it is granted also {', '.join(extra)}",
    )


@verifies("MDM-06")
def test_rows_of_the_role_are_clean(bbps: Bbps, masters: Masters) -> None:
    """The role's rows are checked for duplicates and for ids that lead to no action."""
    flaws = masters.flaws_of(bbps.target.role)

    demand(
        not flaws,
        required="the role's rows have no duplicate, no id without an action and no misspelt key",
        observed="; ".join(flaws),
    )


@verifies("MDM-07")
@pytest.mark.parametrize("file", FILES)
def test_served_is_what_the_repository_says(bbps: Bbps, file: str) -> None:
    """A file of the repository's checkout is compared, row by row, with what is served."""
    repository = Path(needs.repository(bbps))
    read_now = Masters(lambda name: master_anew(bbps.client, *PLACES[name]))
    served_rows, written = read_now.rows(file), checked_out(repository).rows(file)

    missing, added = (
        sorted((written - served_rows).elements()),
        sorted((served_rows - written).elements()),
    )
    demand(
        not missing and not added,
        required=f"the deployment serves {file} as the repository has it",
        observed=f"{len(missing)} row(s) are not served: {', '.join(missing[:SHOWN]) or 'none'}; "
        f"{len(added)} are served beyond it: {', '.join(added[:SHOWN]) or 'none'}",
    )


@verifies("MDM-08")
def test_state_role_reaches_its_cities(bbps: Bbps) -> None:
    """The BBPS user of the state fetches in one city and in another."""
    fetch = BBPS_ACTIONS[0]
    for city in (bbps.target.tenant, bbps.target.second_city):
        response = fetch.call(
            bbps, query={"tenantId": city, "consumerCode": "CONF-NONE"}, body={"tenantId": city}
        )
        gets_through(response, f"fetchBill in {city} with a role at {bbps.target.state_tenant}")


@verifies("MDM-08")
@pytest.mark.parametrize("probe", BBPS_ACTIONS, ids=str)
def test_city_role_reaches_no_other_city(bbps: Bbps, probe: Probe) -> None:
    """A user whose role is at one city calls each action there, and then in another city."""
    here, there = bbps.target.tenant, bbps.target.second_city
    bbps.provision.system_user("townsman", role_tenant=here)
    gets_through(probe.call(bbps, as_="townsman"), f"{probe} in {here} with a role there")

    response = probe.call(bbps, as_="townsman", tenant=there)

    denied(response, f"{probe} in {there} with a role at {here}")


@verifies("MDM-08")
def test_body_and_query_are_not_played_off(bbps: Bbps) -> None:
    """A user of one city names that city in the body and another one in the query."""
    here, there = bbps.target.tenant, bbps.target.second_city
    bbps.provision.system_user("townsman", role_tenant=here)
    control = _fetched(bbps, query=[here], body=here)
    gets_through(control, f"fetchBill in {here} with a role there")

    response = _fetched(bbps, query=[there], body=here)

    _refused_for_its_cities(response, control, f"a query for {there} whose body names {here}")


@verifies("MDM-08")
@pytest.mark.parametrize("order", [1, -1], ids=["own city first", "other city first"])
def test_two_cities_in_a_body_are_not_played_off(bbps: Bbps, order: int) -> None:
    """A user of one city names it in the body of a request about another city."""
    here, there = bbps.target.tenant, bbps.target.second_city
    bbps.provision.system_user("townsman", role_tenant=here)
    create = Probe(operation="transaction.create")
    own = create.call(bbps, as_="townsman", body={"Transaction": {"tenantId": here}})
    gets_through(own, f"{create} in {here} with a role there")
    parts = [("tenantId", here), ("Transaction", {"tenantId": there})][::order]

    response = create.call(bbps, as_="townsman", body=dict(parts))

    denied(response, f"a transaction in {there} whose body also names {here}")


# Requests whose detail names a tenant of its own, below the one that they name first.
WITH_DETAIL: Final[dict[str, Callable[[str, str], dict[str, Any]]]] = {
    "transaction.create": lambda above, below: {
        "Transaction": {"tenantId": above, "taxAndPayments": [{"tenantId": below}]}
    },
    "payment.create": lambda above, below: {
        "Payment": {"tenantId": above, "paymentDetails": [{"tenantId": below}]}
    },
    "demand.create": lambda above, below: {
        "Demands": [{"tenantId": above, "demandDetails": [{"tenantId": below}]}]
    },
}
# Which tenants such a request names, above and in the detail: the user's own city, another, all.
PLACED: Final = {
    "a detail in another city": ("own", "other"),
    "a detail in the own city, in another": ("other", "own"),
    "a detail in the own city, at the state": ("state", "own"),
}


@verifies("MDM-08")
@pytest.mark.parametrize("operation", WITH_DETAIL)
@pytest.mark.parametrize("placed", PLACED)
def test_tenant_of_a_detail_counts(bbps: Bbps, operation: str, placed: str) -> None:
    """A user of one city names one tenant in a request, and another one in its detail."""
    if operation == "demand.create" and bbps.target.bills.provision == "pool":
        raise NotApplicable("the bills are those of a pool, so that nobody need raise demands")
    own = bbps.target.tenant
    tenants = {"own": own, "other": bbps.target.second_city, "state": bbps.target.state_tenant}
    above, below = (tenants[each] for each in PLACED[placed])
    holder = "administrator" if operation == "demand.create" else "integrator"
    roles = [{"code": code, "tenantId": own} for code in _roles_of(bbps, holder)]
    bbps.provision.system_user("townsman", role_tenant=own, roles=roles)
    at_home = Probe(operation=operation, body=WITH_DETAIL[operation](own, own))
    away = Probe(operation=operation, body=WITH_DETAIL[operation](above, below))
    reached(bbps, at_home, as_="townsman")
    reached(bbps, away, as_=holder)

    response = away.call(bbps, as_="townsman")

    denied(response, f"{operation} with {placed}, by a user of {own}")


@verifies("MDM-08")
@pytest.mark.parametrize("order", [1, -1], ids=["own city first", "other city first"])
def test_two_cities_in_a_query_are_not_played_off(bbps: Bbps, order: int) -> None:
    """A user of one city names it in the query of a request, next to another one."""
    here, there = bbps.target.tenant, bbps.target.second_city
    bbps.provision.system_user("townsman", role_tenant=here)
    control = _fetched(bbps, query=[here])
    gets_through(control, f"fetchBill in {here} with a role there")

    response = _fetched(bbps, query=[here, there][::order])

    _refused_for_its_cities(response, control, f"a query for {here} and {there} at once")


def _nothing_there(response: Response) -> bool:
    """Whether a gateway has no route for a path, so that nobody could be let through."""
    return response.refused and response.status == 404 and not response.found


def _roles_of(bbps: Bbps, actor: str) -> list[str]:
    """Return the codes of an actor's roles."""
    roles = read(bbps.client.login(actor).body, "UserRequest", "roles")
    return sorted({str(role.get("code")) for role in roles})


def _fetched(bbps: Bbps, *, query: list[str], body: str = "") -> Response:
    """Call fetchBill as the townsman, with the tenants of its query and of its body."""
    return BBPS_ACTIONS[0].call(
        bbps,
        as_="townsman",
        query={"tenantId": query, "consumerCode": "CONF-NONE"},
        body={"tenantId": body} if body else {},
    )


def _refused_for_its_cities(response: Response, control: Response, what: str) -> None:
    """Demand a refusal that differs from the answer to the same call in the own city alone."""
    kept_out(response, what)
    demand(
        (response.status, response.codes) != (control.status, control.codes),
        required=f"{what} is refused because of its city",
        observed=f"it is answered as in the own city: {response.description}",
    )
