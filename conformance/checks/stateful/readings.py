"""What a trace reads back: transactions with their receipts, payments, what is offered."""

from dataclasses import dataclass

from conformance.bbps.flow import Bbps
from conformance.bbps.models import Bill, Payment, Transaction, bills_in
from conformance.checks.controls import taken
from conformance.checks.expect import description, state


@dataclass(frozen=True, slots=True)
class Observation:
    """A transaction with its receipts, as both read at one time."""

    transaction: Transaction
    receipts: tuple[str, ...]

    @property
    def status(self) -> str:
        """The status of the transaction."""
        return self.transaction.status

    @property
    def state(self) -> tuple[object, ...]:
        """What must not change once the transaction has ended."""
        return (*state(self.transaction), self.receipts)

    @property
    def description(self) -> str:
        """The transaction and its receipts, for a sentence."""
        return f"{description(self.transaction)}, receipts: {', '.join(self.receipts) or 'none'}"


class Readings:
    """What a deployment shows of the consumer codes of a trace. Inconclusive where it does not."""

    def __init__(self, bbps: Bbps) -> None:
        self._bbps = bbps

    def of(self, transaction: str) -> Observation:
        """Read a transaction, by its id, and the receipts that name it."""
        return self.receipts_of(Observation(self._bbps.transaction(transaction), ()))

    def again(self, seen: Observation) -> Observation:
        """Read a transaction again, and not its receipts."""
        return Observation(self._bbps.transaction(seen.transaction.id), seen.receipts)

    def receipts_of(self, seen: Observation) -> Observation:
        """Read the receipts of a transaction again."""
        payments = self._bbps.payments_of(seen.transaction)
        numbers = tuple(number for each in payments for number in each.receipt_numbers)
        return Observation(seen.transaction, numbers)

    def listed(self, bill: str) -> dict[str, str]:
        """Search the transactions of a bill: the status of each id."""
        return {each.id: each.status for each in self._bbps.transactions(billId=bill)}

    def standing(self, bill: Bill) -> list[Payment]:
        """Search the payments of a bill that nobody has cancelled."""
        found = self._bbps.payments_of_bill(bill)
        return [each for each in found if each.status not in {"CANCELLED", "DISHONOURED"}]

    def offered(self, bill: Bill, actor: str) -> list[Bill]:
        """Fetch, as an actor, what is offered for the consumer code of a bill."""
        response = self._bbps.fetch(
            bill.consumer_code, service=bill.business_service, tenant=bill.tenant, as_=actor
        )
        found = bills_in(response) if taken(response, "fetchBill") else []
        return [each for each in found if each.consumer_code == bill.consumer_code]
