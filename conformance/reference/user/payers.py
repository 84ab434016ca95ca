"""Who pays: the citizen account that DIGIT finds, or keeps, for a name and a mobile number."""

import uuid
from collections.abc import Mapping
from typing import Any, Final

from conformance.reference.platform.world import World
from conformance.reference.user.accounts import public

SCHEMA: Final = (
    """
    CREATE TABLE IF NOT EXISTS payers (
      number INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL, name TEXT NOT NULL,
      mobile TEXT NOT NULL, email TEXT, UNIQUE (name, mobile)
    )
    """,
)


def payer_account(world: World, name: str, mobile: str, email: str | None = None) -> dict[str, Any]:
    """Return `{id, uuid, name, userName, mobileNumber, emailId, tenantId}` of a payer.

    A citizen of that name and number, else a payer without a login, entered at first sight.
    """
    row = world.store.row(
        "SELECT * FROM users WHERE type = 'CITIZEN' AND mobile = ? AND name = ?", mobile, name
    )
    if row is not None:
        return payer_fields(public(row))
    with world.store.transaction() as db:
        db.execute(
            "INSERT INTO payers (uuid, name, mobile, email) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (name, mobile) DO NOTHING",
            (str(uuid.uuid4()), name, mobile, email),
        )
    kept = world.store.row("SELECT * FROM payers WHERE name = ? AND mobile = ?", name, mobile)
    assert kept is not None
    return {
        "id": 1_000_000 + kept["number"],
        "uuid": kept["uuid"],
        "name": name,
        "userName": name,
        "mobileNumber": mobile,
        "emailId": kept["email"],
        "tenantId": world.masters.state,
    }


def payer_fields(user: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a transaction keeps of a user."""
    names = ("id", "uuid", "name", "userName", "mobileNumber", "emailId", "tenantId")
    return {key: user[key] for key in names}
