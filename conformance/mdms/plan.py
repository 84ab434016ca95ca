"""`mdms plan`: the rows that grant actions to a role, and how they change the files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from conformance.core.charsets import UTF_8, encoding_of
from conformance.core.errors import SetupError
from conformance.core.foreign_files import FileError, read_bytes
from conformance.core.parsing import Mistake
from conformance.core.verdicts import Inconclusive
from conformance.mdms.checkout import Checkout
from conformance.mdms.insertion import with_rows
from conformance.mdms.masters import PLACES, Masters, Row, same_id

CONTEXT: Final = 3  # unchanged lines around a change
MARK: Final = "\ufeff"
Rows = Mapping[str, Sequence[Row]]  # by the file of their master


@dataclass(frozen=True, kw_only=True)
class FileChange:
    """A file of a checkout before and after rows are added."""

    path: Path
    before: str
    after: str
    rows: Sequence[Row]


def planned(checkout: Checkout, role: str, urls: Sequence[str]) -> list[FileChange]:
    """Return how the files change if a role is added and granted URLs; SetupError, FileError."""
    masters = checkout.masters()
    try:
        rows = rows_to_add(masters, role, checkout.state, urls)
    except Inconclusive as problem:
        raise SetupError(problem.reason, remedy=problem.remedy) from None
    return [_change(checkout.path(file), file, added) for file, added in rows.items() if added]


def rows_to_add(masters: Masters, role: str, tenant: str, urls: Sequence[str]) -> Rows:
    """Return what each master lacks so that a role exists and is granted URLs; Inconclusive."""
    known = any(row.get("code") == role for row in masters.roles)
    granted = set(masters.urls_of(role))
    missing = [url for url in dict.fromkeys(urls) if url not in granted]
    actions, grants = rows_that_grant(masters, role, tenant, missing)
    return {
        "roles.json": [] if known else [role_row(role)],
        "actions-test.json": actions,
        "roleactions.json": grants,
    }


def role_row(role: str) -> Row:
    """Return the row of a role."""
    return {"code": role, "name": role.replace("_", " "), "description": "Pays bills for BBPS"}


def rows_that_grant(
    masters: Masters, role: str, tenant: str, urls: Sequence[str]
) -> tuple[list[Row], list[Row]]:
    """Return the rows of actions-test.json and of roleactions.json that grant URLs to a role.

    An action has the id whose first row names its URL, for that row counts. A new one has an id
    that no grant names: such a grant would open the new action to its role.
    """
    ids: dict[str, Any] = {}
    for row in masters.actions:
        if _is_id(row.get("id")) and masters.url_of(row["id"]) == row.get("url"):
            ids.setdefault(str(row.get("url")), row["id"])
    free = _free_id(masters)
    actions: list[Row] = []
    grants: list[Row] = []
    for url in urls:
        if url not in ids:
            ids[url] = free
            free += 1
            actions.append(_action(ids[url], url))
        grants.append(
            {"rolecode": role, "actionid": ids[url], "actioncode": "", "tenantId": tenant}
        )
    return actions, grants


def _is_id(value: Any) -> bool:
    """Whether a role can be granted an action by that id."""
    return isinstance(value, int | str) and not isinstance(value, bool)


def _free_id(masters: Masters) -> int:
    """Return the first of the ids above all that actions have and grants name."""
    named = [same_id(row.get("id")) for row in masters.actions]
    named += [same_id(row.get("actionid")) for row in masters.role_actions]
    return max((int(each) for each in named if each.isascii() and each.isdigit()), default=0) + 1


def _action(id_: Any, url: str) -> Row:
    name = url.strip("/").replace("/", " ").replace("_", "")
    return {
        "id": id_,
        "name": name,
        "url": url,
        "displayName": name,
        "orderNumber": 1,
        "parentModule": "",
        "enabled": False,
        "serviceCode": url.split("/")[1],
        "code": "null",
        "path": "",
    }


def _change(path: Path, file: str, rows: Sequence[Row]) -> FileChange:
    content = read_bytes(path)
    if not encoding_of(content).startswith(UTF_8):
        raise FileError(path, Mistake("is not written in UTF-8", "save it as UTF-8"))
    before = content.decode()
    mark = MARK if before.startswith(MARK) else ""
    after = mark + with_rows(before.removeprefix(mark), PLACES[file][1], rows)
    return FileChange(path=path, before=before, after=after, rows=rows)


def unified(change: FileChange, name: str) -> str:
    """Return a change as a unified diff that `git apply` and `patch -p1` take, of a file's name."""
    old, new = _lines(change.before), _lines(change.after)
    first = _alike(old, new)
    last = min(_alike(old[::-1], new[::-1]), len(old) - first, len(new) - first)
    start = max(first - CONTEXT, 0)
    old_end, new_end = (min(len(each) - last + CONTEXT, len(each)) for each in (old, new))
    tab = "\t" if " " in name else ""  # so that the name ends there
    head = (
        f"--- a/{name}{tab}\n+++ b/{name}{tab}\n"
        f"@@ -{start + 1},{old_end - start} +{start + 1},{new_end - start} @@\n"
    )
    marked = [
        *((" ", line) for line in old[start:first]),
        *(("-", line) for line in old[first : len(old) - last]),
        *(("+", line) for line in new[first : len(new) - last]),
        *((" ", line) for line in old[len(old) - last : old_end]),
    ]
    return head + "".join(_marked(sign, line) for sign, line in marked)


def _lines(text: str) -> list[str]:
    """Return the lines of a text, each with its end; no other character ends a line."""
    lines = text.split("\n")
    return [*(f"{each}\n" for each in lines[:-1]), *([lines[-1]] if lines[-1] else [])]


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many lines are the same from the start on."""
    most = min(len(one), len(other))
    return next((number for number in range(most) if one[number] != other[number]), most)


def _marked(sign: str, line: str) -> str:
    return (
        f"{sign}{line}" if line.endswith("\n") else f"{sign}{line}\n\\ No newline at end of file\n"
    )
