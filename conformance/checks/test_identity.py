"""Identity and access: the SYSTEM user, its token, and who it is not (USR-01 to 05, 09 to 11)."""

import secrets

import pytest

from conformance.bbps.flow import SUCCESS, Bbps
from conformance.bbps.models import Bill, Transaction, read
from conformance.checks.controls import granted, reached
from conformance.checks.expect import (
    accepted,
    answered_4xx,
    demand,
    denied,
    gets_through,
    kept_out,
    refused,
    same,
)
from conformance.checks.leaks import internal_addresses
from conformance.checks.probes import BBPS_ACTIONS, UPDATE, Probe
from conformance.client.client import ANONYMOUS
from conformance.core.requirements import verifies
from conformance.core.verdicts import Inconclusive
from conformance.profile.target import Actor

pytestmark = pytest.mark.independent

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
    roles = [(role.get("code"), role.get("tenantId")) for role in read(user, "roles")]
    same(roles, [(bbps.target.role, actor.tenant)], "the roles of the created user")
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
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"password": "Wrong@2024x"}, id="wrong password"),
        pytest.param({"username": "nobody-of-this-name"}, id="unknown user"),
        pytest.param({"tenantId": "zz"}, id="wrong tenant"),
        pytest.param({"tenantId": "{city}"}, id="a city instead of the state"),
        pytest.param({"userType": ""}, id="no user type"),
        pytest.param({"userType": "ROBOT"}, id="unknown user type"),
        pytest.param({"password": "Wrong@2024y", "isInternal": "true"}, id="isInternal"),
    ],
)
def test_wrong_credentials_give_no_token(bbps: Bbps, changes: dict[str, str]) -> None:
    """Somebody requests a token with one thing wrong; the right request works before and after."""
    bbps.provision.system_user("forgetful")
    bbps.client.token("forgetful")

    city = bbps.target.tenant
    form = {name: value.format(city=city) for name, value in changes.items()}
    response = bbps.client.login("forgetful", form)

    answered_4xx(response, "a token request with wrong credentials")


@verifies("USR-04")
def test_no_password_gives_no_token(bbps: Bbps) -> None:
    """Somebody who knows a user's name requests a token without any password."""
    bbps.provision.system_user("wordless")
    bbps.client.token("wordless")

    response = bbps.client.login("wordless", {"password": ""})

    answered_4xx(response, "a token request without a password")


@pytest.mark.alone("logs in wrongly to an account that others use")
@verifies("USR-05")
@pytest.mark.parametrize("user_type", ["EMPLOYEE", "CITIZEN"])
def test_system_user_enters_no_application(bbps: Bbps, user_type: str) -> None:
    """The SYSTEM user's credentials are used to log in to the applications."""
    bbps.client.token("integrator")

    response = bbps.client.login("integrator", {"userType": user_type})

    refused(response, f"a token of type {user_type} for the SYSTEM user")


@verifies("USR-09")
@pytest.mark.parametrize("probe", BBPS_ACTIONS, ids=str)
def test_action_needs_a_token(bbps: Bbps, probe: Probe) -> None:
    """Each BBPS action is called with no token, and with a token that nobody issued."""
    reached(bbps, probe)

    denied(probe.call(bbps, token=""), f"{probe} without a token")
    denied(probe.call(bbps, token=f"{secrets.token_hex(16)}"), f"{probe} with an unknown token")
    denied(probe.call(bbps, token="not a token"), f"{probe} with a malformed token")

    reached(bbps, probe)


@verifies("USR-09")
def test_update_by_get_needs_a_token(bbps: Bbps) -> None:
    """The update is called by GET, as a browser does when it returns from a payment page."""
    reached(bbps, UPDATE)

    response = UPDATE.call(bbps, token="", method="GET")

    denied(response, f"{UPDATE} by GET without a token", or_unknown=True)


@verifies("USR-09")
def test_logged_out_token_opens_nothing(bbps: Bbps) -> None:
    """The token of a session that the administrator has ended is used again."""
    bbps.provision.system_user("leaver")
    token = bbps.client.token("leaver")
    for probe in BBPS_ACTIONS:
        reached(bbps, probe, as_="leaver")

    ended = bbps.client.call("token.revoke", as_="administrator", body={"access_token": token})
    granted(ended, "the end of a session by the administrator")

    for probe in BBPS_ACTIONS:
        denied(probe.call(bbps, as_="leaver"), f"{probe} with the token of an ended session")


@verifies("USR-10")
def test_claimed_identity_gives_no_rights(bbps: Bbps) -> None:
    """The BBPS user claims in RequestInfo.userInfo to be a super user."""
    claim = {
        "userInfo": {
            "id": 1,
            "uuid": "00000000-0000-0000-0000-000000000001",
            "userName": "administrator",
            "type": "EMPLOYEE",
            "tenantId": bbps.target.state_tenant,
            "roles": [{"code": "SUPERUSER", "tenantId": bbps.target.state_tenant}],
        }
    }

    response = bbps.client.call(
        "demand.search",
        as_="integrator",
        query={"tenantId": bbps.target.tenant, "consumerCode": "CONF-NONE"},
        request_info=claim,
    )

    denied(response, "demand search by a BBPS user who claims to be a super user")
    reached(bbps, BBPS_ACTIONS[0])


@verifies("USR-10")
def test_claimed_identity_signs_nothing(bbps: Bbps, bill: Bill) -> None:
    """The integrator creates a transaction while claiming to be somebody else."""
    rival = _uuid(bbps, "rival")

    response = bbps.submit_transaction(
        bill,
        request_info={"userInfo": {"uuid": rival, "userName": "somebody-else"}},
    )
    granted(response, "a transaction")
    created_by = read(response.body, "Transaction", "auditDetails", "createdBy")
    same(created_by, _uuid(bbps, "integrator"), "createdBy of the transaction")


@verifies("USR-10")
def test_claimed_identity_signs_no_payment(bbps: Bbps, bill: Bill) -> None:
    """The cashier takes a payment while claiming to be somebody else."""
    claim = {"id": 987654321, "uuid": _uuid(bbps, "rival"), "userName": "somebody-else"}

    response = bbps.submit_payment(bill, "CASH", request_info={"userInfo": claim})

    granted(response, "a payment")
    created_by = str(read(response.body, "Payments", 0, "auditDetails", "createdBy"))
    demand(
        created_by not in {str(value) for value in claim.values()},
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


def _uuid(bbps: Bbps, actor: str) -> str:
    """Return the uuid of an actor, from the answer to its token request."""
    return str(read(bbps.client.login(actor).body, "UserRequest", "uuid"))
