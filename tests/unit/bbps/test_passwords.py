"""Passwords keep DIGIT's rules, and those that are needed again are found again."""

import re

from conformance.bbps.passwords import new_password, recalled_password
from conformance.profile.target import Actor

KINDS = ("[A-Z]", "[a-z]", "[0-9]", "[^A-Za-z0-9]")


def administrator(username: str = "ADMIN", password: str = "one") -> Actor:  # noqa: S107
    return Actor.model_validate({"username": username, "password": password, "type": "EMPLOYEE"})


def test_passwords_keep_the_rules() -> None:
    for password in (new_password(), recalled_password("rival", administrator())):
        assert 8 <= len(password) <= 15
        assert all(
            re.search(kind, password) for kind in ("[A-Z]", "[a-z]", "[0-9]", "[^A-Za-z0-9]")
        )


def test_new_passwords_differ() -> None:
    assert new_password() != new_password()


def test_recalled_password_depends_on_account_and_administrator() -> None:
    found = recalled_password("rival", administrator())
    assert found == recalled_password("rival", administrator())
    others = {
        recalled_password("second", administrator()),
        recalled_password("rival", administrator("OTHER")),
        recalled_password("rival", administrator(password="two")),
    }
    assert len(others | {found}) == 4
