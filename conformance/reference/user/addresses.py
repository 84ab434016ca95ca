"""Where a SYSTEM user may call from: the white-listed peer addresses, whatever a header claims."""

from typing import Final

from conformance.reference.platform.world import Call, World

FORWARDING: Final = ("x-forwarded-for", "x-real-ip", "forwarded", "true-client-ip", "client-ip")
# What proxies of one product or provider set for their own services.
OF_AN_EDGE: Final = ("x-envoy-external-address", "cf-connecting-ip", "x-original-forwarded-for")


def address_allowed(world: World, user_type: str, call: Call, *, use: str) -> bool:
    """Whether a SYSTEM user may log in (`use="login"`) or use a token from the peer's address."""
    if user_type != "SYSTEM":
        return True
    address = _edge_address(world, call, use) or _forwarded_address(world, call, use) or call.peer
    allowed = address in world.settings.allowed_addresses
    return allowed or world.faults.on(f"{use}-from-anywhere")


def claims_elsewhere(world: World, call: Call) -> bool:
    """Whether a forwarding header names an address that is not white-listed."""
    claimed = next((call.headers[name] for name in FORWARDING if name in call.headers), "")
    named = claimed.removeprefix("for=").partition(",")[0].strip()
    return bool(named) and named not in world.settings.allowed_addresses


def _edge_address(world: World, call: Call, use: str) -> str:
    claimed = next((call.headers[name] for name in OF_AN_EDGE if name in call.headers), "")
    if claimed and world.faults.on("edge-header-shuts-out"):
        return claimed
    believed = claimed in world.settings.allowed_addresses
    return claimed if believed and world.faults.on(f"edge-header-opens-{use}") else ""


def _forwarded_address(world: World, call: Call, use: str) -> str:
    claimed = next((call.headers[name] for name in FORWARDING if name in call.headers), "")
    if not claimed:
        return ""
    allowed = world.settings.allowed_addresses
    named = claimed.removeprefix("for=").partition(",")[0].strip()
    if world.faults.on("forwarding-header-shuts-out"):
        return named
    last = claimed.rpartition(",")[2].strip()
    if "," in claimed and last in allowed and world.faults.on("forwarding-chain-believed"):
        return last
    host = named.rpartition(":")[0]
    if host in allowed and world.faults.on("forwarded-address-with-port-believed"):
        return host
    if named.startswith("10.") and world.faults.on("private-address-believed"):
        return allowed[0]
    return named if named in allowed and world.faults.on(f"forwarding-header-opens-{use}") else ""
