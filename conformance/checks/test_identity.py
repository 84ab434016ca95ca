"""Identity and access: the SYSTEM user, its token, and who it is not (USR-01 to 05, 09 to 11)."""

import secrets
from collections.abc import Sequence
from typing import Any

import pytest

from conformance.bbps.dimensions.accounts import HOLDER, role_codes
from conformance.bbps.dimensions.channels import CLAIM, WAY_OF_LOGIN, claimed_everywhere
from conformance.bbps.dimensions.credentials import FLAG, OTHER_TYPE, WRONG_CREDENTIAL
from conformance.bbps.dimensions.dimension import Combination
from conformance.bbps.flow import SUCCESS, Bbps
from conformance.bbps.models import Bill, Transaction, read
from conformance.checks.bisection import culprits
from conformance.checks.controls import granted, reached
from conformance.checks.crossed import crossed
from conformance.checks.expect import (
    accepted,
    answered_4xx,
    demand,
    denied,
    gets_through,
    gives_no_token,
    kept_out,
    refused,
    same,
)
from conformance.checks.leaks import internal_addresses
from conformance.checks.probes import BBPS_ACTIONS, Probe, harmless
from conformance.client.client import ANONYMOUS
from conformance.client.response import Response
from conformance.core.requirements import verifies
from conformance.core.verdicts import Inconclusive, NotApplicable
from conformance.profile.target import Actor

pytestmark = pytest.mark.independent

# Where an account might be changed by its holder, in the paths of user services old and new.
OWN_PATHS = (
    "/user/profile/_update", "/user/users/_updatenovalidate", "/user/users/_update",
    "/user/users/{id}/_update", "/user/users/{id}/_updatenovalidate", "/user/_update",
    "/user/v1/_update", "/user/citizen/_update", "/user/users/v110/_update",
)  # fmt: skip
FURTHER_WAY = WAY_OF_LOGIN.without(WAY_OF_LOGIN.plain)
WRONG_PASSWORD = WRONG_CREDENTIAL.only(
    "another password", "a wrong password with isInternal=true", "a wrong password with other flags"
)
Rights = tuple[str, ...]
DEMANDS = harmless("demand.search")
CHANGE_OF_A_USER = Probe(operation="user.update", body={"user": {"tenantId": "{tenant}"}})


@verifies("USR-01")
def test_administrator_creates_the_system_user(bbps: Bbps) -> None:
    """The administrator creates a user of type SYSTEM with the BBPS role at the state tenant."""
    actor, response = bbps.provision.new_system_user("newcomer")

    gets_through(response, "the creation of a SYSTEM user by the administrator")
    accepted(response, "the creation of a SYSTEM user by the administrator")
    user = read(response.body, "user", 0)
    same(read(user, "type"), "SYSTEM", "the type of the created user")
    same(read(user, "tenantId"), actor.tenant, "the tenant of the created user")
    role = bbps.target.role  # what further roles open is judged by MDM-05
    places = [each.get("tenantId") for each in read(user, "roles") if each.get("code") == role]
    same(places, [actor.tenant], f"the list of tenants where the created user has the role {role}")
    demand(
        bool(user.get("uuid")),
        required="the created user has a uuid",
        observed=f"uuid is {user.get('uuid')!r}",
    )


@verifies("USR-02")
@pytest.mark.parametrize("nobody", [ANONYMOUS, "citizen", "integrator", "cashier"])
def test_nobody_else_creates_users(bbps: Bbps, nobody: str) -> None:
    """Somebody without the authority tries to create a SYSTEM user."""
    account = _newcomer(bbps)

    response = bbps.provision.submit_user(account, as_=nobody)

    kept_out(response, f"the creation of a SYSTEM user by the {nobody}")
    bbps.client.enlist("intruder", account)
    refused(bbps.client.login("intruder"), "a token for the account that was not created")
    bbps.provision.system_user("newcomer")


@verifies("USR-02")
@crossed(HOLDER)
def test_nobody_extends_his_own_rights(bbps: Bbps, combination: Combination) -> None:
    """A user names more rights for itself on each path that changes an account, and logs in."""
    before, after = _raise_oneself(bbps, combination, OWN_PATHS)

    def raised(paths: Sequence[str]) -> bool:
        return len(set(_raise_oneself(bbps, combination, paths))) > 1

    by = "" if before == after else f", by {', '.join(culprits(OWN_PATHS, raised))}"
    same(after, before, f"what a new login shows of {combination.name(HOLDER)}{by}")


@verifies("USR-02")
@pytest.mark.parametrize("nobody", ["citizen", "integrator"])
def test_nobody_changes_his_own_roles(bbps: Bbps, nobody: str) -> None:
    """Somebody without the authority calls the service that changes users and their roles."""
    tenant = bbps.target.state_tenant

    response = CHANGE_OF_A_USER.call(bbps, as_=nobody, tenant=tenant)

    denied(response, f"{CHANGE_OF_A_USER} by the {nobody}")


