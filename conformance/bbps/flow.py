"""The domain verbs that checks speak: create, update, pay; `bill_supply` provides bills to pay.

`submit_*` and `update` return the response for a check to judge; the other verbs
establish a precondition and end inconclusive when the deployment does not let them.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from functools import partial
from typing import Any, Final, Self, TypeVar

from conformance.bbps.bill_supply import BillSupply
from conformance.bbps.models import (
    Bill,
    Payment,
    Transaction,
    read,
    transaction_in,
)
from conformance.bbps.outcome_channels import outcome_channel_of
from conformance.bbps.outcome_channels.outcome_report import (
    FAILURE,
    OPEN,
    SUCCESS,
    OutcomeReport,
    Signal,
    success,
)
from conformance.bbps.payloads import Share, due, payment_body, total, transaction_body
from conformance.client.client import ANONYMOUS, Client, Parts, Unanswered
from conformance.client.response import Response
from conformance.contracts.effects import Effect
from conformance.core.sharing import Shared, SharedView
from conformance.core.verdicts import Inconclusive

TOKEN_HEADER: Final = "auth-token"  # noqa: S105  the name of a header
Made = TypeVar("Made")
__all__ = ["FAILURE", "OPEN", "SUCCESS", "Bbps", "Signal", "success"]


class Bbps(BillSupply):
    """The BBPS flow on one target. A run has one; each check works with a view (`for_check`)."""

    def __init__(self, client: Client, run: str, jobs: int = 1) -> None:
        super().__init__(client, run)
        self.jobs = jobs  # things that may be done at the same time
        self.ledger = client.policy.ledger
        self._remarks: dict[str, str] = {}
        self._shared = Shared()  # what several checks read
        self._promised: dict[str, Decimal] = {}  # transaction id -> rupees requested
        self._creators: dict[str, str] = {}  # transaction id -> actor
        self.outcome_channel = outcome_channel_of(self.target)
        for secret in self.target.outcome.secrets:
            client.redactor.learn(secret)

    def for_check(self, check: str) -> Self:
        """Return a view whose calls, creations and remarks belong to one check."""
        view = copy.copy(self)
        view.client = client = self.client.for_check(check)
        view.polling = self.polling.since(client.last_act)
        view.clock = self.clock.for_client(client)
        view.provision = self.provision.for_client(client, view.clock)
        return view

    def unjudged(self) -> Self:
        """Return a view whose own calls are odd on purpose: CON-01 and CON-02 judge none of them.

        What it provides (bills, accounts) is requested as ever.
        """
        view = copy.copy(self)
        view.client = self.client.unjudged()
        return view

    @property
    def once(self) -> SharedView:
        """What is made once for a run; its exchanges are evidence of every check that uses it."""
        return SharedView(self._shared, partial(self.client.cite, self.check))

    def made_once(self, name: str, make: Callable[[], Made]) -> Made:
        """Return what is made once for a run; what got no answer is made again later."""
        try:
            return self.once(name, make)
        except Unanswered:
            self.once.forget(name)
            raise

    def rest(self) -> None:
        """Wait until nothing is made ahead any more."""
        self._shared.rest()

    def remark(self, text: str) -> None:
        """Leave a remark on the check, for its reader."""
        self._remarks[self.check] = text

    def remark_on(self, check: str) -> str:
        """Return the remark left on a check, or an empty text."""
        return self._remarks.get(check, "")

    # transactions ----------------------------------------------------------------------------

    def submit_transaction(
        self,
        bill: Bill,
        *,
        amount: Decimal | None = None,
        as_: str = "integrator",
        request_info: Mapping[str, Any] | None = None,
        together: bool = False,
        beside: Sequence[Bill] = (),
        shares: Sequence[Share] = (),
        token: str = "",
        **changes: Any,
    ) -> Response:
        """Request a transaction on a bill; `changes` replace fields of the request.

        `token`, if any, is sent in place of the one that the actor has now.
        `beside` are further bills that it pays, all that is due on each. `shares`, if any, are
        paid instead of all these.
        """
        shares = shares or [_share(bill, amount), *due(beside)]
        transaction = transaction_body(self.target, shares)
        parts: Parts = {
            "body": {"Transaction": transaction | changes},
            "request_info": request_info or {},
            "together": together,
            "ledger_tenant": bill.tenant,
        }
        if token:
            parts["token"] = token
        response = self.client.call("transaction.create", as_=as_, **parts)
        if response.succeeded:
            with suppress(Inconclusive):  # the check judges a response that cannot be read
                id_ = transaction_in(response).id
                self._promised[id_], self._creators[id_] = total(shares), as_
        return response

    def transaction_request(self, bill: Bill, paid: Decimal) -> dict[str, Any]:
        """Build a transaction that pays an amount in rupees on a bill."""
        return transaction_body(self.target, [_share(bill, paid)])

    def create_transaction(self, bill: Bill, **parts: Any) -> Transaction:
        """Have a pending transaction as `submit_transaction` requests it, visible in search."""
        return self.transaction(self.taken_transaction(bill, **parts).id)

    def taken_transaction(self, bill: Bill, **parts: Any) -> Transaction:
        """Have a transaction as `submit_transaction` requests it, and as its creation answers."""
        response = self.submit_transaction(bill, **parts)
        if not response.succeeded:
            raise Inconclusive(
                f"no transaction could be created: {response.description}",
                response.missing_grant or response.unserved or "see TXN-01 for creation itself",
            )
        return transaction_in(response)

    def owned(self, transaction: Transaction, by: str) -> None:
        """Learn which actor created a transaction that came into being before this run part."""
        self._creators[transaction.id] = by

    def update(
        self,
        transaction: Transaction | str,
        signal: Signal,
        *,
        as_: str = "integrator",
        method: str = "POST",
        id_parameter: str | None = None,
        request_info: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        also: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        other: Transaction | None = None,
        together: bool = False,
        as_form: bool = False,
        tolerant: bool = False,
        token: str = "",
    ) -> Response:
        """Report an outcome as the profile describes, over the promised amount if none is stated.

        `also` are further parameters of the query, or other values; `body` is the body without
        its RequestInfo. `other` is a second transaction that they name: its outcome is the same.
        `as_form` sends the parameters as a form, with the token in the header; `tolerant` returns
        a refusal that cannot be read. `token`, if any, is sent in place of the actor's own.
        """
        report = self._report_on(transaction, signal)
        id_, reports = report.transaction, [report]
        if other is not None:
            reports.append(self._report_on(other, signal))
            self.report(reports[-1])
        stated = self.report(report)
        parameters = {
            id_parameter or self.target.outcome.parameters.id: id_,
            **stated,
            **(also or {}),
        }
        in_header = (as_form or method != "POST") and as_ != ANONYMOUS
        parts: Parts = {
            "method": method,
            "headers": headers or {},
            "together": together,
            "tolerant": tolerant,
        }
        if in_header:
            parts["token_header"] = TOKEN_HEADER
        if as_form:
            form = {name: str(each) for name, each in parameters.items() if each is not None}
            parts["form"] = form
        else:
            parts |= {"query": parameters, "body": body or {}, "request_info": request_info or {}}
        if token:
            parts["token"] = token
        response = self.client.call("transaction.update", as_=as_, **parts)
        pending = isinstance(transaction, Transaction) and transaction.status == "PENDING"
        if pending and self._creators.get(id_) == as_ and not token:
            self.outcome_channel.judge(reports, response)
        return response

    def _report_on(self, transaction: Transaction | str, signal: Signal) -> OutcomeReport:
        if isinstance(transaction, str):
            return OutcomeReport(
                transaction=transaction, success=signal.success, amount=signal.amount
            )
        promised = self._promised.get(transaction.id, transaction.amount)
        amount = promised if signal.amount is None else signal.amount
        return OutcomeReport(transaction=transaction.id, success=signal.success, amount=amount)

    def report(self, report: OutcomeReport) -> Mapping[str, str | None]:
        """Set an outcome through the channel of the target; return what the update must state.

        NotAllowed, before anything is set, where such an outcome may not be reported.
        """
        failure = report.success is False
        self.client.require(Effect.WRITES if failure else Effect.MOVES_MONEY)
        self.client.policy.reports(report.transaction, failure=failure)
        return self.outcome_channel.set_outcome(report)

    @property
    def stating_failure(self) -> Mapping[str, str]:
        """The query of an update that can only fail; empty where updates state no outcome."""
        names = self.target.outcome.parameters
        states = self.target.outcome.style == "update-parameters"
        return {names.status: names.failure} if states else {}

    def finish(self, transaction: Transaction, signal: Signal) -> Transaction:
        """Have the owner finish a transaction; return it as search shows it."""
        wanted = "SUCCESS" if signal.success else "FAILURE"
        response = self.update(transaction, signal)
        if response.refused and not response.turned_away:
            self.transaction(transaction.id)  # it may not have been stored yet
            response = self.update(transaction, signal)
        if not response.succeeded:
            raise Inconclusive(
                f"the owner could not mark the transaction {wanted}: {response.description}",
                response.missing_grant
                or f"see {'TXN-05' if signal.success else 'TXN-06'} for the update itself",
            )
        return self.polling.eventually(
            lambda: self.transaction(transaction.id),
            lambda read: read.status == wanted,
            f"the transaction's state {wanted}",
        )

    def pay(self, bill: Bill) -> Transaction:
        """Have a successful transaction on a bill."""
        return self.finish(self.taken_transaction(bill), SUCCESS)

    # payments --------------------------------------------------------------------------------

    def submit_payment(
        self,
        bill: Bill,
        mode: str,
        *,
        amount: Decimal | None = None,
        shares: Sequence[Share] = (),
        as_: str = "cashier",
        operation: str = "payment.create",
        request_info: Mapping[str, Any] | None = None,
        together: bool = False,
        **changes: Any,
    ) -> Response:
        """Request a payment in a mode, with that mode's parameters; None removes a field.

        `shares`, if any, are paid instead of the amount (in rupees) on the bill.
        """
        shares = shares or [_share(bill, amount)]
        payment = payment_body(shares, mode, now=self.clock.now()) | changes
        return self.client.call(
            operation,
            as_=as_,
            body={"Payment": {key: value for key, value in payment.items() if value is not None}},
            request_info=request_info or {},
            together=together,
            ledger_tenant=bill.tenant,
        )

    def cancel(self, payment: Payment, *, as_: str = "cashier") -> Response:
        """Request that a payment is cancelled."""
        step = {
            "paymentId": payment.id,
            "action": "CANCEL",
            "tenantId": read(payment.raw, "tenantId"),
            "reason": "conformance check",
        }
        return self.client.call(
            "payment.workflow",
            as_=as_,
            path={"module": self.target.bills.search_module},
            body={"PaymentWorkflows": [step]},
        )

    def payment_request(self, bill: Bill, mode: str, paid: Decimal) -> dict[str, Any]:
        """Build a payment with what its mode needs (amount in rupees)."""
        return payment_body([_share(bill, paid)], mode, now=self.clock.now())


def _share(bill: Bill, amount: Decimal | None) -> Share:
    return Share(bill=bill, paid=bill.amount if amount is None else amount)
