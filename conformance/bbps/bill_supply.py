"""Bills for the checks: raised where the profile lets us, or taken from what it lists.

Each verb establishes a precondition and ends inconclusive when the deployment does not let it.
"""

from decimal import Decimal
from typing import Any

from conformance.bbps.bill_lots import BillLots
from conformance.bbps.clock import Clock
from conformance.bbps.models import Bill, bill_in, bills_in
from conformance.bbps.provisioning import Provisioning
from conformance.bbps.searches import Searches
from conformance.client.client import Client
from conformance.core.sharing import made_for_all
from conformance.core.verdicts import Inconclusive
from conformance.profile.target import Service


class BillSupply(Searches):
    """Provides unpaid bills for one run; a view of it serves one check."""

    def __init__(self, client: Client, run: str) -> None:
        super().__init__(client)
        self.run = run
        self.clock = Clock(client)
        self.provision = Provisioning(client, client.policy.ledger, run, self.clock)
        self._lots = BillLots()

    @property
    def check(self) -> str:
        """The check that the calls belong to, or the set-up."""
        return self.client.check

    def new_bill(
        self,
        *,
        amount: Decimal | None = None,
        service: str | None = None,
        tax_head: str | None = None,
        tenant: str | None = None,
        valid_days: int = 0,
    ) -> Bill:
        """Provide an unpaid bill (amount in rupees), payable `valid_days` beyond today.

        Demands are raised and bills fetched for several checks at a time: see `core.sharing`.
        """
        with made_for_all() as exchanges:
            try:
                return self._new_bill(amount, service, tax_head, tenant, valid_days)
            except Inconclusive:
                for each in exchanges:
                    self.client.cite(self.check, each)
                raise

    def _new_bill(
        self,
        amount: Decimal | None,
        service: str | None,
        tax_head: str | None,
        tenant: str | None,
        valid_days: int,
    ) -> Bill:
        bills, tenant = self.target.bills, tenant or self.target.tenant
        service = service or bills.business_service
        code = self.provision.code_with_bill(
            amount=amount,
            service=service,
            tax_head=tax_head or bills.tax_head,
            tenant=tenant,
            valid_days=valid_days,
        )
        place: dict[str, Any] = {"service": service, "tenant": tenant}
        lot = () if valid_days else self.provision.lot_of(code)
        bill = self._lots.take(code, lot, lambda codes: self.fetch(codes, **place))
        if bill is None or self.clock.soon(bill.expires_at):
            return self.offered(code, **place)
        return bill

    def offered(
        self, code: str, *, service: str, tenant: str, amount: Decimal | None = None
    ) -> Bill:
        """Have the bill that is offered for a consumer code, once one is, over `amount` if given.

        A bill over another amount is returned when the deadline has passed.
        """
        response, found = self.polling.within_deadline(
            lambda: self.fetch(code, service=service, tenant=tenant),
            lambda response: (
                not (response.succeeded or response.refused)
                or response.turned_away
                or any(amount in {None, each.amount} for each in bills_in(response))
            ),
        )
        found = found or bool(bills_in(response))
        if not found or not response.succeeded:
            raise Inconclusive(
                f"no payable bill could be fetched for {code}: {response.description}",
                response.missing_grant
                or "see whether fetchBill works for the bills.business_service of the profile",
            )
        bill = bill_in(response)
        if self.clock.steps_over(bill.expires_at):  # midnight, for any check
            return next(iter(self.bills_for(bill)), bill)
        return bill

    def bill_of(self, service: Service, **terms: Any) -> Bill:
        """Provide an unpaid bill of a business service; `terms` are those of `new_bill`."""
        return self.new_bill(service=service.business_service, tax_head=service.tax_head, **terms)

    def raise_demand(self, code: str) -> None:
        """Raise a demand of the profile's amount for a consumer code."""
        bills = self.target.bills
        self.provision.demand(
            code,
            amount=bills.amount,
            service=bills.business_service,
            tax_head=bills.tax_head,
            tenant=self.target.tenant,
        )

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
