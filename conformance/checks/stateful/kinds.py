"""Kinds of bills and payers on which traces are executed: the rules are the same on all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any, Final

from conformance.bbps.dimensions.bills import BILL
from conformance.bbps.flow import Bbps
from conformance.bbps.models import Bill

Fields = Mapping[str, Any]
PLAIN: Final = BILL.values["one demand"]

OTHER_PAYER: Final = {
    "name": "Another payer",
    "mobileNumber": "9812345671",
    "userName": "9812345671",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How a bill is provided, and what else the payer and the fields of a transaction are.

    A `costly` one is drawn for random traces at depth deep only.
    """

    bill: Callable[[Bbps], Bill] = PLAIN
    payer: Fields = field(default_factory=dict)
    fields: Fields = field(default_factory=dict)
    costly: bool = False

    def changes(self, bbps: Bbps, bill: Bill) -> Fields:
        """Return the fields of a transaction that are not as usual."""
        if not self.payer:
            return self.fields
        usual = bbps.transaction_request(bill, bill.amount)["user"]
        return {**self.fields, "user": {**usual, **self.payer}}


KINDS: Final[Mapping[str, Kind]] = {  # each differs from a plain one in all that goes together
    "the bill has periods, tax heads and a rebate": Kind(
        bill=BILL.values["three periods with everything"]
    ),
    "another business service": Kind(
        bill=partial(BILL.values["another business service"], amount=Decimal(7))
    ),
    "another owner and another payer": Kind(
        bill=BILL.values["an owner other than the payer"], payer=OTHER_PAYER
    ),
    "a great amount, with details": Kind(
        bill=partial(PLAIN, amount=Decimal(1001)),
        fields={"additionalDetails": {"channel": "INT"}},
        costly=True,
    ),
}
ORDINARY: Final = Kind()
