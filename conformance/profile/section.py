"""What every part of a profile is: frozen, and strict about the names of its settings."""

import re
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr

# A header or setting of such a name holds a secret.
SECRET_NAME: Final = re.compile(r"(?i)auth|token|key|secret|cookie|password|credential|signature")
A_DAY: Final = 86_400  # seconds; nothing of a run waits longer
HTTP: Final = frozenset({"http", "https"})
# Headers that frame a message (RFC 9110, RFC 9112), or say which answers the client can read.
OF_THE_CLIENT: Final = frozenset(
    {"accept-encoding", "connection", "content-length", "expect", "keep-alive",
     "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)  # fmt: skip

_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE: Final = re.compile(r"([!-~]([ \t!-~]*[!-~])?)?")


def sendable(headers: dict[str, SecretStr]) -> dict[str, SecretStr]:
    """Refuse headers that HTTP cannot carry; the message holds no value, which may be secret."""
    for name, value in headers.items():
        refuse_unsendable(name, value.get_secret_value())
    return headers


def refuse_unsendable(name: str, value: str) -> None:
    """Raise ValueError, without the value, for a header that cannot be sent as it is given."""
    if not _HEADER_NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a header; use letters, digits and hyphens")
    if name.lower() in OF_THE_CLIENT:
        raise ValueError(f"{name} is set by the client itself; leave it out")
    if not _HEADER_VALUE.fullmatch(value):
        raise ValueError(
            f"{name}: the value of a header is one line of ASCII; write other characters "
            "percent-encoded, if the deployment decodes them"
        )


def is_address(value: str) -> bool:
    """Whether a value is http(s)://host, with a port that exists and nothing unprintable."""
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018  it is read here
    except ValueError:
        return False
    plain = value.isprintable() and " " not in value
    return parts.scheme in HTTP and bool(parts.hostname) and plain


Headers = Annotated[dict[str, SecretStr], AfterValidator(sendable)]


class Section(BaseModel):
    """A frozen part of the profile that refuses unknown keys.

    The text below a setting is its description in the published schema, which editors show.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)
