"""Reads demand, bill, transaction, payment and receipt back, and says which two disagree."""

from decimal import Decimal
from typing import Any

from conformance.bbps import Bbps
from conformance.records import Bill, Payment, Transaction, bills_in, read, rupees


class Books:
    """The five records of one paid bill."""

    def __init__(self, bbps: Bbps) -> None:
        self._bbps = bbps

    def disagreement(self, bill: Bill, paid: Transaction) -> str:
        """Return the first disagreement in words, or an empty text; polls until the books agree."""
        story, _ = self._bbps.patience.within_deadline(
            lambda: self._disagreement(bill, paid), lambda found: not found
        )
        return story

    def _disagreement(self, bill: Bill, paid: Transaction) -> str:
        payments = self._bbps.payments_of(paid)
        if len(payments) != 1:
            return f"transaction says {paid.status}, payments with its id: {len(payments)}"
        payment = payments[0]
        return (
            self._payment_and_transaction(payment, paid)
            or self._receipt_and_payment(payment)
            or self._demand_and_payment(bill, payment)
            or self._bill_and_payment(bill, payment)
        )

    def _payment_and_transaction(self, payment: Payment, paid: Transaction) -> str:
        if payment.amount != paid.amount:
            return f"transaction says ₹ {paid.amount}, payment says ₹ {payment.amount}"
        return ""

    def _receipt_and_payment(self, payment: Payment) -> str:
        details = read(payment.raw, "paymentDetails")
        total = sum((rupees(each.get("totalAmountPaid")) for each in details), Decimal(0))
        if total != payment.amount:
            return f"payment says ₹ {payment.amount}, its receipts say ₹ {total}"
        return ""

    def _demand_and_payment(self, bill: Bill, payment: Payment) -> str:
        collected = sum(
            (rupees(detail.get("collectionAmount")) for detail in self._demand_details(bill)),
            Decimal(0),
        )
        if collected != payment.amount:
            return f"payment says ₹ {payment.amount}, demand says ₹ {collected} collected"
        return ""

    def _bill_and_payment(self, bill: Bill, payment: Payment) -> str:
        still_due = bills_in(self._bbps.fetch(bill.consumer_code, service=bill.business_service))
        due = sum((each.amount for each in still_due), Decimal(0))
        if due != bill.amount - payment.amount:
            return f"payment says ₹ {payment.amount} of ₹ {bill.amount}, bill says ₹ {due} due"
        return ""

    def _demand_details(self, bill: Bill) -> list[Any]:
        answer = self._bbps.client.call(
            "demand.search",
            as_=self._bbps.target.readers.demands,
            query={
                "tenantId": bill.tenant,
                "businessService": bill.business_service,
                "consumerCode": bill.consumer_code,
            },
        )
        return [
            detail
            for demand in read(answer.body, "Demands")
            for detail in read(demand, "demandDetails")
        ]
