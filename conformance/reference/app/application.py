"""One application: every service behind the gateway, on one port. Nothing makes it answer 5xx."""

from dataclasses import replace
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from starlette import routing
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from conformance.reference.access.service import SERVICE as ACCESS
from conformance.reference.app import controls, seeds
from conformance.reference.app import faults as answer_faults
from conformance.reference.app.controls import CONTROLS
from conformance.reference.app.endpoint import Endpoint, PathAsSent
from conformance.reference.app.exchange_log import ExchangeLog
from conformance.reference.app.guard import answered
from conformance.reference.app.noise import Noise
from conformance.reference.app.rate_limit import RateLimit
from conformance.reference.app.varying import Varying
from conformance.reference.billing.service import SERVICE as BILLING
from conformance.reference.collection.service import SERVICE as COLLECTION
from conformance.reference.gateway import faults as gateway_faults
from conformance.reference.hrms.service import SERVICE as HRMS
from conformance.reference.lineages.catalogue import lineage_of
from conformance.reference.mdms import folder
from conformance.reference.mdms.masters import shipped
from conformance.reference.mdms.service import SERVICE as MDMS
from conformance.reference.pg.service import SERVICE as PG
from conformance.reference.platform import lag
from conformance.reference.platform.clock import SECOND, Clock, real_now
from conformance.reference.platform.faults import Fault, Faults
from conformance.reference.platform.master_data import ACTIONS
from conformance.reference.platform.service import Service
from conformance.reference.platform.settings import BadSetting, Settings
from conformance.reference.platform.site import site_of
from conformance.reference.platform.store import Store
from conformance.reference.platform.switches import Variations
from conformance.reference.platform.world import Handler, Route, World
from conformance.reference.user.service import SERVICE as USER
from conformance.reference.variations.catalogue import VARIATIONS

AHEAD: Final = 90 * SECOND  # or behind
SERVICES: Final[tuple[Service, ...]] = (USER, HRMS, ACCESS, MDMS, BILLING, PG, COLLECTION)


def catalogue() -> tuple[Fault, ...]:
    """Return every fault that can be switched on: of the gateway, the services, the answers."""
    of_services = (fault for service in SERVICES for fault in service.faults)
    return (*gateway_faults.FAULTS, *of_services, *answer_faults.FAULTS)


def new_world(settings: Settings) -> World:
    """Create the state of a deployment; BadSetting when settings name what does not exist."""
    settings = varied(settings)
    lineage = lineage_of(settings.lineage)
    known = [fault.name for fault in catalogue()]
    faults = Faults((*lineage.faults, *settings.faults), known)
    variations = Variations(settings.variations, VARIATIONS)
    site = site_of(lineage.site, settings)
    of_services = (statement for service in SERVICES for statement in service.schema)
    world = World(
        settings=settings,
        clock=clock_of(settings, variations, site.zone),
        store=Store(settings.db, (*lag.SCHEMA, *seeds.SCHEMA, *of_services)),
        faults=faults,
        lineage=lineage,
        site=site,
        masters=folder.masters_in(settings.mdms_data) if settings.mdms_data else shipped(),
        variations=variations,
    )
    _refuse_unknown_actions(world)
    for service in SERVICES:
        service.seed(world)
    seeds.plant(world)
    return world


def varied(settings: Settings) -> Settings:
    """Return settings with what the variations set, where nothing else was ordered."""
    for name in settings.variations:
        if name in VARIATIONS:
            settings = replace(settings, **VARIATIONS[name].settings)
    return settings


def clock_of(settings: Settings, variations: Variations, zone: ZoneInfo) -> Clock:
    """Return the clock of a deployment."""
    start = settings.clock_ms
    if start is None and variations.on("clock-ahead"):
        start = real_now() + AHEAD
    if start is None and variations.on("clock-behind"):
        start = real_now() - AHEAD
    return Clock(start, zone, tick=SECOND if variations.on("whole-seconds") else 1)


def _refuse_unknown_actions(world: World) -> None:
    """BadSetting where an action is to be left out that no master data has: a slip of the pen.

    What the state in question does not have anyway is left out already.
    """
    urls = {row["url"] for masters in (world.masters, shipped()) for row in masters.rows(ACTIONS)}
    for path in world.settings.no_action or ():
        if path not in urls:
            raise BadSetting(f"there is no action {path!r}; name the url of a row of the actions")


def application(world: World) -> Starlette:
    """Return the ASGI application of a deployment; Starlette picks the route and starts it."""
    log = ExchangeLog(world.settings.log_exchanges)
    noise = Noise(world.settings.noise, world.settings.noise_seed)
    limit = RateLimit(world.settings.rate_limit)
    varying = Varying(world.settings.variations)

    def control(reply_to: Handler) -> Endpoint:
        return Endpoint(world, partial(reply_to, world), log=log)

    def behind_gateway(route: Route | None) -> Endpoint:
        return Endpoint(
            world, partial(answered, world, limit, route), log=log, noise=noise, varying=varying
        )

    routes: list[BaseRoute] = [
        *(routing.Route(path, control(reply_to)) for path, reply_to in controls.PATHS.items()),
        routing.Mount(CONTROLS, control(controls.unknown)),
        *(
            routing.Route(route.path, behind_gateway(route))  # any method: the gateway comes first
            for service in SERVICES
            for route in service.routes
        ),
    ]
    starlette = Starlette(routes=routes, middleware=[Middleware(PathAsSent, world=world)])
    starlette.router.redirect_slashes = False
    starlette.router.default = behind_gateway(None)
    return starlette
