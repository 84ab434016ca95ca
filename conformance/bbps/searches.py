"""Reads back what a deployment holds: bills, transactions, payments.

`fetch` and `search_payments` return the response for a check to judge; the others end inconclusive
when the deployment does not let them read.
"""

from typing import Any

from conformance.bbps.models import (
    Bill,
    Payment,
    Transaction,
    bills_in,
    payments_in,
    transactions_in,
)
from conformance.bbps.polling import Polling
from conformance.client.client import Client
from conformance.client.response import Response
from conformance.core.verdicts import Inconclusive


class Searches:
    """What can be read on one target, as the readers that the profile names."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.target = client.target
        self.polling = Polling(self.target.limits, client.last_act)

    def fetch(
        self,
        code: str | None,
        *,
        service: str | None = None,
        tenant: str | None = None,
        as_: str = "integrator",
        mobile: str = "",
        demand: str = "",
    ) -> Response:
        """Fetch the bill of a consumer code, or of several with commas between.

        `mobile`, if any, is the payer's number, as a further criterion, and `demand` the id of a
        demand.
        """
        return self.client.call(
            "bill.fetch",
            as_=as_,
            query={
                "tenantId": tenant or self.target.tenant,
                "businessService": service or self.target.bills.business_service,
                "consumerCode": code,
                **({"mobileNumber": mobile} if mobile else {}),
                **({"demandId": demand} if demand else {}),
            },
        )

    def bills_for(self, bill: Bill, *, as_: str = "integrator") -> list[Bill]:
        """Fetch what is offered now for a bill's consumer code; empty if nothing is due.

        A service may refuse where nothing is due.
        """
        response = self.fetch(
            bill.consumer_code, service=bill.business_service, tenant=bill.tenant, as_=as_
        )
        if response.turned_away or not (response.succeeded or response.refused):
            raise Inconclusive(
                f"the bills of {bill.consumer_code} cannot be fetched: {response.description}",
                response.missing_grant or "see BIL-01 and BIL-03 for fetchBill itself",
            )
        return bills_in(response)

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
                response.missing_grant
                or "name an actor who may search them in readers.transactions",
            )
        return transactions_in(response)

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
                response.missing_grant or "name an actor who may search them in readers.payments",
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
