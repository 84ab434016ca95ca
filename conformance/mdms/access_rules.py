"""What may be wrong with roles, with actions, and with what grants these to those."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final, TypeGuard

from conformance.mdms.masters import FOUR_URLS, MasterRows, Masters, Row, same_id
from conformance.mdms.rules import Flaw, flaw

MARKS: Final = frozenset({"url", "card", "digit-ui-card"})  # of menu cards, in place of a URL
LONGEST_NAME: Final = 32  # characters of the name of a role
SHOWN: Final = 6  # ids that a message names


def is_code(code: Any) -> TypeGuard[str]:
    """Whether a value can be the code of a role."""
    return isinstance(code, str) and bool(code.strip())


def role_flaws(masters: Masters) -> Iterator[Flaw]:
    """Yield what is wrong with roles.json."""
    roles = masters.master("roles.json")
    first: dict[str, str] = {}
    for index, row in roles.numbered:
        code, name, spot = row.get("code"), row.get("name"), roles.spot(index, "code")
        if "code" in row and code is not None and not is_code(code):
            said = f"the code of the role is empty or no text: {code!r}"
            yield flaw("role-empty", said, spot, row)
        if not is_code(code):
            continue
        if code in first:
            yield flaw("role-twice", f"{code} stands already in {first[code]}", spot, row)
        else:
            first[code] = spot.within
            yield from _code_form(code, roles, index, "code")
        if isinstance(name, str) and len(name) > LONGEST_NAME:
            message = f"the name of {code} has {len(name)} characters"
            yield flaw("role-name-long", message, roles.spot(index, "name"), row)


def _code_form(code: str, master: MasterRows, index: int, key: str) -> Iterator[Flaw]:
    mixed = code != code.upper() and code != code.lower()
    if mixed or re.search(r"\s", code):
        message = f"{code!r} has blanks, or upper and lower case"
        yield flaw("role-code-form", message, master.spot(index, key), master.rows[index])


def unused_roles(masters: Masters) -> Iterator[Flaw]:
    """Yield the roles that are granted nothing."""
    used = {row.get("rolecode") for row in masters.role_actions if is_code(row.get("rolecode"))}
    roles = masters.master("roles.json")
    for code, index in _first_rows(roles, "code").items():
        if code not in used:
            spot = roles.spot(index, "code")
            yield flaw("role-unused", f"{code} is granted nothing", spot, roles.rows[index])


def grant_flaws(masters: Masters, tenant: str) -> Iterator[Flaw]:
    """Yield what is wrong with roleactions.json alone."""
    grants = masters.master("roleactions.json")
    first: dict[tuple[str, str], str] = {}
    for index, row in grants.numbered:
        code, action = row.get("rolecode"), row.get("actionid")
        if code is not None and not is_code(code):
            message = f"the role code is empty or no text: {code!r}"
            yield flaw("grant-no-role", message, grants.spot(index, "rolecode"), row)
        if row.get("tenantId", tenant) != tenant:
            message = f"is of tenant {row['tenantId']!r}, not {tenant!r}"
            yield flaw("row-tenant", message, grants.spot(index, "tenantId"), row)
        if is_code(code) and action is not None:
            pair, spot = (code, same_id(action)), grants.spot(index)
            if pair in first:
                message = f"the pair {code}-{action} stands already in {first[pair]}"
                yield flaw("grant-twice", message, spot, row)
            first.setdefault(pair, spot.within)


def unknown_actions(masters: Masters) -> Iterator[Flaw]:
    """Yield the rows of roleactions.json whose action does not exist."""
    grants = masters.master("roleactions.json")
    for index, row in grants.numbered:
        action = row.get("actionid")
        if action is not None and masters.url_of(action) is None:
            message = f"action id {action} of {row.get('rolecode')} resolves to no action"
            yield flaw("grant-unknown-action", message, grants.spot(index, "actionid"), row)


def unknown_roles(masters: Masters) -> Iterator[Flaw]:
    """Yield the rows of roleactions.json whose role does not exist."""
    known = {row.get("code") for row in masters.roles if is_code(row.get("code"))}
    grants = masters.master("roleactions.json")
    seen = set(known)
    for index, row in grants.numbered:
        code = row.get("rolecode")
        if not is_code(code) or code in known:
            continue
        message = f"roles.json has no role {code!r}"
        yield flaw("grant-unknown-role", message, grants.spot(index, "rolecode"), row)
        if code not in seen:
            seen.add(code)
            yield from _code_form(code, grants, index, "rolecode")


def action_flaws(masters: Masters) -> Iterator[Flaw]:
    """Yield what is wrong with actions-test.json alone."""
    actions = masters.master("actions-test.json")
    first: dict[str, Any] = {}
    for index, row in actions.numbered:
        if row.get("id") is None:
            continue
        id_, url = same_id(row["id"]), row.get("url")
        if id_ in first and first[id_] == url:
            message = f"action id {id_} stands there already, with the same URL"
            yield flaw("action-twice", message, actions.spot(index, "id"), row)
        elif id_ in first:
            counts = f"its first row, which counts, is {first[id_]}"
            message = f"action id {id_} stands for {url}, too; {counts}"
            yield flaw("action-id-reused", message, actions.spot(index, "id"), row)
        first.setdefault(id_, url)
        if "enabled" not in row:
            message = f"action {id_} has no enabled"
            yield flaw("action-no-enabled", message, actions.spot(index), row)
        if isinstance(url, str):
            yield from _url_flaws(row, url, index, actions)


def _url_flaws(row: Row, url: str, index: int, actions: MasterRows) -> Iterator[Flaw]:
    """Yield what is wrong with one URL: requests match it as it stands, or never."""
    spot, action = actions.spot(index, "url"), f"action {row['id']}"
    if not url.strip():
        yield flaw("url-empty", f"{action} has no URL", spot, row)
        return
    if re.search(r"\s", url):
        yield flaw("url-blank", f"{action} is {url!r}, which has blanks", spot, row)
    if url.endswith("/") and len(url) > 1:
        yield flaw("url-trailing-slash", f"{action} is {url}, which ends with a slash", spot, row)
    if not url.startswith("/") and url not in MARKS:
        rule = "url-relative" if "/" in url else "url-word"
        yield flaw(rule, f"{action} is {url!r}, which begins with no slash", spot, row)
    if "{" in url:
        yield flaw("url-template", f"{action} is {url}, a part of which varies", spot, row)
    if row.get("enabled") is False and url not in MARKS:
        message = f"{action}, {url}, is not enabled"
        yield flaw("action-disabled", message, actions.spot(index, "enabled"), row)


def repeated_urls(masters: Masters) -> Iterator[Flaw]:
    """Yield each URL that several ids have, at the second of them."""
    actions = masters.master("actions-test.json")
    rows: dict[str, list[int]] = defaultdict(list)
    for index, row in actions.numbered:
        if isinstance(url := row.get("url"), str):
            rows[url].append(index)
    for url, several in rows.items():
        ids = list(dict.fromkeys(same_id(actions.rows[each].get("id")) for each in several))
        if len(ids) > 1:
            more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
            message = f"{url!r} is the URL of the ids {', '.join(ids[:SHOWN])}{more}"
            spot = actions.spot(several[1], "url")
            yield flaw("url-repeated", message, spot, actions.rows[several[1]])


def unused_actions(masters: Masters) -> Iterator[Flaw]:
    """Yield the actions that are granted to no role."""
    used = {same_id(row.get("actionid")) for row in masters.role_actions}
    actions = masters.master("actions-test.json")
    for index, row in actions.numbered:
        if row.get("id") is not None and same_id(row["id"]) not in used:
            message = f"action {row['id']}, {row.get('url')}, is granted to no role"
            yield flaw("action-unused", message, actions.spot(index, "id"), row)


def bbps_role_flaws(masters: Masters, role: str) -> Iterator[Flaw]:
    """Yield whether the BBPS role is missing, or one of its four actions."""
    grants = masters.master("roleactions.json")
    if all(row.get("code") != role for row in masters.roles):
        message = f"roles.json has no role {role}"
        yield flaw("bbps-role-missing", message, masters.master("roles.json").spot(None, "roles"))
        return
    for url in FOUR_URLS:
        if url not in masters.urls_of(role):
            message = f"{role} is not mapped to {url}"
            yield flaw("bbps-grant-missing", message, grants.spot(None, "roleactions"))


def bbps_extras(masters: Masters, role: str, allowed: frozenset[str]) -> Iterator[Flaw]:
    """Yield what the BBPS role is granted beyond its four actions and what is allowed."""
    grants = masters.master("roleactions.json")
    for index, row in grants.numbered:
        url = masters.url_of(row.get("actionid")) if row.get("rolecode") == role else None
        if url is not None and url not in {*FOUR_URLS, *allowed}:
            message = f"{role} may {row.get('actionid')}, which is {url}"
            yield flaw("bbps-grant-extra", message, grants.spot(index, "actionid"), row)


def _first_rows(master: MasterRows, key: str) -> dict[str, int]:
    """Return the index of the first row of each code."""
    found: dict[str, int] = {}
    for index, row in master.numbered:
        if is_code(row.get(key)):
            found.setdefault(row[key], index)
    return found
