"""How one deployment of a lineage is set up: what its operators chose, not what its code does."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from conformance.reference.platform.clock import ZONE
from conformance.reference.platform.settings import BadSetting, Settings

TOKENS: Final = frozenset({"/user/oauth/token"})
MASTERS: Final = "/egov-mdms-service/v1/_search"
ONE_MASTER: Final = "/egov-mdms-service/v1/_get"
# First segments of the paths of DIGIT's services.
SERVICES: Final = frozenset(
    {
        "user", "access", "egov-mdms-service", "billing-service", "pg-service",
        "collection-services", "egov-hrms", "egov-workflow-v2", "property-services",
        "tl-services",
    }
)  # fmt: skip
REGISTERED: Final = ("AXIS", "BBPS", "PAYTM", "PAYU", "PHONEPE")  # the list names inactive ones too


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What differs between deployments of one lineage; services are first segments of paths."""

    open_paths: frozenset[str] = TOKENS | {MASTERS, ONE_MASTER}  # that need no token
    no_action: frozenset[str] = frozenset()  # paths without a row among the state's actions
    no_service: frozenset[str] = frozenset()  # not deployed, so that no path leads there
    down: frozenset[str] = frozenset()  # deployed, but they do not run
    gateways: frozenset[str] = frozenset({"AXIS", "BBPS"})  # that transactions may use
    zone: ZoneInfo = ZONE  # of the services' clocks, in which the day of a bill ends
    lag_ms: int = 0  # between the write of a row and its sight in a search


def site_of(site: Site, settings: Settings) -> Site:
    """Return a site with what the settings say otherwise; BadSetting names what does not exist."""
    changes: dict[str, Any] = {"down": _known(settings.down, SERVICES, "service")}
    if settings.mdms_open is not None:
        changes["open_paths"] = TOKENS | ({MASTERS, ONE_MASTER} if settings.mdms_open else set())
    if settings.no_action is not None:
        changes["no_action"] = frozenset(settings.no_action)
    if settings.no_service is not None:
        changes["no_service"] = _known(settings.no_service, SERVICES, "service")
    if settings.gateways is not None:
        changes["gateways"] = _known(settings.gateways, REGISTERED, "payment gateway")
    if settings.zone is not None:
        changes["zone"] = _zone(settings.zone)
    if settings.lag_ms is not None:
        changes["lag_ms"] = settings.lag_ms
    return replace(site, **changes)


def _known(names: Iterable[str], known: Collection[str], what: str) -> frozenset[str]:
    for name in names:
        if name not in known:
            raise BadSetting(f"there is no {what} {name!r}; choose from {', '.join(sorted(known))}")
    return frozenset(names)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadSetting(
            f"there is no time zone {name!r}; write for example UTC or {ZONE}"
        ) from None
