"""What the service decides of a new transaction: its id, audit details, payer and addresses."""

from collections.abc import Mapping
from sqlite3 import Connection
from typing import Any, Final

from conformance.reference.billing.tables import next_number
from conformance.reference.platform.errors import Unhandled
from conformance.reference.platform.ids import transaction_id
from conformance.reference.platform.money_calls import NULL
from conformance.reference.platform.world import User, World
from conformance.reference.user.payers import payer_account

Document = dict[str, Any]


def next_id(world: World, db: Connection, requested: Document) -> str:
    """Return the id of a new transaction; faults count apart what it does not show."""
    sequence, today = "transaction", world.clock.moment().date()
    if world.faults.on("transaction-ids-restart-daily"):
        sequence += f" on {today}"
    if world.faults.on("transaction-ids-per-city"):
        sequence += f" of {requested['tenantId']}"
    id_ = transaction_id(world, next_number(db, sequence))
    if world.faults.on("transaction-ids-restart-daily"):
        id_ = id_.replace(f"{today:%Y_%m_%d}", f"{today:%Y}")
    return id_


def modified(world: World, user: User, now: int) -> Document:
    """Return who modified a new transaction last, and when: nobody yet."""
    already = world.variations.on("modified-at-creation")
    return {
        "lastModifiedBy": user["uuid"] if already else None,
        "lastModifiedTime": now if already else None,
    }


LONGEST_NAME: Final = 100  # characters that egov-user takes; collections takes more


def payer_of(world: World, requested: Mapping[str, Any]) -> Document:
    """Return the account of the payer named in a request; without one DIGIT meets a null."""
    if len(requested["name"]) > LONGEST_NAME:
        raise Unhandled(NULL)
    account = payer_account(
        world, requested["name"], requested["mobileNumber"], requested["emailId"]
    )
    return without_id(account) if world.lineage.payer_number_hidden else account


def without_id(account: Document) -> Document:
    """Return an account without its number, which some lineages do not show."""
    return {key: value for key, value in account.items() if key != "id"}


def address(transaction: Document, *, nothing_to_pay: bool) -> None:
    """Point callback and redirect to the transaction; nothing to pay needs no redirect."""
    joint = "&" if "?" in transaction["callbackUrl"] else "?"
    transaction["callbackUrl"] += f"{joint}eg_pg_txnid={transaction['txnId']}"
    if not nothing_to_pay:
        gateway, id_ = transaction["gateway"].lower(), transaction["txnId"]
        transaction["redirectUrl"] = f"https://{gateway}.example/pay?vpc_MerchTxnRef={id_}"
