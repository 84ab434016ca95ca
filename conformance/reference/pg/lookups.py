"""Which transaction an update names; the faults that take another one for it, or none at all."""

from collections.abc import Iterable, Iterator, Mapping
from sqlite3 import Connection
from typing import Any, Final

from conformance.reference.payment_gateways.outcomes import ID_PARAMETERS, transaction_id
from conformance.reference.pg import tables
from conformance.reference.pg.tables import Stored
from conformance.reference.platform.errors import ServiceProblem
from conformance.reference.platform.world import Call, World

WITHOUT_ID: Final = ("MISSING_UPDATE_TXN_ID", "Cannot process request, missing transaction id")
UNKNOWN: Final = ("TXN_UPDATE_NOT_FOUND", "Transaction not found")
OWN_PREFIX: Final = "PB_PG_"
CHECK_DIGITS: Final = 3  # characters at the end of an id


def named(world: World, parameters: Mapping[str, str]) -> Stored | None:
    """Return the transaction that an update names.

    None where a fault takes an update that names none; else ServiceProblem says what is wrong.
    """
    on, id_ = world.faults.on, transaction_id(parameters)
    if id_ is None:
        refuse_unless(on("update-without-id-accepted"), WITHOUT_ID)
        return None
    if "," in id_ and on("owner-check-of-a-list"):
        id_ = id_.partition(",")[0]
    with world.store.transaction() as db:
        unseen = world.lineage.judges_apart and tables.on_its_way(db, id_)
        stored = None if unseen else tables.find(db, id_) or nearly_named(world, db, id_)
    if stored is None:
        lax = (
            (id_ == "" and on("empty-id-accepted"))
            or (id_ != "" and not id_.strip() and on("blank-id-accepted"))
            or (id_.startswith(OWN_PREFIX) and on("well-formed-unknown-accepted"))
            or on("update-of-unknown-accepted")
        )
        refuse_unless(lax, UNKNOWN)
    return stored


def refuse_unless(lax: bool, problem: tuple[str, str]) -> None:
    """Refuse an update that names no transaction, unless a fault takes it."""
    if not lax:
        raise ServiceProblem(problem)


def nearly_named(world: World, db: Connection, id_: str) -> Stored | None:
    """Return the transaction that a fault takes for the one that is named."""
    on = world.faults.on
    if len(id_) > CHECK_DIGITS and on("check-digits-overlooked"):
        return tables.alike(db, f"{id_[:-CHECK_DIGITS]}%")
    if id_.strip() and on("id-is-a-pattern"):
        return tables.alike(db, id_)
    return None


def tidied(world: World, parameters: Mapping[str, str]) -> Stored | None:
    """Return the transaction that an id names once it is tidied up; a fault finds it so."""
    id_ = transaction_id(parameters) or ""
    if id_ == id_.strip().upper() or not world.faults.on("owner-check-of-tidy-ids"):
        return None
    with world.store.transaction() as db:
        return tables.find(db, id_.strip().upper())


def other(world: World, call: Call, parameters: Mapping[str, str], stored: Stored) -> Stored:
    """Return the transaction that is updated: the one that was looked at, but for a fault."""
    on, id_ = world.faults.on, stored.document["txnId"]
    texts: list[Iterable[str]] = []
    if {id_} != set(parameters.values()) and on("owner-check-of-one-id"):
        texts.append(parameters.values())
    if any(values[1:] for values in call.query.values()) and on("owner-check-of-first-value"):
        texts.append(values[-1] for values in call.query.values())
    if call.body and on("id-of-the-body-updated"):
        texts.append(texts_in(call.body))
    if "," in (transaction_id(parameters) or "") and on("owner-check-of-a-list"):
        texts.append((transaction_id(parameters) or "").split(","))
    with world.store.transaction() as db:
        found = [tables.find(db, text) for each in texts for text in each if text != id_]
    return next((each for each in found if each), stored)


def texts_in(node: Any) -> Iterator[str]:
    """Yield each text that stands in a body under a name that is one of an id."""
    names = {"txnId", *ID_PARAMETERS}
    for key, value in node.items() if isinstance(node, dict) else ():
        if key in names and isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from (text for each in value for text in texts_in(each))
        else:
            yield from texts_in(value)