@verifies("USR-02")
def test_integrator_gives_itself_no_role(bbps: Bbps) -> None:
    """The BBPS user tries to create an EMPLOYEE who may do everything."""
    account = _newcomer(bbps)

    response = bbps.provision.submit_user(
        account,
        as_="integrator",
        type="EMPLOYEE",
        roles=[{"code": "SUPERUSER", "tenantId": bbps.target.state_tenant}],
    )

    kept_out(response, "the creation of a super user by the BBPS user")
    bbps.provision.system_user("newcomer")


@verifies("USR-03")
def test_integrator_obtains_a_token(bbps: Bbps) -> None:
    """The SYSTEM user requests a token with its id and password."""
    response = bbps.client.login("integrator")

    accepted(response, "the token request of the SYSTEM user")
    demand(
        bool(read(response.body, "access_token")),
        required="the answer holds an access_token",
        observed="access_token is empty",
    )
    same(read(response.body, "UserRequest", "type"), "SYSTEM", "the type of the token's user")


@verifies("USR-04")
@crossed(WRONG_CREDENTIAL, rows=40)
def test_wrong_credentials_give_no_token(bbps: Bbps, combination: Combination) -> None:
    """A token is requested with one thing wrong, and then with what is right."""
    place = list(WRONG_CREDENTIAL.values).index(combination.name(WRONG_CREDENTIAL))
    forgetful = bbps.made_once(  # who mistakes himself twice is locked out nowhere
        f"forgetful user {place // 2}", lambda: bbps.provision.system_user("forgetful")
    )
    bbps.client.adopt("forgetful", forgetful)
    changes = combination[WRONG_CREDENTIAL](bbps.client.actor("forgetful"), bbps.target)

    response = bbps.client.login("forgetful", changes)

    answered_4xx(response, f"a token request with {combination}")
    granted(bbps.client.login("forgetful"), "a token request with what is right")


@verifies("USR-04")
@crossed(FURTHER_WAY, WRONG_PASSWORD, rows=8)
def test_no_way_of_login_spares_the_password(bbps: Bbps, combination: Combination) -> None:
    """A token is requested with a wrong password, in another way than as a form."""
    bbps.provision.system_user("forgetful")
    changes = combination[WRONG_PASSWORD](bbps.client.actor("forgetful"), bbps.target)
    client, way = bbps.unjudged().client, combination[FURTHER_WAY]

    response = client.login("forgetful", changes, way=way)

    gives_no_token(response, f"a token request with {combination}")
    granted(bbps.client.login("forgetful"), "a token request with what is right")


@verifies("USR-05")
@crossed(OTHER_TYPE, FLAG, rows=8)
def test_system_user_enters_no_application(bbps: Bbps, combination: Combination) -> None:
    """The SYSTEM user's credentials are used to log in to the applications."""
    bbps.provision.system_user("visitor")
    flags = combination[FLAG]
    changes = {"userType": combination[OTHER_TYPE], **flags}

    response = bbps.client.login("visitor", changes)

    refused(response, f"a token of type {combination[OTHER_TYPE]} for the SYSTEM user")
    granted(bbps.client.login("visitor"), "a token request with what is right")


@verifies("USR-10")
@crossed(CLAIM)
def test_claimed_identity_gives_no_rights(bbps: Bbps, combination: Combination) -> None:
    """The BBPS user claims, in some way, to be a super user."""
    claim = combination[CLAIM](_super_user(bbps))
    reached(bbps, BBPS_ACTIONS[0])

    response = DEMANDS.claiming(bbps.unjudged(), claim)

    denied(response, f"demand search by a BBPS user who claims more in {combination.name(CLAIM)}")


@verifies("USR-10")
def test_claimed_identity_signs_nothing(bbps: Bbps, bill: Bill) -> None:
    """The integrator creates a transaction while claiming everywhere to be somebody else."""
    rival = _super_user(bbps) | {"id": 987654321, "uuid": _uuid(bbps, "rival")}
    body = {"Transaction": bbps.transaction_request(bill, bill.amount)}

    response = bbps.client.call("transaction.create", **claimed_everywhere(rival, body))
    granted(response, "a transaction")
    created_by = read(response.body, "Transaction", "auditDetails", "createdBy")
    same(created_by, _uuid(bbps, "integrator"), "createdBy of the transaction")


@verifies("USR-10")
def test_claimed_identity_signs_no_payment(bbps: Bbps, bill: Bill) -> None:
    """The cashier takes a payment while claiming everywhere to be somebody else."""
    claim = _super_user(bbps, bill.tenant)  # where the cashier is, for each tenant counts
    rival = claim | {"id": 987654321, "uuid": _uuid(bbps, "rival")}
    body = {"Payment": bbps.payment_request(bill, "CASH", bill.amount)}

    response = bbps.client.call("payment.create", as_="cashier", **claimed_everywhere(rival, body))

    granted(response, "a payment")
    created_by = str(read(response.body, "Payments", 0, "auditDetails", "createdBy"))
    demand(
        created_by not in {str(rival[key]) for key in ("id", "uuid", "userName")},
        required="createdBy of the payment is the user of the token",
        observed=f"it is {created_by}, as the client claims",
    )


