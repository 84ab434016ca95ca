"""How cities of one deployment share its limits: each has a fixed part, so nothing is counted.

Cities that are certified at the same time, in any process or on any machine, together never send
more than the profile lets one run send.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import urlsplit

from conformance.core.errors import SetupError
from conformance.profile.this_machine import host_of

SLOWEST: Final = 0.01  # requests per second; limits.requests_per_second takes no less
PORTS: Final = {"http": 80, "https": 443}
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Shard:
    """One of several parts of a fleet, which are run apart; `number` counts from 1."""

    number: int = 1
    of: int = 1

    def dealt(self, items: Sequence[Item]) -> tuple[Item, ...]:
        """Return the items of this shard: they are dealt in turn, in the order of the file."""
        return tuple(items[self.number - 1 :: self.of])


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What one city would use of its deployment: requests per second, and in flight.

    `alone` says that no other city may be certified at the same time, because a run moves the
    clock of the deployment: as only a reference lets it.
    """

    origin: str
    rate: float
    in_flight: int
    alone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CityShare:
    """The part of each city of an origin, of which `cities` are certified at the same time."""

    cities: int
    rate: float
    in_flight: int


def shard_of(text: str, environ: Mapping[str, str]) -> Shard:
    """Return the shard that `I/N`, `auto/N` or `auto` names; SetupError.

    `auto` is read from the environment: CI_NODE_INDEX and CI_NODE_TOTAL of GitLab (from 1), or
    JOB_COMPLETION_INDEX of an Indexed Job of Kubernetes (from 0), which does not say N.
    """
    found = re.fullmatch(r"(?:(\d{1,6})|auto)(?:/(\d{1,6}))?", text)
    if found is None or (found[1] and not found[2]):
        raise _unusable(text, "write I/N, such as 2/8, or auto/N, or auto")
    number, of = found[1], found[2]
    if number is None:
        number, total = _from_the_environment(environ)
        if of and total and int(of) != int(total):
            raise _unusable(text, f"CI_NODE_TOTAL is {total}: write auto, or the same number")
        of = of or total
        if not of:
            raise _unusable(text, "write auto/N: the environment does not say how many there are")
    if not 1 <= int(number) <= int(of):
        raise _unusable(text, f"shard {number} is none of 1 to {of}")
    return Shard(int(number), int(of))


def _from_the_environment(environ: Mapping[str, str]) -> tuple[str, str]:
    """Return number and total of the shard, the total empty where nothing says it; SetupError."""
    for name, first in (("CI_NODE_INDEX", 1), ("JOB_COMPLETION_INDEX", 0)):
        index = environ.get(name, "")
        if index:
            if not index.isascii() or not index.isdigit():
                raise SetupError(f"--shard auto: {name} is {index!r}", remedy="it must be a number")
            total = environ.get("CI_NODE_TOTAL", "") if first else ""
            return str(int(index) + 1 - first), total if total.isdigit() else ""
    raise SetupError(
        "--shard auto: neither CI_NODE_INDEX nor JOB_COMPLETION_INDEX is set",
        remedy="write --shard I/N",
    )


def origin_of(base_url: str) -> str:
    """Return which deployment a base URL is of: scheme, host and port, or the word embedded.

    It is the same however the host is written; all names and addresses of this machine are one.
    """
    parts = urlsplit(base_url)
    if not parts.hostname:
        return base_url
    name = host_of(base_url)
    host = f"[{name}]" if ":" in name else name
    return f"{parts.scheme}://{host}:{parts.port or PORTS.get(parts.scheme, 0)}"


def shares(loads: Sequence[Load], shard: Shard, workers: int, jobs: int) -> dict[str, CityShare]:
    """Return the share of each city of an origin that this shard holds, by origin.

    `loads` are those of all cities of the fleet; of one origin the least holds. `workers` cities
    are certified at the same time, with `jobs` checks each. SetupError where there are more shards
    than the limits of an origin can be divided into.
    """
    by_origin: dict[str, list[Load]] = {}
    holding: dict[str, set[int]] = {}
    for place, each in enumerate(loads):
        by_origin.setdefault(each.origin, []).append(each)
        holding.setdefault(each.origin, set()).add(place % shard.of)
    here = Counter(each.origin for each in shard.dealt(loads))
    return {
        origin: _share(by_origin[origin], len(holding[origin]), min(workers, cities), jobs)
        for origin, cities in here.items()
    }


def _share(loads: Sequence[Load], shards: int, cities: int, jobs: int) -> CityShare:
    """Divide the limits of an origin by the shards that hold cities of it, then by the cities."""
    rate = min(each.rate for each in loads) / shards
    in_flight = min(each.in_flight for each in loads) // shards
    if in_flight < 1 or rate < SLOWEST:
        origin = loads[0].origin
        raise SetupError(
            f"{shards} shards hold cities of {origin}, and its limits cannot be divided so often",
            remedy="use fewer shards, or raise limits.requests_in_flight or requests_per_second",
        )
    if any(each.alone for each in loads):
        if shards > 1:
            raise SetupError(
                f"{shards} shards hold cities of {loads[0].origin}, and runs move its clock",
                remedy="leave clock_url out of the profile, or use one shard",
            )
        cities = 1
    cities = max(1, min(cities, in_flight // jobs, int(rate / SLOWEST)))
    return CityShare(cities=cities, rate=max(rate / cities, SLOWEST), in_flight=in_flight // cities)


def _unusable(text: str, remedy: str) -> SetupError:
    return SetupError(f"--shard {text!r} names no shard", remedy=remedy)
