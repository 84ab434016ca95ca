"""Identifiers and numbers that services give, in the form that the deployment's variations say."""

import secrets
import uuid

from conformance.reference.platform.world import World


def new_id(world: World) -> str:
    """Return a new identifier of a bill, a payment or an account: a uuid."""
    if world.variations.on("numeric-ids"):
        return str(10**17 + secrets.randbelow(10**17))
    if world.variations.on("long-ids"):
        return secrets.token_hex(32)
    return str(uuid.uuid4())


def transaction_id(world: World, number: int) -> str:
    """Return the id of a transaction that has a number: prefix, day, number and check digits."""
    if world.variations.on("transaction-ids-uuid"):
        return str(uuid.uuid4())
    if world.variations.on("transaction-ids-numeric"):
        return f"{world.clock.now()}{number:06d}"
    day = world.clock.moment().strftime("%Y_%m_%d")
    return f"PB_PG_{day}_{number:06d}_{number * 37 % 100:02d}"


def receipt_number(world: World, number: int) -> str:
    """Return the number of a receipt: month, financial year and a padded sequence."""
    if world.variations.on("receipt-numbers-uuid"):
        return str(uuid.uuid4())
    today = world.clock.moment()
    first = today.year if today.month >= 4 else today.year - 1
    if world.variations.on("receipt-numbers-numeric"):
        return f"{first}{today.month:02d}{number:010d}"
    if world.variations.on("receipt-numbers-long"):
        return f"PB/AMRITSAR/COLLECTION/{first}-{first + 1}/{today.month:02d}/RECEIPT/{number:012d}"
    if world.variations.on("receipt-numbers-with-signs"):
        return f"R. No. {number}/{first}-{(first + 1) % 100:02d} (A+B)"
    return f"{today.month:02d}/{first}-{(first + 1) % 100:02d}/{number:06d}"


def new_token(world: World) -> str:
    """Return a new token, which says nothing to its bearer."""
    if world.variations.on("tokens-signed"):
        return ".".join(secrets.token_urlsafe(size) for size in (30, 400, 64))
    if world.variations.on("tokens-base64"):
        return f"{secrets.token_urlsafe(24)}+/{secrets.token_urlsafe(24)}=="
    return str(uuid.uuid4())