@pytest.mark.alone("uses a wrong password for an account that others use")
@verifies("USR-11")
def test_errors_reveal_no_secret(bbps: Bbps, transaction: Transaction) -> None:
    """Requests that fail are answered without a token, a password or an internal host name."""
    token = bbps.client.token("integrator")
    responses = [
        bbps.client.login("integrator", {"password": "Wrong@2024z"}),
        BBPS_ACTIONS[0].call(bbps, token=secrets.token_hex(16)),
        bbps.update(transaction, SUCCESS, as_="rival"),
        bbps.client.call("transaction.update", query={"eg_pg_txnid": "CONF-NONE"}),
        bbps.client.call("access.roles", query={"tenantId": bbps.target.tenant}),
    ]
    password = bbps.client.actor("integrator").password.get_secret_value()
    sent = ((token, "token"), (password, "password"), ("Wrong@2024z", "password"))

    errors = [each for each in responses if not each.succeeded]
    if not errors:
        raise Inconclusive(
            "none of the requests that should fail did fail", "see USR-04 and USR-09"
        )
    for response in errors:
        for secret, what in sent:
            demand(
                secret not in response.text,
                required=f"an error reveals no {what}",
                observed=f"the answer {response.description} holds the integrator's {what}",
            )
        exchange = response.exchange
        inside = internal_addresses(
            response.text,
            base_url=bbps.target.base_url,
            sent=f"{exchange.url} {exchange.request_body}",
        )
        demand(
            not (named := ", ".join(inside)),
            required="an error reveals no address inside the deployment",
            observed=f"the answer {response.description} names {named}",
        )


def _raise_oneself(
    bbps: Bbps, combination: Combination, paths: Sequence[str]
) -> tuple[Rights, Rights]:
    """Have a user name more rights for itself on some paths; return those of two logins."""
    odd, state = bbps.unjudged(), bbps.target.state_tenant
    type_, like = combination[HOLDER]
    roles = [{"code": code, "tenantId": state} for code in role_codes(bbps, like)]
    _, user = bbps.provision.account("climber", type_=type_, tenant=state, roles=roles)
    first = bbps.client.login("climber")
    if not first.succeeded:
        raise NotApplicable(f"{combination.name(HOLDER)} logs in by no password")
    kept = ("id", "uuid", "userName", "name", "mobileNumber", "tenantId", "active")
    super_user = {"code": "SUPERUSER", "name": "SUPERUSER", "tenantId": state}
    named = {key: user.get(key) for key in kept} | {"type": "EMPLOYEE"}
    for path in paths:
        odd.client.call(
            "user.update",
            as_="climber",
            url_path=path.format(id=user.get("id")),
            body={"user": named | {"roles": [*roles, super_user]}},
            tolerant=True,
        )
    # A session shows the user as it began: one of another scope, or after its end, begins anew.
    session = {"access_token": read(first.body, "access_token")}
    bbps.client.call("token.revoke", as_="administrator", body=session, tolerant=True)
    anew = {"scope": "read write"}
    second = bbps.client.login("climber", anew)
    if not second.succeeded:
        second = bbps.client.login("climber", {**anew, "userType": "EMPLOYEE"})
    granted(second, "a login of a user who named more rights for itself")
    return _rights(first), _rights(second)


def _rights(login: Response) -> Rights:
    """Return the type of a token's user, and its roles with their tenants."""
    user = read(login.body, "UserRequest")
    roles = {f"{role.get('code')} at {role.get('tenantId')}" for role in read(user, "roles")}
    return str(user.get("type")), *sorted(roles)


def _newcomer(bbps: Bbps) -> Actor:
    """Describe an account that must not come into being."""
    return Actor.model_validate(
        {
            "username": f"{bbps.provision.new_consumer_code()}-intruder".lower(),
            "password": f"Bb1@{secrets.token_hex(5)}",
            "type": "SYSTEM",
            "tenant": bbps.target.state_tenant,
        }
    )


def _super_user(bbps: Bbps, tenant: str = "") -> dict[str, Any]:
    """Describe a super user of the state, or of another tenant."""
    state = tenant or bbps.target.state_tenant
    return {
        "id": 1,
        "uuid": "00000000-0000-0000-0000-000000000001",
        "userName": "administrator",
        "name": "Administrator",
        "type": "EMPLOYEE",
        "tenantId": state,
        "roles": [{"code": "SUPERUSER", "name": "SUPERUSER", "tenantId": state}],
    }


def _uuid(bbps: Bbps, actor: str) -> str:
    """Return the uuid of an actor, from the answer to its token request."""
    return str(read(bbps.client.login(actor).body, "UserRequest", "uuid"))
