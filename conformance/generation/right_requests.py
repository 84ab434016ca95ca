"""One right request of each operation: by the profile, so that the deployment should accept it.

What the request names stands in it as NOWHERE; what leaves names things of the run (see supplies).
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from conformance.bbps.flow import Bbps
from conformance.contracts.effects import NOWHERE
from conformance.generation.cases import GeneratedCase

Parts = dict[str, Any]  # query, body, form of a GeneratedCase
ROLE: Final = "CITIZEN"  # every deployment has it


def right_request(bbps: Bbps, operation: str) -> GeneratedCase:
    """Return the right request of an operation."""
    return GeneratedCase(operation=operation, real=True, **_PARTS[operation](bbps))


def _bill_of_nobody(bbps: Bbps) -> Parts:
    bills = bbps.target.bills
    return {
        "query": {
            "tenantId": bbps.target.tenant,
            "businessService": bills.business_service,
            "consumerCode": NOWHERE,
        }
    }


def _bills(bbps: Bbps) -> Parts:
    service = bbps.target.bills.business_service
    return {"query": {"tenantId": bbps.target.tenant, "service": service, "consumerCode": NOWHERE}}


def _transaction(bbps: Bbps) -> Parts:
    nowhere = bbps.unknown_bill(NOWHERE, NOWHERE)
    return {"body": {"Transaction": bbps.transaction_request(nowhere, nowhere.amount)}}


def _payment(bbps: Bbps) -> Parts:
    nowhere = bbps.unknown_bill(NOWHERE, NOWHERE)
    return {"body": {"Payment": bbps.payment_request(nowhere, "CASH", nowhere.amount)}}


def _failure(bbps: Bbps) -> Parts:
    return {"query": {bbps.target.outcome.parameters.id: NOWHERE, **bbps.stating_failure}}


def _cancellation(bbps: Bbps) -> Parts:
    action = {
        "paymentId": NOWHERE,
        "action": "CANCEL",
        "tenantId": bbps.target.tenant,
        "reason": "conformance check",
    }
    return {"body": {"PaymentWorkflows": [action]}}


def _payments(bbps: Bbps) -> Parts:
    return {"query": {"tenantId": bbps.target.tenant, "billIds": NOWHERE}}


def _user(bbps: Bbps) -> Parts:
    name = bbps.client.actor("administrator").username
    return {"body": {"userName": name, "tenantId": bbps.target.state_tenant}}


def _login(bbps: Bbps) -> Parts:
    actor = bbps.client.actor("integrator")
    return {
        "form": True,
        "body": {
            "grant_type": "password",
            "scope": bbps.target.oauth.scope,
            "username": NOWHERE,
            "password": NOWHERE,
            "tenantId": actor.tenant or bbps.target.tenant,
            "userType": actor.type,
        },
    }


def _permission(bbps: Bbps) -> Parts:
    state = bbps.target.state_tenant
    role = {"code": ROLE, "tenantId": state}
    question = {"roles": [role], "uri": "/user/_logout", "tenantIds": [state]}
    return {"body": {"AuthorizationRequest": question}}


def _actions(bbps: Bbps) -> Parts:
    state = bbps.target.state_tenant
    return {"body": {"roleCodes": [ROLE], "tenantId": state, "actionMaster": "actions-test"}}


def _roles(bbps: Bbps) -> Mapping[str, str]:
    return {"moduleName": "ACCESSCONTROL-ROLES", "masterName": "roles",
            "tenantId": bbps.target.state_tenant}  # fmt: skip


def _master_data(bbps: Bbps) -> Parts:
    names = _roles(bbps)
    details = [
        {"moduleName": names["moduleName"], "masterDetails": [{"name": names["masterName"]}]}
    ]
    return {
        "body": {"MdmsCriteria": {"tenantId": names["tenantId"], "moduleDetails": details}},
    }


_PARTS: Final[Mapping[str, Callable[[Bbps], Parts]]] = {
    "bill.fetch": _bill_of_nobody,
    "bill.search": _bills,
    "demand.search": _bill_of_nobody,
    "transaction.create": _transaction,
    "transaction.update": _failure,
    "transaction.search": lambda _: {"query": {"txnId": NOWHERE}},
    "gateway.search": lambda _: {},
    "payment.create": _payment,
    "payment.validate": _payment,
    "payment.search": _payments,
    "payment.module-search": _payments,
    "payment.workflow": _cancellation,
    "user.search": _user,
    "user.search-v1": _user,
    "token.create": _login,
    "token.details": lambda _: {"query": {"access_token": NOWHERE}},
    "access.authorize": _permission,
    "access.actions": _actions,
    "access.roles": lambda bbps: {"query": {"tenantId": bbps.target.state_tenant, "code": ROLE}},
    "mdms.search": _master_data,
    "mdms.get": lambda bbps: {"query": _roles(bbps)},
}
