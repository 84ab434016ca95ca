"""The needs by the names that the register uses for them: what the doctor looks for, and how."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from conformance.bbps import needs, trials
from conformance.bbps.flow import Bbps
from conformance.bbps.needs import SECOND_DAY
from conformance.bbps.reach import (
    four_actions,
    four_services,
    reaching,
    reading_back,
    token_of,
)
from conformance.mdms.served import master, served
from conformance.profile.target import REQUIREMENT_OF_MODE

# The names that the register uses, besides rights; see `right`.
NEEDS: Final[Mapping[str, Callable[[Bbps], object]]] = {
    "write": trials.writing,
    "money": trials.money,
    "integrator": partial(token_of, actor="integrator"),
    "administrator": partial(token_of, actor="administrator"),
    "cashier": partial(token_of, actor="cashier"),
    "citizen": partial(token_of, actor="citizen"),
    "the four actions": four_actions,
    "the four services": four_services,
    "second-system-user": partial(token_of, actor="rival"),
    "second-egress": needs.second_address,
    "address binding": needs.address_binding,
    "own-address": lambda bbps: bbps.target.white_listed_address,
    "second-tenant": lambda bbps: bbps.target.second_city,
    "mdms-read or repository": needs.role_masters,
    "listed actions": needs.listed_actions,
    "mdms-read": lambda bbps: served(bbps.client),
    "repository": needs.repository,
    "bill": trials.bill,
    "taken transaction": trials.taken_transaction,
    "transaction": trials.transaction,
    "outcome channel": trials.channel,
    "outcome-failure": trials.failure,
    "outcome-success": trials.success,
    SECOND_DAY: needs.another_day,
    **{f"mode {mode}": partial(needs.taking, mode=mode) for mode in REQUIREMENT_OF_MODE},
    "cash": needs.cash,
    "added modes": needs.added_modes,
    "taken transaction where allowed": partial(
        needs.by_transaction, trial=trials.taken_transaction
    ),
    "outcome-success where allowed": partial(needs.by_transaction, trial=trials.success),
    "disallowed mode of transactions": needs.transactions_and_none,
    "part payment": needs.part_payment,
    "no part payment": partial(needs.refusing, less=True),
    "no advance payment": partial(needs.refusing, more=True),
    "replaced bill": needs.replaced_bill,
    "disallowed mode": needs.disallowing,
    "tax heads": lambda bbps: master(bbps.client, "BillingService", "TaxHeadMaster"),
    "second business service": needs.second_service,
    "inactive gateway": needs.inactive_gateway,
    "transaction-search": partial(reading_back, operation="transaction.search"),
    "payment-search": partial(reading_back, operation="payment.module-search"),
    "bill-search": partial(reading_back, operation="bill.search"),
    "demand-search": partial(reading_back, operation="demand.search"),
}


def need(name: str) -> Callable[[Bbps], object]:
    """Return the need of a name; KeyError if there is none."""
    if found := right(name):
        return partial(reaching, operation=found[0], actors=found[1])
    return NEEDS[name]


def right(name: str) -> tuple[str, tuple[str, ...]] | None:
    """Return operation and actors of a right, `OPERATION by ACTOR or ACTOR`; None if it is none."""
    operation, by, actors = name.partition(" by ")
    return (operation, tuple(actors.split(" or "))) if by else None
