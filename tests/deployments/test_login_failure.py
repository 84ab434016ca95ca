"""A supplied SYSTEM user gets no token: the doctor finds the cause, or says how to."""

from typing import Any

import pytest

from tests.deployments.conftest import Go, Serve
from tests.reference.conftest import newcomer, speaking

UPDATE = "/user/users/_updatenovalidate"
AGENT = {"username": "agent", "password": "Bbps@2024", "type": "SYSTEM", "tenant": "pb"}
WRONG = AGENT | {"password": "Wrong@2024"}


def having(base_url: str, *users: str, **changes: Any) -> None:
    """Have SYSTEM users with the password of AGENT, wherever they may log in from."""
    with speaking(base_url) as digit:
        for user in users:
            body = {"user": {**newcomer(user)["user"], **changes}}
            made = digit.post("/user/users/_createnovalidate", body, "administrator")
            account = {**made.json()["user"][0], "password": AGENT["password"], **changes}
            if changes:
                done = digit.post(UPDATE, {"user": account}, "administrator")
                assert done.status_code == 200, done.text


def test_supplied_user_may_be_shut_out_by_the_white_list(served: Serve, visit: Go) -> None:
    deployment = served(allowed_addresses=("127.0.0.9",))
    having(deployment.base_url, "agent")
    seen = visit(deployment.base_url, actors={"integrator": AGENT, "rival": None})
    assert seen.only.area == "address"
    assert seen.only.cause == "our address is not on the white list of SYSTEM users"
    assert "of type SYSTEM, active; a SYSTEM user just created gets HTTP 400" in seen.only.evidence
    assert [each.actor for each in seen.exchanges].count("integrator") == 1


def test_wrong_password_is_told_by_a_user_just_created(served: Serve, visit: Go) -> None:
    base_url = served().base_url
    having(base_url, "agent")
    seen = visit(base_url, actors={"integrator": WRONG, "rival": None})
    assert seen.only.cause.startswith("the password is wrong: the user just created")
    assert "a SYSTEM user just created gets a token from here" in seen.only.evidence
    assert seen.only.blocking
    assert [each.actor for each in seen.exchanges].count("integrator") == 1


def test_wrong_password_is_told_by_the_other_user(served: Serve, visit: Go) -> None:
    base_url = served().base_url
    having(base_url, "agent", "second")
    second = AGENT | {"username": "second"}
    seen = visit(base_url, mode="inspect", actors={"integrator": WRONG, "rival": second})
    assert seen.only.cause.startswith("the password is wrong: the rival obtains a token from")
    assert "correct actors.integrator.password; then" in seen.only.remedy


def test_what_cannot_be_told_apart_names_both_and_the_test(served: Serve, visit: Go) -> None:
    base_url = served(allowed_addresses=("127.0.0.9",)).base_url
    having(base_url, "agent")
    for agent in (AGENT, WRONG):
        seen = visit(base_url, mode="inspect", actors={"integrator": agent, "rival": None})
        assert "password is wrong, or our address is not on the white list" in seen.only.cause
        assert "the account of type SYSTEM, active" in seen.only.evidence
        assert "once from a white-listed machine" in seen.only.remedy
        assert "create a SYSTEM user with a new password" in seen.only.remedy
        assert "INTEGRATOR_PASSWORD" in seen.only.remedy


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        (None, "there is no such account"),
        ({"active": False}, "switched off"),
        ({"type": "EMPLOYEE"}, "of type EMPLOYEE, not SYSTEM"),
        ({"accountLocked": True}, "locked after wrong passwords"),
    ],
    ids=["absent", "off", "type", "locked"],
)
def test_account_itself_tells(
    served: Serve, visit: Go, changes: dict[str, Any] | None, cause: str
) -> None:
    base_url = served().base_url
    if changes is not None:
        having(base_url, "agent", **changes)
    seen = visit(base_url, mode="inspect", actors={"integrator": AGENT, "rival": None})
    assert seen.only.area == "credential"
    assert cause in seen.only.cause
