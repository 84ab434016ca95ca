"""The domain verbs that checks speak: fetch a bill, create, update, pay, read back.

`submit_*`, `fetch` and `update` hand back the answer for a check to judge; the other verbs
establish a precondition and end inconclusive when the deployment does not let them.
"""

from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any

from conformance.bbps.clock import Clock
from conformance.bbps.models import (
    Bill,
    Payment,
    Transaction,
    bills_in,
    payments_in,
    transaction_in,
    transactions_in,
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
from conformance.bbps.payloads import payment_body, transaction_body
from conformance.bbps.polling import Polling
from conformance.bbps.provisioning import Provisioning
from conformance.client.client import Client
from conformance.client.response import Response
from conformance.contracts.effects import Effect
from conformance.core.exchange import CURRENT_CHECK
from conformance.core.once import Once
from conformance.core.verdicts import Inconclusive
from conformance.profile.target import Target

__all__ = ["FAILURE", "OPEN", "SUCCESS", "Bbps", "Signal", "success"]


class Bbps:
    """The BBPS flow on one target; one object serves a whole run."""

    def __init__(self, client: Client, run: str) -> None:
        self.client = client
        self.target: Target = client.target
        self.ledger = client.policy.ledger
        self.run = run
        self.polling = Polling(self.target.limits, client.last_act)
        self.clock = Clock(client)
        self._remarks: dict[str, str] = {}
        self.once = Once()  # what several checks look at
        self._promised: dict[str, Decimal] = {}  # transaction id -> rupees that we asked for
        self._creators: dict[str, str] = {}  # transaction id -> actor
        self.outcome_channel = outcome_channel_of(self.target)
        self.provision = Provisioning(client, self.ledger, run, self.clock)
        for secret in self.target.outcome.secrets:
            client.redactor.learn(secret)

    def remark(self, text: str) -> None:
        """Leave a remark on the current check, for its reader."""
        self._remarks[CURRENT_CHECK.get()] = text

    def remark_on(self, check: str) -> str:
        """Return the remark left on a check, or an empty text."""
        return self._remarks.get(check, "")

    # bills -----------------------------------------------------------------------------------

    def new_bill(
        self,
        *,
        amount: Decimal | None = None,
        service: str | None = None,
        tax_head: str | None = None,
        tenant: str | None = None,
        valid_days: int = 0,
    ) -> Bill:
        """Provide an unpaid bill (amount in rupees), payable `valid_days` beyond today."""
        bills, tenant = self.target.bills, tenant or self.target.tenant
        service = service or bills.business_service
        code = self.provision.code_with_bill(
            amount=amount,
            service=service,
            tax_head=tax_head or bills.tax_head,
            tenant=tenant,
            valid_days=valid_days,
        )
        response, found = self.polling.within_deadline(
            lambda: self.fetch(code, service=service, tenant=tenant),
            lambda response: not response.succeeded or bool(bills_in(response)),
        )
        if not found or not response.succeeded:
            raise Inconclusive(
                f"no payable bill could be fetched for {code}: {response.description}",
                "see whether fetchBill works for the bills.business_service of the profile",
            )
        bill = bills_in(response)[0]
        if self.clock.steps_over(bill.expires_at):  # midnight, whoever works with it
            return next(iter(self.bills_for(bill)), bill)
        return bill

    def raise_demand(self, code: str) -> None:
        """Raise a demand over the profile's amount for a consumer code."""
        bills = self.target.bills
        self.provision.demand(
            code,
            amount=bills.amount,
            service=bills.business_service,
            tax_head=bills.tax_head,
            tenant=self.target.tenant,
        )

    def fetch(
        self,
        code: str | None,
        *,
        service: str | None = None,
        tenant: str | None = None,
        as_: str = "integrator",
    ) -> Response:
        """Fetch the bill of a consumer code."""
        return self.client.call(
            "bill.fetch",
            as_=as_,
            query={
                "tenantId": tenant or self.target.tenant,
                "businessService": service or self.target.bills.business_service,
                "consumerCode": code,
            },
        )

    def bills_for(self, bill: Bill) -> list[Bill]:
        """Fetch what is offered now for a bill's consumer code; empty if nothing is due."""
        response = self.fetch(bill.consumer_code, service=bill.business_service, tenant=bill.tenant)
        return bills_in(response) if response.succeeded else []

    def unknown_bill(self, consumer_code: str, bill_id: str) -> Bill:
        """Describe a bill that does not exist, for requests that must move no money."""
        bills = self.target.bills
        return Bill(
            id=bill_id,
            tenant=self.target.tenant,
            business_service=bills.business_service,
            consumer_code=consumer_code,
            amount=bills.amount,
            expires_at=0,
            status="",
            raw={},
        )

    # transactions ----------------------------------------------------------------------------

    def submit_transaction(
        self,
        bill: Bill,
        *,
        amount: Decimal | None = None,
        as_: str = "integrator",
        request_info: Mapping[str, Any] | None = None,
        together: bool = False,
        **changes: Any,
    ) -> Response:
        """Ask for a transaction on a bill; `changes` replace fields of the request."""
        paid = bill.amount if amount is None else amount
        transaction = self.transaction_request(bill, paid)
        response = self.client.call(
            "transaction.create",
            as_=as_,
            body={"Transaction": transaction | changes},
            request_info=request_info or {},
            together=together,
            ledger_tenant=bill.tenant,
        )
        if response.succeeded:
            with suppress(Inconclusive):  # an answer that cannot be read is the check's to judge
                id_ = transaction_in(response).id
                self._promised[id_], self._creators[id_] = paid, as_
        return response

    def transaction_request(self, bill: Bill, paid: Decimal) -> dict[str, Any]:
        """Build a transaction that pays an amount in rupees on a bill."""
        return transaction_body(self.target, bill, paid)

    def create_transaction(
        self, bill: Bill, *, amount: Decimal | None = None, as_: str = "integrator"
    ) -> Transaction:
        """Have a pending transaction on a bill, visible in search (amount in rupees)."""
        response = self.submit_transaction(bill, amount=amount, as_=as_)
        if not response.succeeded:
            raise Inconclusive(
                f"no transaction could be created: {response.description}",
                "see TXN-01 for creation itself",
            )
        return self.transaction(transaction_in(response).id)

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
        together: bool = False,
    ) -> Response:
        """Report an outcome as the profile says, over what was promised if not stated.

        `also` are further parameters of the query, or other values; `body` stands in the body
        beside RequestInfo.
        """
        id_ = transaction if isinstance(transaction, str) else transaction.id
        amount = signal.amount
        if amount is None and isinstance(transaction, Transaction):
            amount = self._promised.get(transaction.id, transaction.amount)
        report = OutcomeReport(transaction=id_, success=signal.success, amount=amount)
        stated = self.report(report)
        response = self.client.call(
            "transaction.update",
            as_=as_,
            method=method,
            query={
                id_parameter or self.target.outcome.parameters.id: id_,
                **stated,
                **(also or {}),
            },
            body=body or {},
            request_info=request_info or {},
            headers=headers or {},
            together=together,
        )
        pending = isinstance(transaction, Transaction) and transaction.status == "PENDING"
        if pending and self._creators.get(id_) == as_:
            self.outcome_channel.judge(report, response)
        return response

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
        if not response.succeeded:
            raise Inconclusive(
                f"the owner could not mark the transaction {wanted}: {response.description}",
                f"see {'TXN-05' if signal.success else 'TXN-06'} for the update itself",
            )
        return self.polling.eventually(
            lambda: self.transaction(transaction.id),
            lambda sight: sight.status == wanted,
            f"the transaction's state {wanted}",
        )

    def pay(self, bill: Bill) -> Transaction:
        """Have a successful transaction on a bill."""
        return self.finish(self.create_transaction(bill), SUCCESS)

    def transaction(self, id_: str) -> Transaction:
        """Read a transaction back, once it shows."""
        found = self.polling.eventually(
            lambda: self.transactions(txnId=id_), bool, f"the transaction {id_}"
        )
        return found[0]

    def transactions(self, **criteria: str) -> list[Transaction]:
        """Search transactions, as the reader that the profile names."""
        response = self.client.call(
            "transaction.search", as_=self.target.readers.transactions, query=criteria
        )
        if not response.succeeded:
            raise Inconclusive(
                f"transactions cannot be read back: {response.description}",
                "name an actor who may search them in readers.transactions",
            )
        return transactions_in(response)

    # payments and receipts -------------------------------------------------------------------

    def submit_payment(
        self,
        bill: Bill,
        mode: str,
        *,
        amount: Decimal | None = None,
        as_: str = "cashier",
        operation: str = "payment.create",
        request_info: Mapping[str, Any] | None = None,
        together: bool = False,
        **changes: Any,
    ) -> Response:
        """Ask to take a payment in a mode, with that mode's parameters; None removes a field."""
        paid = bill.amount if amount is None else amount
        payment = self.payment_request(bill, mode, paid) | changes
        return self.client.call(
            operation,
            as_=as_,
            body={"Payment": {key: value for key, value in payment.items() if value is not None}},
            request_info=request_info or {},
            together=together,
            ledger_tenant=bill.tenant,
        )

    def payment_request(self, bill: Bill, mode: str, paid: Decimal) -> dict[str, Any]:
        """Build a payment with what its mode needs (amount in rupees)."""
        return payment_body(bill, mode, paid, now=self.clock.now())

    def payments_of(self, transaction: Transaction) -> list[Payment]:
        """Search the payments that carry a transaction's id; others are left aside."""
        found = self.payments(transactionNumber=transaction.id)
        return [each for each in found if each.transaction_number == transaction.id]

    def payment(self, id_: str) -> Payment:
        """Read a payment back, once it shows."""
        return self.polling.eventually(
            lambda: [each for each in self.payments(ids=id_) if each.id == id_],
            bool,
            f"the payment {id_}",
        )[0]

    def payments_of_bill(self, bill: Bill) -> list[Payment]:
        """Search the payments of a bill; what a search shows of other bills is left aside."""
        return [each for each in self.payments(billIds=bill.id) if bill.id in each.bill_ids]

    def payments(self, **criteria: Any) -> list[Payment]:
        """Search payments of the tenant, as the reader that the profile names."""
        response = self.search_payments(**criteria)
        if not response.succeeded:
            raise Inconclusive(
                f"payments cannot be read back: {response.description}",
                "name an actor who may search them in readers.payments",
            )
        return payments_in(response)

    def search_payments(self, *, as_: str | None = None, **criteria: Any) -> Response:
        """Search payments by criteria."""
        return self.client.call(
            "payment.module-search",
            as_=as_ or self.target.readers.payments,
            path={"module": self.target.bills.search_module},
            query={
                "tenantId": self.target.tenant,
                "businessServices": self.target.bills.services,
                **criteria,
            },
        )

    def receipt_of(self, transaction: Transaction) -> Payment:
        """Have the payment that a successful transaction made."""
        return self.polling.eventually(
            lambda: self.payments_of(transaction), bool, "the payment of the transaction"
        )[0]
