"""Account life cycle: what a user loses, neither old logins nor old tokens keep (USR-12)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from conformance.bbps.dimensions.accounts import CHANGE, account_in_use, change_account
from conformance.bbps.dimensions.channels import CARRIER
from conformance.bbps.dimensions.dimension import Combination
from conformance.bbps.flow import Bbps
from conformance.bbps.models import read
from conformance.bbps.reach import four_actions
from conformance.checks.controls import granted, reached
from conformance.checks.crossed import crossed
from conformance.checks.expect import denied, gives_no_token
from conformance.checks.probes import BBPS_ACTIONS
from conformance.client.response import Response
from conformance.core.requirements import verifies
from conformance.profile.target import Actor

pytestmark = pytest.mark.independent
USER = "dismissed"
NEWEST = "the newest token"
BROADER = "read write"  # a scope besides the usual one: platforms keep a session for each
FETCH = BBPS_ACTIONS[0]
HEADER = CARRIER.values["the header auth-token"]


@verifies("USR-12")
@crossed(CHANGE)
def test_changed_account_keeps_no_access(bbps: Bbps, combination: Combination) -> None:
    """An account is changed while it is in use; its old login and its old tokens are used again."""
    change, since = combination[CHANGE], f"since {combination.name(CHANGE)}"
    four_actions(bbps)
    user = account_in_use(bbps, USER, change.also(bbps))
    held = _sessions(bbps)
    for token in held.tokens:
        FETCH.carried(bbps.unjudged(), HEADER, token, as_=USER)  # wherever its user is kept
    before = bbps.client.actor(USER)

    _change(bbps, user, change.fields(bbps))

    for token, which in held.tokens.items():
        for probe in BBPS_ACTIONS if which == NEWEST else (FETCH,):
            answer = _settled(bbps, partial(probe.call, bbps, as_=USER, token=token))
            denied(answer, f"{probe} with {which} issued before, {since},")
        answer = _settled(bbps, partial(FETCH.carried, bbps.unjudged(), HEADER, token, as_=USER))
        denied(answer, f"{FETCH} with {which} in the header, {since},")
    for refresh in held.refresh_tokens:
        _opens_nothing(bbps, _renewing(refresh), f"the renewal of a session, {since},")
    _opens_nothing(bbps, {}, f"a login as before, {since},", refused=change.ends_login)

    _change(bbps, user, change.undo(bbps))
    _restored(bbps, before, change.fields(bbps).get("password"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sessions:
    """What a user holds: living tokens, with what each is, and refresh tokens."""

    tokens: Mapping[str, str]
    refresh_tokens: Sequence[str]


def _sessions(bbps: Bbps) -> _Sessions:
    """Have sessions of the user: one of another scope, one from a refresh token, the newest.

    What the deployment does not offer, and what a newer login has ended, is left out.
    """
    answers = {"an older token of another scope": bbps.client.login(USER, {"scope": BROADER})}
    answers["an older token"] = bbps.client.login(USER)
    granted(answers["an older token"], "a token of a new SYSTEM user")
    if refresh := _given(answers["an older token"], "refresh_token"):
        answers["a token that a refresh token gave"] = bbps.client.login(USER, _renewing(refresh))
    reached(bbps, FETCH, as_=USER)
    issued = {bbps.client.token(USER): NEWEST}
    for what, answer in answers.items():
        token = _given(answer, "access_token")
        new = token and token not in issued  # a login may repeat the token that is alive
        if new and FETCH.call(bbps, as_=USER, token=token).reached:
            issued[token] = what
    given = [_given(answer, "refresh_token") for answer in answers.values()]
    return _Sessions(tokens=issued, refresh_tokens=tuple(dict.fromkeys(filter(None, given))))


def _given(answer: Response, kind: str) -> str:
    """Return the token of a kind that a login gives; empty if it gives none."""
    body = answer.body if answer.succeeded and isinstance(answer.body, dict) else {}
    return str(body.get(kind) or "")


def _renewing(refresh: str) -> dict[str, str]:
    """Return what differs in a login that renews a session."""
    return {"grant_type": "refresh_token", "refresh_token": refresh, "password": ""}


def _change(bbps: Bbps, user: dict[str, Any], fields: dict[str, Any]) -> None:
    """Have the administrator change an account."""
    granted(change_account(bbps, user, fields), "the change of an account by the administrator")


def _settled(bbps: Bbps, attempt: Callable[[], Response]) -> Response:
    """Return the answer to an attempt once it is refused, or the delay of the profile is over."""
    return bbps.polling.after_account_change(attempt, lambda answer: not answer.reached)


def _opens_nothing(
    bbps: Bbps, changes: dict[str, str], what: str, *, refused: bool = False
) -> None:
    """Demand that a login is refused, or that the token that it gives opens no action."""

    def log_in() -> Response:
        return bbps.client.login(USER, {"scope": bbps.target.oauth.scope, **changes})

    response = bbps.polling.after_account_change(log_in, lambda answer: not answer.succeeded)
    token = read(response.body, "access_token") if response.succeeded else ""
    if refused or not token:
        gives_no_token(response, what)
        return
    for probe in BBPS_ACTIONS:
        answer = _settled(bbps, partial(probe.call, bbps, as_=USER, token=token))
        denied(answer, f"{probe} with the token of {what}")


def _restored(bbps: Bbps, before: Actor, password: str | None) -> None:
    """Make sure that the account works again: that nothing but the change closed it."""
    if password:
        before = before.model_copy(update={"password": type(before.password)(password)})
    bbps.client.enlist(USER, before)
    reached(bbps, FETCH, as_=USER)
