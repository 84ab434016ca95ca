"""How a reference deployment is to behave: address, lineage, faults and options."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


class BadSetting(Exception):
    """The reference cannot start like that; the message names value and remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What may be set; times in milliseconds, shares from 0 to 1."""

    host: str = "127.0.0.1"
    port: int = 0  # 0 takes a free one
    lineage: str = "strict"
    faults: tuple[str, ...] = ()
    variations: tuple[str, ...] = ()
    latency_ms: int = 0
    lag_ms: int | None = None  # between a write and its sight; None here and below: the lineage's
    mdms_open: bool | None = None  # whether master data is served without a token
    no_action: tuple[str, ...] | None = None  # paths that no role opens
    no_service: tuple[str, ...] | None = None  # services that are not deployed
    down: tuple[str, ...] = ()  # services that do not run
    gateways: tuple[str, ...] | None = None  # that transactions may use
    zone: str | None = None  # of the services' clocks, e.g. UTC
    clock_ms: int | None = None  # where a virtual clock starts; None starts it now
    db: Path | None = None  # None keeps state in memory
    log_exchanges: Path | None = None
    noise: float = 0.0  # share of answers lost or mangled on the way
    noise_seed: int = 0
    spoil: str = ""  # how a proxy before it spoils all answers
    rate_limit: int | None = None  # requests per second, for all callers together
    allowed_addresses: tuple[str, ...] = ("127.0.0.1",)  # from which SYSTEM users may call
    client_secret: str = ""  # of the client that requests tokens; empty as in stock
    passwords: Mapping[str, str] = field(default_factory=dict)  # of seeded people, by user name
    mdms_data: Path | None = None  # folder of master data in place of the shipped
    seed_data: Path | None = None  # people and demands that are there from the start
    simulator_url: str = ""  # where AXIS, PAYU and PAYTM request a status
