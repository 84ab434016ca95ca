"""Calls that show which form of an erratum a deployment follows, where no other check does.

What comes of them is the observer's to see (CON-04); nothing is judged here, nor by CON-01 and
CON-02, since the calls are odd on purpose. No rupee moves: what is paid are bills of nothing.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any, Final

from conformance.bbps.clock import DAY
from conformance.bbps.flow import TOKEN_HEADER, Bbps
from conformance.bbps.models import Bill, payment_in
from conformance.client.client import Parts
from conformance.core.side_by_side import all_of
from conformance.core.verdicts import Inconclusive

NOTHING: Final = Decimal(0)
UNKNOWN: Final = "CONF-NONE"
Probe = Callable[[Bbps], object]


def show_forms(bbps: Bbps) -> tuple[str, ...]:
    """Make every call that the target allows; the rest stays unseen.

    Return what the calls are filed under.
    """
    writes: dict[str, Probe] = {
        "reports": report_on_transactions,
        "doubtful payments": record_doubtful_payments,
        "a payment": act_on_payment,
        "modes": pay_in_other_modes,
        "a demand": change_demand,
    }
    if not bbps.target.mode.pays or bbps.target.bills.provision != "demands":
        writes = {}
    reads: dict[str, Probe] = {
        "users": read_users,
        "master data": read_master_data,
        "without a token": call_without_token,
        "transactions": search_transactions,
        "payments": search_payments,
        "payments of a module": search_payments_of_module,
    }
    views = {name: bbps.for_check(f"{bbps.check}, {name}") for name in (*writes, *reads)}
    for probes in (writes, reads):  # searches show what was written

        def make(name: str, probes: Mapping[str, Probe] = probes) -> None:
            with suppress(Inconclusive):
                probes[name](views[name].unjudged())

        all_of(tuple(probes), make, jobs=bbps.jobs, abandon=bbps.client.abandon)
    return tuple(view.check for view in views.values())


def read_users(bbps: Bbps) -> None:
    """Search users, roles and permissions."""
    state = bbps.target.state_tenant
    administrator = bbps.client.actor("administrator")
    _call(bbps, "user.search-v1", body={"userName": administrator.username, "tenantId": state})
    _call(bbps, "token.details", query={"access_token": bbps.client.token("cashier")})
    _call(bbps, "access.roles", query={"tenantId": state, "code": "CITIZEN"})
    criteria = {"roleCodes": ["CITIZEN"], "tenantId": state, "actionMaster": "actions-test"}
    _call(bbps, "access.actions", body=criteria)
    role = {"code": "CITIZEN", "tenantId": state}
    question = {"roles": [role], "uri": "/x", "tenantIds": [state]}
    _call(bbps, "access.authorize", body={"AuthorizationRequest": question})


def read_master_data(bbps: Bbps) -> None:
    """Read master data, all together and one alone."""
    module, master, state = "ACCESSCONTROL-ROLES", "roles", bbps.target.state_tenant
    details = [{"moduleName": module, "masterDetails": [{"name": master}]}]
    _call(bbps, "mdms.search", body={"MdmsCriteria": {"tenantId": state, "moduleDetails": details}})
    query = {"moduleName": module, "masterName": master, "tenantId": state}
    _call(bbps, "mdms.get", query=query)


def call_without_token(bbps: Bbps) -> None:
    """Call each service without a token."""
    for operation in ("access.actions", "mdms.get", "mdms.search", "gateway.search",
                      "demand.search", "payment.create", "token.details"):  # fmt: skip
        _call(bbps, operation, "anonymous")


def search_transactions(bbps: Bbps) -> None:
    """Search gateways and transactions by what only one of the forms knows."""
    _call(bbps, "gateway.search")
    long = {"apiId": "x" * 129}
    criteria = {"consumerCode": UNKNOWN}
    _call(bbps, "transaction.search", bbps.target.readers.transactions, query=criteria)
    _call(bbps, "transaction.search", bbps.target.readers.transactions, request_info=long)


def search_payments(bbps: Bbps) -> None:
    """Search payments by what only one of the forms knows."""
    for query in _odd_criteria(bbps):
        _call(bbps, "payment.search", "citizen", query=query)


def search_payments_of_module(bbps: Bbps) -> None:
    """Do the same at the path of a module, and without what a RequestInfo holds."""
    path = {"module": bbps.target.bills.search_module}
    for query in _odd_criteria(bbps):
        _call(bbps, "payment.module-search", "cashier", query=query, path=path)
    bare = {"RequestInfo": {"authToken": bbps.client.token("cashier")}}
    query = {"tenantId": bbps.target.tenant}
    _call(bbps, "payment.module-search", "cashier", query=query, path=path, body=bare)


def _odd_criteria(bbps: Bbps) -> tuple[dict[str, Any], ...]:
    everything: dict[str, Any] = {"tenantId": bbps.target.tenant}
    return (
        everything,
        everything | {"limit": 1},
        everything | {"offset": 100_000},
        everything | {"toDate": bbps.clock.now() - DAY // 2},
        everything | {"billIds": UNKNOWN},
        everything | {"mobileNumber": "9" * 65},
        everything | {"isCountRequest": "true", "businessServices": bbps.target.bills.services[0]},
        {},
    )


def report_on_transactions(bbps: Bbps) -> None:
    """Report on a transaction that does not exist; create two that are too long."""
    _call(bbps, "transaction.update", "integrator", query={"eg_pg_txnid": UNKNOWN})
    bill = bbps.new_bill(amount=NOTHING)
    payer = {
        "name": "Test payer",
        "userName": "x" * 65,  # a name as long would be refused by the user service
        "mobileNumber": "9876543210",
        "tenantId": bbps.target.state_tenant,
    }
    bbps.submit_transaction(bill, productInfo="x" * 513)
    bbps.submit_transaction(bill, user=payer)


def record_doubtful_payments(bbps: Bbps) -> None:
    """Record payments with what the service is to leave out or refuse."""
    doubtful = bbps.new_bill(amount=NOTHING)  # some lines take what others refuse
    bbps.submit_payment(doubtful, "ONLINE", transactionNumber=None)
    bbps.submit_payment(doubtful, "CASH", paymentDetails=None)
    bbps.submit_payment(doubtful, "CASH", paidBy="R2")
    bbps.submit_payment(doubtful, "CASH", payerName="<script>alert(1)</script>")
    _call(bbps, "payment.create", "cashier", body={"tenantId": bbps.target.tenant})
    odd: Parts = {"raw": b"{}", "content_type": "text/plain", "token_header": TOKEN_HEADER}
    _call(bbps, "payment.create", "cashier", **odd)


def act_on_payment(bbps: Bbps) -> None:
    """Validate and record a payment with what the service is to ignore, and cancel it."""
    bill = bbps.new_bill(amount=NOTHING)
    bbps.submit_payment(bill, "CASH", operation="payment.validate")
    _act(bbps, _recorded(bbps, bill))


def pay_in_other_modes(bbps: Bbps) -> None:
    """Record payments in modes that only one of the forms knows."""
    for mode in ("OFFLINE_NEFT", "BBPS"):
        bbps.submit_payment(bbps.new_bill(amount=NOTHING), mode)


def _recorded(bbps: Bbps, bill: Bill) -> str:
    """Record a payment that tries to dictate what the service sets; return its id."""
    request = bbps.payment_request(bill, "CASH", bill.amount)
    part = request["paymentDetails"][0] | {"receiptDate": 7, "additionalDetails": {"a": 1}}
    response = bbps.submit_payment(
        bill, "CASH", id="mine", transactionDate=7, instrumentDate=7, mobileNumber=None,
        payerEmail=None, paymentDetails=[part],
    )  # fmt: skip
    return payment_in(response).id if response.succeeded else UNKNOWN


def _act(bbps: Bbps, payment: str) -> None:
    for identifier in ("", UNKNOWN, payment):
        action = {"paymentId": identifier, "action": "CANCEL", "tenantId": bbps.target.tenant,
                  "additionalDetails": {"a": 1}}  # fmt: skip
        path = {"module": bbps.target.bills.search_module}
        body = {"PaymentWorkflows": [action]}
        _call(bbps, "payment.workflow", "cashier", body=body, path=path)


def change_demand(bbps: Bbps) -> None:
    """Read a demand and its bill, send the demand back as it is, and cancel the bill."""
    bill = bbps.new_bill(amount=NOTHING)
    query = {"tenantId": bill.tenant, "consumerCode": bill.consumer_code}
    response = bbps.client.call("demand.search", as_="administrator", query=query)
    if isinstance(found := response.body, Mapping):
        _call(bbps, "demand.update", body={"Demands": found.get("Demands")})
    _call(bbps, "bill.search", query={"tenantId": bill.tenant, "billId": bill.id})
    criteria = {"tenantId": bill.tenant, "consumerCodes": [bill.consumer_code],
                "businessService": bill.business_service, "statusToBeUpdated": "CANCELLED",
                "additionalDetails": {"reason": "1", "reasonMessage": "test"}}  # fmt: skip
    _call(bbps, "bill.cancel", body={"UpdateBillCriteria": criteria})


def _call(bbps: Bbps, operation: str, as_: str = "administrator", **parts: Any) -> None:
    """Make one call; where it cannot be had (no such actor, no answer), nothing shows."""
    with suppress(Inconclusive):
        bbps.client.call(operation, as_=as_, tolerant=True, **parts)
