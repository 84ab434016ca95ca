"""The profile's section `error_texts`: the words by which a deployment tells why it refuses.

Only what a verdict or a diagnosis rests on stands here; everything else goes by statuses and by
what is read back. The defaults are those of DIGIT, of every line.
"""

import json
from collections.abc import Iterable
from contextlib import suppress
from typing import Annotated, Final

from pydantic import Field

from conformance.profile.section import Section

Word = Annotated[str, Field(min_length=3)]  # a shorter one would stand in every answer


class ErrorTexts(Section):
    """Codes, or parts of texts, as they stand anywhere in a refusal; a fork may have its own."""

    no_session: tuple[Word, ...] = ("InvalidAccessToken",)
    """The token is unknown, expired or logged out; some gateways say so with a 500."""
    not_allowed: tuple[Word, ...] = ("CustomException", "ACCESS_DENIED")
    """The gateway lets nobody of that role through; no service says any of it."""
    gateway_not_asked: tuple[Word, ...] = (
        "TracerException", "UNABLE_TO_FETCH_STATUS", "ResourceAccessError",
    )  # fmt: skip
    """An update failed because pg-service could not ask the payment gateway for the outcome."""
    name_taken: tuple[Word, ...] = ("DuplicateUserNameException",)
    """The user name of a new account exists already."""


DIGIT: Final = ErrorTexts()


def says(text: str, words: Iterable[str]) -> bool:
    """Whether an answer holds one of the words, also where its JSON escapes their characters."""
    if "\\u" in text:
        with suppress(ValueError, RecursionError):
            text = json.dumps(json.loads(text), ensure_ascii=False)
    return any(word in text for word in words)
