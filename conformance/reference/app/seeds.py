"""Seed data: people and demands from a file, entered when a deployment starts for the first time.

The file is YAML or JSON: `people` as `_createnovalidate` takes a user, `demands` as demand
creation takes them; a demand without a period is for the current financial year.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import yaml

from conformance.reference.billing import demands
from conformance.reference.platform.errors import ServiceProblem, Unhandled
from conformance.reference.platform.json_bodies import parsed_json
from conformance.reference.platform.master_data import financial_year
from conformance.reference.platform.settings import BadSetting
from conformance.reference.platform.shapes import Misfit
from conformance.reference.platform.world import Call, Reply, World
from conformance.reference.user import accounts as users

SCHEMA: Final = ("create table if not exists planted (file text primary key)",)
PARTS: Final = ("people", "demands")


def plant(world: World) -> None:
    """Enter the seed data of the settings, once per database; BadSetting names what is wrong."""
    path = world.settings.seed_data
    if path is None or world.store.row("select 1 from planted where file = ?", path.name):
        return
    content = _content(path)
    with world.store.transaction() as database:
        for index, person in enumerate(content.get("people") or ()):
            _enter(world, users.create, {"user": person}, f"{path}: people[{index}]")
        first, last = financial_year(world.clock.moment())
        period = {"taxPeriodFrom": first, "taxPeriodTo": last}
        for index, demand in enumerate(content.get("demands") or ()):
            dated = period | demand if isinstance(demand, dict) else demand
            _enter(world, demands.create, {"Demands": [dated]}, f"{path}: demands[{index}]")
        database.execute("insert into planted values (?)", (path.name,))


def _content(path: Path) -> dict[str, Any]:
    try:
        content = parsed_json(json.dumps(yaml.safe_load(path.read_bytes())).encode())
    except (OSError, ValueError, TypeError, RecursionError, yaml.YAMLError) as problem:
        reason = " ".join(str(problem).split())
        raise BadSetting(f"{path}: seed data cannot be read: {reason}") from None
    if not isinstance(content, dict) or not all(
        isinstance(content.get(part) or [], list) for part in PARTS
    ):
        raise BadSetting(f"{path}: seed data is a map with the lists {' and '.join(PARTS)}")
    unknown = sorted(str(key) for key in set(content) - set(PARTS))
    if unknown:
        raise BadSetting(f"{path}: {unknown[0]!r} is no seed data; there are {', '.join(PARTS)}")
    return content


def _enter(
    world: World, handler: Callable[[World, Call], Reply], body: dict[str, Any], place: str
) -> None:
    """Have a service take a document as the administrator's; BadSetting with its refusal."""
    row = users.account(world, "administrator", world.masters.state, "EMPLOYEE")
    administrator = None if row is None else users.public(row)
    info = {"RequestInfo": {"userInfo": administrator}}
    call = Call(
        method="POST", path="", query={}, body=info | body, user=administrator, peer="", headers={}
    )
    try:
        handler(world, call)
    except ServiceProblem as problem:
        reasons = "; ".join(f"{code}: {message}" for code, message in problem.items)
        raise BadSetting(f"{place} is refused: {reasons}") from None
    except Unhandled as problem:
        raise BadSetting(f"{place} is refused: {problem.kind} {problem.detail or ''}") from None
    except Misfit:
        raise BadSetting(f"{place} has a value of the wrong type") from None
