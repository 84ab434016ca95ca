"""What is unclean about master data as far as a role is concerned (MDM-06), with file and line."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final

from conformance.core.verdicts import Inconclusive
from conformance.mdms.masters import PLACES, MasterRows, Masters, Row, same_id

LONGEST: Final = 40  # characters shown of what is no row
# Keys that DIGIT's own masters have; what else stands in a row is misspelt.
AUDIT: Final = {
    "createdBy", "createdDate", "createdTime", "lastModifiedBy", "lastModifiedDate",
    "lastModifiedTime", "isActive", "description", "tenantId",
}  # fmt: skip
KEYS: Final = {
    "roles.json": AUDIT | {"code", "name", "id"},
    "roleactions.json": AUDIT | {"rolecode", "actionid", "actioncode", "id"},
    "actions-test.json": AUDIT | {
        "id", "name", "url", "displayName", "orderNumber", "parentModule", "enabled",
        "serviceCode", "code", "path", "navigationURL", "leftIcon", "rightIcon", "queryParams",
        "sidebar", "sidebarURL", "quickAction", "isRequiredDocument",
    },
}  # fmt: skip
# Keys without which nobody finds a row.
NEEDED: Final = {
    "roles.json": ("code",),
    "roleactions.json": ("rolecode", "actionid"),
    "actions-test.json": ("id", "url"),
}


def flaws_of(masters: Masters, role: str, state: str) -> list[str]:
    """Return what is unclean, one sentence each: rows of a role, of nobody, and of no form.

    Inconclusive if nothing is found, and a file cannot be read.
    """
    flaws: list[str] = []
    unread: list[Inconclusive] = []

    def look(find: Callable[[], Iterator[str]]) -> None:
        try:
            flaws.extend(find())
        except Inconclusive as problem:
            unread.append(problem)

    for file in PLACES:
        look(lambda file=file: _of_form(masters.master(file), file, state))  # type: ignore[misc]
    look(lambda: _of_the_role(masters.master("roleactions.json"), role, state))
    look(lambda: _of_its_actions(masters, role))
    look(lambda: _of_codes(masters))
    if unread and not flaws:
        raise unread[0]
    return flaws


def _of_form(master: MasterRows, file: str, state: str) -> Iterator[str]:
    """Yield rows that nobody can find, and a header that puts all rows elsewhere."""
    for key, own in (("tenantId", state), ("moduleName", PLACES[file][0])):
        stated = master.header.get(key, own)
        if stated != own:
            yield f"{file} says that its {key} is {stated!r}, not {own!r}"
    for index, row in enumerate(master.rows):
        place = master.place(index)
        if not isinstance(row, dict):
            yield f"{place}: is {_shown(row)}, which is no row"
            continue
        for key in NEEDED[file]:
            if row.get(key) is None:
                others = ", ".join(map(repr, row.keys() - KEYS[file]))
                yield f"{place}: has no {key}" + (f", but {others}" if others else "")


def _shown(value: Any) -> str:
    """Return what stands in place of a row, as the file has it."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _of_the_role(master: MasterRows, role: str, state: str) -> Iterator[str]:
    """Yield what is wrong with the rows of a role."""
    own = [(index, row) for index, row in enumerate(master.rows)
           if isinstance(row, dict) and row.get("rolecode") == role]  # fmt: skip
    counts = Counter(same_id(row.get("actionid")) for _, row in own)
    for action, count in counts.items():
        if count > 1:
            yield f"the pair {role}-{action} appears {count} times"
    for index, row in own:
        place = master.place(index)
        yield from _misspelt(row, "roleactions.json", place)
        if row.get("tenantId", state) != state:
            yield f"{place}: is of tenant {row['tenantId']!r}, not {state!r}"


def _of_its_actions(masters: Masters, role: str) -> Iterator[str]:
    """Yield what is wrong with the actions that a role is mapped to."""
    mapped = dict.fromkeys(
        same_id(row["actionid"]) for row in masters.rows_of(role) if row.get("actionid") is not None
    )
    for action in mapped:
        if masters.url_of(action) is None:
            yield f"action id {action} resolves to no action"
    master = masters.master("actions-test.json")
    for index, row in enumerate(master.rows):
        action = same_id(row.get("id")) if isinstance(row, dict) else ""
        if action not in mapped:
            continue
        place, first = master.place(index), masters.url_of(action)
        yield from _misspelt(row, "actions-test.json", place)
        if row.get("url") != first:
            yield (
                f"{place}: action id {action} stands for {row.get('url')}, too; its first row, "
                f"which counts, is {first}"
            )


def _of_codes(masters: Masters) -> Iterator[str]:
    """Yield rows of roles that are none."""
    grants = list(_codes(masters.master("roleactions.json"), "rolecode"))
    for place, code in grants:
        if not _is_code(code):
            yield f"{place}: the role code is empty: {code!r}"
    roles = list(_codes(masters.master("roles.json"), "code"))
    for place, code in roles:
        if not _is_code(code):
            yield f"{place}: the code of the role is empty: {code!r}"
    known = {code for _, code in roles if _is_code(code)}
    for place, code in grants:
        if _is_code(code) and code not in known:
            yield f"{place}: roles.json has no role {code!r}"


def _codes(master: MasterRows, key: str) -> Iterator[tuple[str, Any]]:
    """Yield place and role code of each row that has one."""
    for index, row in enumerate(master.rows):
        if isinstance(row, dict) and row.get(key) is not None:
            yield master.place(index), row[key]


def _is_code(code: Any) -> bool:
    return isinstance(code, str) and bool(code.strip())


def _misspelt(row: Row, file: str, place: str) -> Iterator[str]:
    for key in sorted(row.keys() - KEYS[file]):
        yield f"{place}: the key {key!r} is misspelt"
