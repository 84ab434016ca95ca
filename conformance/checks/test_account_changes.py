"""Account life cycle: what a user loses, neither old logins nor old tokens keep (USR-12)."""

from collections.abc import Callable
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
FETCH = BBPS_ACTIONS[0]
HEADER = CARRIER.values["the header auth-token"]


@verifies("USR-12")
@crossed(CHANGE)
def test_changed_account_keeps_no_access(bbps: Bbps, combination: Combination) -> None:
    """An account is changed while it is in use; its old login and its old tokens are used again."""
    change, since = combination[CHANGE], f"since {combination.name(CHANGE)}"
    four_actions(bbps)
    user = account_in_use(bbps, USER)
    session = bbps.client.login(USER)
    granted(session, "a token of a new SYSTEM user")
    token = str(read(session.body, "access_token"))
    refresh = session.body.get("refresh_token")
    reached(bbps, FETCH, as_=USER)
    FETCH.carried(bbps.unjudged(), HEADER, token, as_=USER)  # wherever its user is kept
    before = bbps.client.actor(USER)

    _change(bbps, user, change.fields(bbps))

    for probe in BBPS_ACTIONS:
        answer = _settled(bbps, partial(probe.call, bbps, as_=USER, token=token))
        denied(answer, f"{probe} with a token issued before, {since},")
    answer = _settled(bbps, partial(FETCH.carried, bbps.unjudged(), HEADER, token, as_=USER))
    denied(answer, f"{FETCH} with such a token in the header, {since},")
    if refresh:
        renewal = {"grant_type": "refresh_token", "refresh_token": refresh, "password": ""}
        _opens_nothing(bbps, renewal, f"the renewal of a session, {since},")
    _opens_nothing(bbps, {}, f"a login as before, {since},", refused=change.ends_login)

    _change(bbps, user, change.undo(bbps))
    _restored(bbps, before, change.fields(bbps).get("password"))


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
