"""Tenants: a role counts at its own, and every tenant that a request names counts (MDM-08)."""

from collections.abc import Callable
from typing import Any, Final

import pytest

from conformance.bbps.dimensions.accounts import PLACING, TENANTS, powerless_role, role_codes
from conformance.bbps.dimensions.dimension import Combination, Dimension
from conformance.bbps.flow import Bbps
from conformance.checks.controls import reached
from conformance.checks.crossed import crossed
from conformance.checks.expect import demand, denied, gets_through, kept_out
from conformance.checks.probes import BBPS_ACTIONS, Probe
from conformance.client.response import Response
from conformance.core.requirements import verifies
from conformance.core.verdicts import NotApplicable
from conformance.profile.target import Actor

pytestmark = pytest.mark.independent

ACTION: Final = Dimension(
    name="action",
    source="MDM-02; each action has a path and a service of its own",
    values={str(probe): probe for probe in BBPS_ACTIONS},
)


@verifies("MDM-08")
@crossed(PLACING, ACTION, rows=11)
def test_role_counts_at_its_own_tenant(bbps: Bbps, combination: Combination) -> None:
    """A user calls an action at the state and in two cities; its role is at one of the three."""
    placing, probe = combination[PLACING], combination[ACTION]
    _open_to_the_role(bbps, probe)
    at = {name: tenant(bbps.target) for name, tenant in TENANTS.items()}
    roles = [{"code": bbps.target.role, "tenantId": at[placing.role]}]
    if placing.other:
        roles.append({"code": powerless_role(bbps), "tenantId": at[placing.other]})
    bbps.provision.account("townsman", type_="SYSTEM", tenant=at[placing.user], roles=roles)

    for where in sorted(at, key=placing.covers, reverse=True):
        response = probe.call(bbps, as_="townsman", tenant=at[where])

        what = f"{probe} at {where} by {combination.name(PLACING)}"
        if placing.covers(where):
            gets_through(response, what)
        else:
            denied(response, what)


@verifies("MDM-08")
def test_body_and_query_are_not_played_off(bbps: Bbps) -> None:
    """A user of one city names that city in the body and another one in the query."""
    here, there = bbps.target.tenant, bbps.target.second_city
    _open_to_the_role(bbps, BBPS_ACTIONS[0])
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
    _open_to_the_role(bbps, BBPS_ACTIONS[1])
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
SECOND: Final = "a second detail in another city"
# Which tenants such a request names, above and in the detail: the user's own city, another, all.
PLACED: Final = {
    "a detail in another city": ("own", "other"),
    "a detail in the own city, in another": ("other", "own"),
    "a detail in the own city, at the state": ("state", "own"),
    SECOND: ("own", "other"),
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
    roles = [{"code": code, "tenantId": own} for code in role_codes(bbps, holder)]

    def townsman() -> Actor:
        actor = bbps.provision.system_user("townsman", role_tenant=own, roles=roles)
        bbps.client.token("townsman")
        return actor

    name = f"a townsman with the roles of the {holder}"
    bbps.client.adopt("townsman", bbps.made_once(name, townsman))
    at_home = Probe(operation=operation, body=WITH_DETAIL[operation](own, own))
    body = WITH_DETAIL[operation](above, below)
    if placed == SECOND:
        _precede(body, {"tenantId": own})
    away = Probe(operation=operation, body=body)
    reached(bbps, at_home, as_="townsman")
    reached(bbps, away, as_=holder)

    response = away.call(bbps, as_="townsman")

    denied(response, f"{operation} with {placed}, by a user of {own}")


@verifies("MDM-08")
@pytest.mark.parametrize("order", [1, -1], ids=["own city first", "other city first"])
def test_two_cities_in_a_query_are_not_played_off(bbps: Bbps, order: int) -> None:
    """A user of one city names it in the query of a request, next to another one."""
    here, there = bbps.target.tenant, bbps.target.second_city
    _open_to_the_role(bbps, BBPS_ACTIONS[0])
    bbps.provision.system_user("townsman", role_tenant=here)
    control = _fetched(bbps, query=[here])
    gets_through(control, f"fetchBill in {here} with a role there")

    response = _fetched(bbps, query=[here, there][::order])

    _refused_for_its_cities(response, control, f"a query for {here} and {there} at once")


def _open_to_the_role(bbps: Bbps, probe: Probe) -> None:
    """Make sure, once a run, that the role opens an action at all: else no tenant is why not."""
    state = bbps.target.state_tenant
    bbps.once(f"{probe} at the state", lambda: reached(bbps, probe, tenant=state))


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


def _precede(body: dict[str, Any], detail: dict[str, Any]) -> None:
    """Put a detail before the one that a request has."""
    ((_, whole),) = body.items()
    holder = whole[0] if isinstance(whole, list) else whole
    details = next(each for each in holder.values() if isinstance(each, list))
    details.insert(0, detail)
