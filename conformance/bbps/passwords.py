"""Passwords of accounts that a run creates, by DIGIT's rules: 8 to 15 characters of four kinds."""

import hashlib
import hmac
import secrets
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache

from conformance.profile.target import Actor


def new_password() -> str:
    """Return a password that nobody knows."""
    return _by_the_rules(secrets.token_bytes(5))


def recalled_password(username: str, administrator: Actor) -> str:
    """Return the password of an account that later parts of a run need, written nowhere."""
    key = key_of(administrator).result()
    return _by_the_rules(hmac.digest(key, username.encode(), "sha256")[:5])


def key_of(administrator: Actor) -> Future[bytes]:
    """Begin to make the key of a run's accounts, which takes as long as twenty calls."""
    return _key(administrator.password.get_secret_value(), administrator.username)


@lru_cache
def _key(password: str, username: str) -> Future[bytes]:
    """Make a key, slowly, since a person may have chosen the password."""
    pool = ThreadPoolExecutor(1)
    key = pool.submit(hashlib.scrypt, password.encode(), salt=username.encode(), n=2**14, r=8, p=1)
    pool.shutdown(wait=False)
    return key


def _by_the_rules(data: bytes) -> str:
    return f"Bb1@{data.hex()}"
