"""Master data: the BBPS role, its mapping, and that both are in effect (MDM-*)."""

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

from conformance.bbps import needs
from conformance.bbps.dimensions.channels import BYPASS, PATH_HEADERS, identity_headers
from conformance.bbps.flow import Bbps
from conformance.checks.bisection import culprits
from conformance.checks.controls import arrived, closed, reached
from conformance.checks.expect import demand, denied, gets_through, opens_nothing
from conformance.checks.probes import BBPS_ACTIONS, FORBIDDEN, Probe, harmless
from conformance.client.client import ANONYMOUS, Unanswered
from conformance.client.response import Response
from conformance.core.requirements import verifies
from conformance.core.verdicts import Inconclusive, NotApplicable
from conformance.mdms.checkout import checked_out
from conformance.mdms.flaws import flaws_of
from conformance.mdms.masters import FOUR_URLS, Masters
from conformance.mdms.served import served_apart

pytestmark = pytest.mark.independent

FILES: Final = ("roles.json", "roleactions.json", "actions-test.json")
SHOWN: Final = 5  # rows of a difference that are shown
FLAWS: Final = 25  # of the rows that are shown
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
        return served_apart(bbps.client)
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
    if all(row.get("url") != url for row in masters.actions):
        raise Inconclusive(f"actions-test.json names no action {url}", "see MDM-03")
    mapped = {str(row.get("actionid")) for row in masters.rows_of(bbps.target.role)}

    demand(
        url in masters.urls_of(bbps.target.role),
        required=f"roleactions.json maps {bbps.target.role} to {url} "
        f"(id {', '.join(masters.ids_of(url)) or 'none'})",
        observed=f"the role is mapped to the ids {sorted(mapped)}",
    )


@verifies("MDM-03")
@pytest.mark.parametrize("url", FOUR_URLS)
def test_mapped_ids_resolve_to_the_url(masters: Masters, url: str) -> None:
    """The action ids that the role is mapped to are looked up in actions-test.json."""
    urls = [str(row.get("url")) for row in masters.actions]
    near = [each for each in urls if each.lower().strip() == url.lower()]

    demand(
        bool(masters.ids_of(url)),
        required=f"an action id of actions-test.json resolves to exactly {url}",
        observed=f"none does; nearest: {near or 'nothing'}"
        + (
            f"; the first row of its id, which counts, is another: {_firsts(masters, url)}"
            if url in near
            else ""
        ),
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
    """The BBPS user calls an action that is none of its four; one of these is the control."""
    anonymous = probe.call(bbps, as_=ANONYMOUS)
    demand(
        not anonymous.reached,
        required=f"{probe} is closed to the BBPS user",
        observed="it is open even without a token",
    )

    response = probe.call(bbps)

    if _nothing_there(anonymous) and _nothing_there(response):
        closed(bbps, DEMANDS, as_="integrator")  # where something stands, it is refused
        raise NotApplicable(f"nothing stands at {probe}: even without a token it is not found")
    denied(response, f"{probe} by the BBPS user")
    _no_header_opens(bbps, probe)
    _reaches_its_own(bbps)


@verifies("MDM-05")
def test_path_named_in_a_header_opens_nothing(bbps: Bbps) -> None:
    """The BBPS user calls a forbidden path, and names one of its own in headers of proxies."""
    named = dict.fromkeys(PATH_HEADERS, FOUR_URLS[0])
    own = DEMANDS.call(bbps, url_path=FOUR_URLS[0])
    arrived(own, f"the control call {FOUR_URLS[0]} by the BBPS user")
    closed(bbps, DEMANDS, as_="integrator")

    response = DEMANDS.call(bbps.unjudged(), headers=named)

    if (response.status, response.codes) == (own.status, own.codes):
        raise NotApplicable("a header leads to the path that it names, which is the user's own")
    denied(response, f"{DEMANDS} by the BBPS user, with its own path in headers")


@verifies("MDM-05")
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_spelling_of_a_path_opens_nothing(bbps: Bbps, spelling: str) -> None:
    """The BBPS user calls a forbidden path in another spelling."""
    path, first = "/billing-service/demand/_search", "/billing-service"
    spelt = SPELLINGS[spelling].format(
        path=path, first=first, upper=path.upper(), allowed=FOUR_URLS[0]
    )
    spelt_as_in_the_masters = "the demands are closed, as the master data spell them"
    bbps.once(spelt_as_in_the_masters, lambda: closed(bbps, DEMANDS, as_="integrator"))

    response = harmless("demand.search", spelt).call(bbps)

    opens_nothing(response, f"{spelt} by the BBPS user")
    _reaches_its_own(bbps)


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
    """The rows are checked for duplicates, ids, keys, tenants and role codes."""
    flaws = flaws_of(masters, bbps.target.role, bbps.target.state_tenant)

    demand(
        not flaws,
        required="the role's rows have no duplicate, no id without an action or with two and no "
        "misspelt key, and no row is without a role of roles.json",
        observed="; ".join(flaws[:FLAWS])
        + (f"; and {len(flaws) - FLAWS} more" if len(flaws) > FLAWS else ""),
    )


@verifies("MDM-07")
@pytest.mark.parametrize("file", FILES)
def test_served_is_what_the_repository_says(bbps: Bbps, file: str) -> None:
    """A file of the repository's checkout is compared, row by row, with what is served."""
    repository = Path(needs.repository(bbps))
    written = checked_out(repository).rows(file)
    served_rows = served_apart(bbps.client).rows(file)

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


def _firsts(masters: Masters, url: str) -> str:
    ids = [row.get("id") for row in masters.actions if row.get("url") == url]
    return ", ".join(f"{each} is {masters.url_of(each)}" for each in ids)


def _reaches_its_own(bbps: Bbps) -> None:
    """Make sure, once a run, that the BBPS user reaches an action of its own."""
    bbps.made_once("the BBPS user reaches its own", lambda: reached(bbps, BBPS_ACTIONS[0]))


def _no_header_opens(bbps: Bbps, probe: Probe) -> None:
    """Demand that no header opens what is closed: neither a known switch nor a claimed identity."""
    state = bbps.target.state_tenant
    everybody = {
        "id": 1, "uuid": secrets.token_hex(16), "userName": "administrator", "type": "EMPLOYEE",
        "tenantId": state, "roles": [{"code": "SUPERUSER", "tenantId": state}],
    }  # fmt: skip
    headers = {**BYPASS, **identity_headers(everybody)}

    def call(names: Sequence[str]) -> Response:
        return probe.call(bbps.unjudged(), headers={name: headers[name] for name in names})

    response, by = call(tuple(headers)), "headers that switch off checks"
    if response.reached:
        found = culprits(tuple(headers), lambda names: call(names).reached)
        response, by = call(found), " and ".join(found)
    denied(response, f"{probe} by the BBPS user with {by}")


def _nothing_there(response: Response) -> bool:
    """Whether a gateway has no route for a path, so that nobody could be let through."""
    return response.refused and response.status == 404 and not response.reached
