"""`mdms lint`: everything that is wrong with the master data of a checkout."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from conformance.core.verdicts import Inconclusive
from conformance.mdms import access_rules as access
from conformance.mdms import billing_rules as billing
from conformance.mdms.checkout import Checkout
from conformance.mdms.forms import file_flaws, form_flaws
from conformance.mdms.masters import MASTERS, Masters
from conformance.mdms.rules import Flaw, Severity, flaw


@dataclass(frozen=True, kw_only=True)
class Expectations:
    """What the master data is for.

    `role` is that of BBPS, `allowed` the URLs that it may have beyond the four, `services` those
    that BBPS bills: what hinders them is an error. Tax periods must hold `day`.
    """

    role: str
    day: date
    allowed: frozenset[str] = field(default_factory=frozenset)
    services: frozenset[str] = field(default_factory=frozenset)


Rule = Callable[[Masters, Expectations, str], Iterator[Flaw]]
# Master -> what is examined where a tenant has its file.
EXAMINED: Final[Mapping[str, tuple[Rule, ...]]] = {
    "roles.json": (
        lambda masters, *_: access.role_flaws(masters),
        lambda masters, *_: access.unused_roles(masters),
    ),
    "roleactions.json": (
        lambda masters, _, tenant: access.grant_flaws(masters, tenant),
        lambda masters, *_: access.unknown_roles(masters),
        lambda masters, *_: access.unknown_actions(masters),
        lambda masters, meant, _: access.bbps_extras(masters, meant.role, meant.allowed),
    ),
    "actions-test.json": (
        lambda masters, *_: access.action_flaws(masters),
        lambda masters, *_: access.repeated_urls(masters),
        lambda masters, *_: access.unused_actions(masters),
    ),
    "BusinessService.json": (
        lambda masters, *_: billing.service_flaws(masters),
        lambda masters, *_: billing.services_without_heads(masters),
        lambda masters, meant, _: billing.services_without_periods(masters, meant.day),
    ),
    "TaxHeadMaster.json": (
        lambda masters, *_: billing.head_flaws(masters),
        lambda masters, *_: billing.unknown_services(
            masters, "TaxHeadMaster.json", "tax-head-unknown-service"
        ),
    ),
    "TaxPeriod.json": (
        lambda masters, *_: billing.period_flaws(masters),
        lambda masters, *_: billing.unknown_services(
            masters, "TaxPeriod.json", "period-unknown-service"
        ),
    ),
}
# What is examined once, for the state.
OF_THE_STATE: Final[tuple[Rule, ...]] = (
    lambda masters, meant, _: access.bbps_role_flaws(masters, meant.role),
    lambda masters, meant, _: billing.missing_services(masters, meant.services),
)
# What keeps the bills of a service from being paid by BBPS.
HINDERING: Final = frozenset({
    "service-no-tax-head", "service-no-period", "period-not-current", "service-no-online",
})  # fmt: skip


def lint(checkout: Checkout, meant: Expectations) -> list[Flaw]:
    """Return every flaw, by file and line; what rests on a file that cannot be read is left out."""
    flaws = [*file_flaws(checkout)]
    for city in ("", *checkout.cities):
        tenant = f"{checkout.state}.{city}" if city else checkout.state
        masters = checkout.masters(city)
        for file in MASTERS:
            if checkout.path(file, city).is_file():
                flaws += _found((_of_form(file), *EXAMINED[file]), masters, meant, tenant)
        if not city:
            flaws += _found(OF_THE_STATE, masters, meant, tenant)
        elif checkout.path("roleactions.json", city).is_file():
            flaws += _found((_of_a_city,), masters, meant, tenant)
    weighed = [_weighed(each, meant.services) for each in flaws]
    return sorted(weighed, key=lambda each: (str(each.spot.path), each.spot.line, each.rule.id))


def _of_form(file: str) -> Rule:
    return lambda masters, _, tenant: form_flaws(masters.master(file), file, tenant)


def _of_a_city(masters: Masters, _: Expectations, tenant: str) -> Iterator[Flaw]:
    grants = masters.master("roleactions.json")
    message = f"{len(grants.rows)} grants of {tenant}"
    yield flaw("grant-city", message, grants.spot(None, "roleactions"))


def _found(
    rules: Iterable[Rule], masters: Masters, meant: Expectations, tenant: str
) -> Iterator[Flaw]:
    for rule in rules:
        with suppress(Inconclusive):  # the file that cannot be read is a flaw of its own
            yield from rule(masters, meant, tenant)


def _weighed(each: Flaw, services: frozenset[str]) -> Flaw:
    """Return a flaw as an error if it keeps the bills of a service of BBPS from being paid."""
    if each.rule.id in HINDERING and each.row.get("code") in services:
        return replace(each, severity=Severity.ERROR)
    return each
