"""What a check prepared on one day for another: as it is kept in the journal of an open run."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from typing import Any, Self

from conformance.bbps.models import Bill, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class DeferredCase:
    """What a check prepared: a bill, perhaps with a transaction that `owner` (a user) created.

    It is taken up at `due` or later, and not after `until`, if that is not 0; in epoch ms.
    `tried` says that a part of the run took it up, and may have used it up without a verdict.
    """

    bill: Bill
    transaction: Transaction | None
    owner: str
    due: int
    until: int
    tried: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return what the journal keeps; nothing personal, and nothing secret."""
        things = {"bill": self.bill, "transaction": self.transaction}
        kept = {name: _plain(thing) for name, thing in things.items() if thing is not None}
        return kept | {
            "owner": self.owner,
            "due": self.due,
            "until": self.until,
            "tried": self.tried,
        }

    @property
    def transactions(self) -> tuple[str, ...]:
        """The ids of transactions that have to stay pending."""
        return () if self.transaction is None else (self.transaction.id,)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Rebuild a case from `as_json`."""
        bill = Bill(**_rebuilt(content["bill"]))
        transaction = content.get("transaction")
        return cls(
            bill=bill,
            transaction=Transaction(**_rebuilt(transaction)) if transaction else None,
            owner=content["owner"],
            due=content["due"],
            until=content["until"],
            tried=content.get("tried", False),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PausedCase:
    """Where a scenario stopped for another day: at `step`, on `day`, with its variables.

    It continues at `due` (epoch ms) or later. `transactions` are the statuses that it left, by id,
    and `owner` is the user who created them; `bills` have to stay due. `tried` says that a part of
    the run took it up.
    """

    step: int
    day: int
    values: Mapping[str, Any]
    transactions: Mapping[str, str]
    bills: tuple[Bill, ...]
    owner: str
    due: int
    until: int = 0
    tried: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return what the journal keeps; nothing secret."""
        return asdict(self) | {"bills": [_plain(each) for each in self.bills]}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Rebuild a case from `as_json`."""
        known = {each.name: content[each.name] for each in fields(cls) if each.name in content}
        bills = tuple(Bill(**_rebuilt(each)) for each in content["bills"])
        return cls(**{**known, "bills": bills})


def case_from_json(content: Mapping[str, Any]) -> DeferredCase | PausedCase:
    """Rebuild a case of either kind."""
    return (PausedCase if "values" in content else DeferredCase).from_json(content)


def _plain(thing: Bill | Transaction) -> dict[str, Any]:
    kept = {name: value for name, value in asdict(thing).items() if name != "raw"}
    return kept | {"amount": None if thing.amount is None else f"{thing.amount:f}"}


def _rebuilt(content: Mapping[str, Any]) -> dict[str, Any]:
    amount = content["amount"]
    return {**content, "amount": None if amount is None else Decimal(amount), "raw": {}}
