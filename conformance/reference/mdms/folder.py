"""Master data from a folder that is laid out as DIGIT's MDMS repository.

Each JSON file names its tenant and module, and holds masters: lists of rows by their names.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from conformance.reference.mdms.masters import CITIES
from conformance.reference.platform.master_data import (
    ACTIONS,
    BUSINESS_SERVICES,
    GRANTS,
    ROLES,
    TAX_HEADS,
    TAX_PERIODS,
    MasterData,
    Row,
)
from conformance.reference.platform.settings import BadSetting

# What each row of a master must have; all masters but the last must be there.
SHAPES: Final = {
    ROLES: ("code", "name"),
    ACTIONS: ("id", "url"),
    GRANTS: ("rolecode", "actionid"),
    BUSINESS_SERVICES: ("code",),
    TAX_HEADS: ("code", "service", "category", "order"),
    TAX_PERIODS: ("service", "fromDate", "toDate"),
}
ORDER: Final = re.compile(r"-?[0-9]{1,9}")
NUMBERS: Final = frozenset({"id", "actionid", "fromDate", "toDate"})  # the other keys hold texts
Tree = dict[str, dict[str, dict[str, list[Row]]]]


def masters_in(folder: Path) -> MasterData:
    """Return the masters of the one state whose data a folder holds; BadSetting if it cannot be."""
    if not folder.is_dir():
        raise BadSetting(f"{folder}: there is no such folder of master data")
    tree: Tree = {}
    for path in sorted(folder.rglob("*.json")):
        for tenant, module, name, rows in _masters(path):
            kept = tree.setdefault(tenant, {}).setdefault(module, {}).setdefault(name, [])
            kept += rows
    states = sorted({tenant.partition(".")[0] for tenant in tree})
    if len(states) != 1:
        found = f"data of {', '.join(states)}" if states else "no master data"
        raise BadSetting(f"{folder}: holds {found}; name the folder of one state, e.g. data/pb")
    _refuse_incomplete(folder, tree.get(states[0], {}))
    return MasterData(states[0], _cities(states[0], tree), tree)


def _masters(path: Path) -> Iterator[tuple[str, str, str, list[Row]]]:
    """Yield tenant, module, name and rows of each master of a file."""
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as problem:
        raise BadSetting(f"{path}: master data cannot be read: {problem}") from None
    if not isinstance(content, dict):
        raise BadSetting(f"{path}: master data is an object with tenantId, moduleName and masters")
    tenant, module = content.get("tenantId"), content.get("moduleName")
    if not isinstance(tenant, str) or not isinstance(module, str):
        raise BadSetting(f"{path}: master data needs the texts tenantId and moduleName")
    for name, rows in content.items():
        if isinstance(rows, list):
            yield tenant, module, name, rows


def _refuse_incomplete(folder: Path, modules: dict[str, dict[str, list[Row]]]) -> None:
    for master, keys in SHAPES.items():
        module, name = master
        rows: list[Any] = modules.get(module, {}).get(name, [])
        if not rows and master != TAX_PERIODS:
            raise BadSetting(f"{folder}: has no {module}/{name}.json of the state, or an empty one")
        for index, row in enumerate(rows):
            absent = [key for key in keys if not isinstance(row, dict) or key not in row]
            if absent:
                raise BadSetting(f"{folder}: {module}/{name}[{index}] has no {absent[0]}")
            for key in keys:
                if kind := _missing_kind(key, row[key]):
                    place = f"{folder}: {module}/{name}[{index}]"
                    raise BadSetting(f"{place} has no {kind} as its {key}")


def _missing_kind(key: str, value: Any) -> str:
    """Return what a key needs and has not, `text` or `number`; empty where all is well."""
    if key == "order":  # a number, which DIGIT's repository writes as text
        return "" if ORDER.fullmatch(str(value)) else "number"
    if key in NUMBERS:
        return "" if isinstance(value, int) and not isinstance(value, bool) else "number"
    return "" if isinstance(value, str) else "text"


def _cities(state: str, tree: Tree) -> tuple[str, ...]:
    """Return the cities that the masters name; as many as the shipped data has where none is."""
    listed = tree.get(state, {}).get("tenant", {}).get("tenants", [])
    codes = [row.get("code") for row in listed if isinstance(row, dict)]
    named = [code for code in [*codes, *tree] if isinstance(code, str) and "." in code]
    shipped = [f"{state}.{city.partition('.')[2]}" for city in CITIES]
    return tuple(dict.fromkeys(named)) or tuple(shipped)
