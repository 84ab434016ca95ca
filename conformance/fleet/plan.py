"""What a fleet will do: the tasks of its cities, and what each needs of its deployment."""

import hashlib
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final

from conformance.core.errors import SetupError
from conformance.core.wording import plural
from conformance.fleet.inventory import Fleet, Member
from conformance.fleet.own_files import meaning_of
from conformance.fleet.sharing import CityShare, Load, Shard, origin_of, shares
from conformance.fleet.task import CityTask
from conformance.profile.target import Target
from conformance.results.estimate import Estimate
from conformance.results.manifest import checksum
from conformance.run.certify import collected
from conformance.run.config import RunConfig
from conformance.run.estimate import estimate
from conformance.scenarios.costs import Cost, costs_of

CITIES: Final = "cities"
WHOLE: Final = Shard()


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What is requested of every city; as the options of `certify` of the same name.

    `documents` are contracts of the user's own by their service, `scenarios` files and folders.
    `workers` cities are certified at the same time. `known_as` are the names of the production
    deployments that may be changed.
    """

    workers: int = 1
    jobs: int = 1
    depth: str = "standard"
    seed: int = 0
    only: tuple[str, ...] = ()
    documents: Mapping[str, Path] = field(default_factory=dict)
    scenarios: tuple[Path, ...] = ()
    gate: str = "must"
    known_as: tuple[str, ...] = ()
    split: bool = False
    settle: bool = False
    clean: bool = False
    shard: Shard = WHOLE

    @property
    def of_the_fleet(self) -> str:
        """What all shards have in common, as a text; own files lie elsewhere for each."""
        apart = replace(self, workers=1, known_as=(), settle=False, shard=WHOLE)
        return repr(replace(apart, documents={}, scenarios=()))

    def config(self) -> RunConfig:
        """Return the same for one run; SetupError for a value that no run can have."""
        return RunConfig(
            only=self.only,
            documents=self.documents,
            scenarios=self.scenarios,
            depth=self.depth,
            seed=self.seed,
            jobs=self.jobs,
            gate=self.gate,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetPlan:
    """The cities of this shard in the order of the file, and the share of each origin.

    `own` is a checksum of what the user's own contracts and scenarios say.
    """

    fleet: Fleet
    options: Options
    members: tuple[Member, ...]
    shares: Mapping[str, CityShare]
    own: str

    @property
    def checksum(self) -> str:
        """What distinguishes this fleet from one of other settings; the same for all shards."""
        said = f"{self.fleet.checksum} {self.options.of_the_fleet} {self.own}"
        return hashlib.sha256(said.encode()).hexdigest()

    @property
    def limits(self) -> dict[str, int]:
        """How many cities of each origin may be certified at the same time."""
        return {origin: share.cities for origin, share in self.shares.items()}

    def tasks(self, home: Path) -> list[CityTask]:
        """Return the task of each city, whose folder is below `home`."""
        options = self.options
        return [
            CityTask(
                city=member.city.name,
                profile=member.profile,
                origin=origin,
                folder=(home / CITIES / member.city.name).absolute(),
                rate=share.rate,
                in_flight=share.in_flight,
                meaning=_meaning(member.target),
                files=_files(member.target),
                documents=options.documents,
                scenarios=options.scenarios,
                own=self.own,
                depth=options.depth,
                seed=options.seed,
                jobs=options.jobs,
                only=options.only,
                gate=options.gate,
                known_as=member.city.name if member.city.name in options.known_as else "",
                split=options.split or options.settle,  # what is settled was left open
                settle=options.settle,
                clean=options.clean,
            )
            for member in self.members
            for origin in [origin_of(member.target.base_url)]
            for share in [self.shares[origin]]
        ]


def _meaning(target: Target) -> str:
    """Return a checksum of what a profile comes to; passwords are masked in what is summed."""
    return hashlib.sha256(target.model_dump_json().encode()).hexdigest()[:16]


def _files(target: Target) -> str:
    """Return a checksum of the files that verdicts depend on: waivers, and reviewed master data."""
    named = [each for each in (target.waivers, target.mdms.repository) if each]
    return hashlib.sha256("".join(map(_content, named)).encode()).hexdigest()[:16]


@cache
def _content(path: str) -> str:
    place = Path(path)
    files = sorted(place.rglob("*.json")) if place.is_dir() else [place]
    return "".join(f"{each.relative_to(place)} {checksum(each)}\n" for each in files)


@dataclass(frozen=True, slots=True, kw_only=True)
class CityNeeds:
    """What a city is expected to need: `rupees` it may pay at most, `seconds` it may take."""

    city: str
    origin: str
    requests: int
    rupees: Decimal
    seconds: float
    short: str = ""  # what it lacks, in a sentence


def plan_of(fleet: Fleet, options: Options) -> FleetPlan:
    """Return what a shard of a fleet will do; SetupError where it cannot."""
    options.config()
    members = options.shard.dealt(fleet.members)
    if not members:
        raise SetupError(
            f"shard {options.shard.number}/{options.shard.of} holds no city of {fleet.path}",
            remedy=f"use at most {plural(len(fleet.members), 'shard')}",
        )
    loads = [
        Load(
            origin=origin_of(member.target.base_url),
            rate=member.target.limits.requests_per_second,
            in_flight=member.target.limits.requests_in_flight,
            alone=bool(member.target.clock_url) and not member.target.embedded,
        )
        for member in fleet.members
    ]
    return FleetPlan(
        fleet=fleet,
        options=options,
        members=members,
        shares=shares(loads, options.shard, options.workers, options.jobs),
        own=meaning_of(options.documents, options.scenarios),
    )


def require_permitted(plan: FleetPlan) -> None:
    """Raise SetupError with every production deployment that would be changed without its name."""
    refused = [
        each.city.name
        for each in plan.members
        if each.target.production and each.target.mode.writes
        if each.city.name not in plan.options.known_as
    ]
    if refused:
        named = " ".join(f"--i-know-this-is {shlex.quote(each)}" for each in refused)
        raise SetupError(
            f"{', '.join(refused)}: of production, and would be changed, perhaps pay bills",
            remedy=f"if that is wanted, add {named}; otherwise set mode: inspect",
        )


def needs_of(plan: FleetPlan, latency: float) -> list[CityNeeds]:
    """Estimate what each city needs, where an answer takes `latency` seconds; sends nothing."""
    certification = collected(plan.options.config())
    checks = [each.check for each in certification.planned]
    # What scenarios cost depends on these two settings alone, and takes long to find out.
    played: dict[tuple[str, str], dict[str, Cost]] = {}
    needs = []
    for member in plan.members:
        origin = origin_of(member.target.base_url)
        share = plan.shares[origin]
        limits = member.target.limits.model_copy(
            update={"requests_per_second": share.rate, "requests_in_flight": share.in_flight}
        )
        target = member.target.model_copy(update={"limits": limits})
        kind = target.mode, target.bills.provision
        if kind not in played:
            played[kind] = costs_of(certification.played, target)
        found = estimate(
            checks,
            target,
            plan.options.depth,
            (),
            groups=certification.groups,
            jobs=plan.options.jobs,
            scenarios=played[kind],
            latency=latency,
        )
        needs.append(
            CityNeeds(
                city=member.city.name,
                origin=origin,
                requests=found.requests,
                rupees=min(found.wanted, found.cap) if found.pays else Decimal(0),
                seconds=found.seconds,
                short=_short(found),
            )
        )
    return needs


def seconds_of(needs: Sequence[CityNeeds], plan: FleetPlan) -> float:
    """Return what all cities take: as many at a time as there are workers, and shares allow."""
    if not needs:
        return 0.0
    alone: dict[str, float] = {}
    for each in needs:
        alone[each.origin] = alone.get(each.origin, 0.0) + each.seconds
    by_origin = (seconds / plan.limits[origin] for origin, seconds in alone.items())
    whole = sum(each.seconds for each in needs)
    return max(whole / plan.options.workers, *by_origin, max(each.seconds for each in needs))


def _short(found: Estimate) -> str:
    if found.left is not None and found.left < found.bills:
        return f"needs about {found.bills} bills, and its pool has {found.left}"
    if found.pays and found.left is None and found.wanted > found.cap:
        return f"would pay about ₹ {found.wanted:f}, and may pay ₹ {found.cap:f}"
    return ""
