"""The profile's section `error_texts`: the texts by which a deployment explains a refusal.

Only what a verdict or a diagnosis rests on stands here; everything else goes by statuses and by
what is read back. The defaults are those of DIGIT, of every line.
"""

import json
from collections.abc import Iterable
from contextlib import suppress
from typing import Annotated, Final

from pydantic import Field

from conformance.core.nesting import nested_deeper
from conformance.profile.section import Section

Word = Annotated[str, Field(min_length=3)]  # a shorter one would stand in every answer


class ErrorTexts(Section):
    """Codes or parts of texts in a refusal; a fork of DIGIT may use its own."""

    no_session: tuple[Word, ...] = ("InvalidAccessToken",)
    """The token is unknown, expired or logged out; some gateways say so with a 500."""
    not_allowed: tuple[Word, ...] = ("CustomException", "ACCESS_DENIED")
    """The gateway refuses the role of the user; no service answers with any of these."""
    gateway_not_asked: tuple[Word, ...] = (
        "TracerException", "UNABLE_TO_FETCH_STATUS", "ResourceAccessError",
    )  # fmt: skip
    """An update failed because pg-service could not get the outcome from the payment gateway."""
    service_down: tuple[Word, ...] = (
        "Forwarding error", "AnnotatedConnectException", "User authentication service is down",
    )  # fmt: skip
    """With a 5xx: the gateway could not reach the service, which is restarted, say."""
    name_taken: tuple[Word, ...] = ("DuplicateUserNameException",)
    """The user name of a new account exists already."""


DIGIT: Final = ErrorTexts()


def says(text: str, words: Iterable[str]) -> bool:
    """Whether an answer holds one of the words, also where its JSON escapes their characters."""
    if "\\u" in text and not nested_deeper(text):
        with suppress(ValueError):
            text = json.dumps(json.loads(text), ensure_ascii=False)
    return any(word in text for word in words)
