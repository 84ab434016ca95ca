"""What is unclean about master data as far as a role is concerned (MDM-06), with file and line."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Final

from conformance.core.verdicts import Inconclusive
from conformance.mdms import access_rules as access
from conformance.mdms.forms import form_flaws
from conformance.mdms.masters import PLACES, Masters, same_id
from conformance.mdms.rules import Flaw

# Rules of which each flaw counts: rows that nobody can find, and roles that are none.
OF_EVERYBODY: Final = frozenset({
    "file-tenant", "file-module", "row-form", "key-missing", "role-empty", "grant-no-role",
    "grant-unknown-role",
})  # fmt: skip
# Rules of which the flaws in rows of the role count, and in those of its actions.
OF_THE_ROLE: Final = frozenset({
    "grant-twice", "grant-unknown-action", "row-tenant", "key-misspelt", "key-unknown",
    "action-id-reused",
})  # fmt: skip


def flaws_of(masters: Masters, role: str, state: str) -> list[str]:
    """Return what is unclean, one sentence each: rows of a role, of nobody, and of no form.

    Inconclusive if nothing is found, and a file cannot be read.
    """
    flaws: list[Flaw] = []
    unread: list[Inconclusive] = []
    for find in _looks(masters, state):
        try:
            flaws.extend(find())
        except Inconclusive as problem:
            unread.append(problem)
    mapped = _mapped(masters, role)
    found = [
        str(each)
        for each in flaws
        if each.rule.id in OF_EVERYBODY
        or (each.rule.id in OF_THE_ROLE and _concerns(each, role, mapped))
    ]
    if unread and not found:
        raise unread[0]
    return found


def every_flaw(masters: Masters, state: str) -> list[Flaw]:
    """Return every flaw of the masters of access; what rests on an unread one is left out."""
    flaws: list[Flaw] = []
    for find in _looks(masters, state):
        with suppress(Inconclusive):
            flaws.extend(find())
    return flaws


def _looks(masters: Masters, state: str) -> Iterator[Callable[[], Iterator[Flaw]]]:
    for file in PLACES:
        yield lambda file=file: form_flaws(masters.master(file), file, state)  # type: ignore[misc]
    yield partial(access.grant_flaws, masters, state)
    yield partial(access.unknown_actions, masters)
    yield partial(access.action_flaws, masters)
    yield partial(access.role_flaws, masters)
    yield partial(access.unknown_roles, masters)


def _mapped(masters: Masters, role: str) -> set[str]:
    """Return the ids of the actions that a role is mapped to, as far as that can be read."""
    with suppress(Inconclusive):
        return {same_id(row.get("actionid")) for row in masters.rows_of(role)}
    return set()


def _concerns(each: Flaw, role: str, mapped: set[str]) -> bool:
    """Whether a flaw is in a row of the role, or of an action that the role is mapped to."""
    if "rolecode" in each.row:
        return bool(each.row["rolecode"] == role)
    return same_id(each.row.get("id")) in mapped
