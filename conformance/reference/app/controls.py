"""What only the reference has: a health check, and a clock that can be moved."""

from collections.abc import Mapping
from typing import Final

from conformance.reference.gateway.refusals import no_route
from conformance.reference.platform.clock import YEAR_9999
from conformance.reference.platform.json_bodies import parsed_json
from conformance.reference.platform.world import Call, Handler, Reply, World

CONTROLS: Final = "/reference"


def health(world: World, _call: Call) -> Reply:
    """Answer that the deployment is up, and its lineage."""
    return Reply(body={"status": "up", "lineage": world.lineage.name})


def clock(world: World, call: Call) -> Reply:
    """Answer the time in epoch ms; any method but GET moves the clock before."""
    if call.method == "GET":
        return Reply(body={"now": world.clock.now()})
    try:
        order = parsed_json(call.content)
        moved = "advance" in order
        now = world.clock.now() + int(order["advance"]) if moved else int(order["now"])
    except (ValueError, TypeError, KeyError, OverflowError):
        return Reply(status=400, body={"error": 'send {"now": ms} or {"advance": ms}'})
    if not 0 <= now < YEAR_9999:
        return Reply(status=400, body={"error": f"{now} is beyond every calendar"})
    return Reply(body={"now": world.clock.put(now)})


def unknown(world: World, call: Call) -> Reply:
    """Answer a path that is no control."""
    return no_route(world, call.path)


PATHS: Final[Mapping[str, Handler]] = {f"{CONTROLS}/health": health, f"{CONTROLS}/clock": clock}
