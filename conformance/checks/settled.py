"""Bills that were paid through BBPS: the same for all checks that look at what came of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from conformance.bbps.flow import SUCCESS, Bbps
from conformance.bbps.models import Bill, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Bills, and the successful transaction that paid them."""

    bills: Sequence[Bill]
    transaction: Transaction

    @property
    def bill(self) -> Bill:
        """The only bill, or the first."""
        return self.bills[0]


def settled(
    bbps: Bbps,
    name: str,
    bills: Callable[[], Sequence[Bill]],
    create: Callable[[Sequence[Bill]], Transaction],
) -> Settled:
    """Have bills paid by a transaction, once a run for each name.

    `create` creates the transaction that pays them.
    """

    def pay() -> Settled:
        provided = bills()
        return Settled(bills=provided, transaction=bbps.finish(create(provided), SUCCESS))

    return bbps.made_once(f"bills that were paid: {name}", pay)
