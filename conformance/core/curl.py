"""The shell line that repeats an exchange."""

import re
import shlex
from typing import Final

from conformance.core.exchange import Exchange
from conformance.core.redaction import GIVEN, PERSONAL_KEYS, REDACTED

OAUTH_BASIC: Final = "OAUTH_BASIC"  # the variable for the client's credential
_MARKED: Final = re.compile(
    rf"""(?P<before>(?:(?<!\w)(?P<field>\w++)(?:"\s*:\s*"|=|:\ ))?){re.escape(REDACTED)}"""
    rf"|{GIVEN.pattern}"
)


def curl(exchange: Exchange) -> str:
    """Return a shell line that repeats the exchange, with the secrets as variables to fill in."""
    lines = [f"curl -sS -X {exchange.method} {_quoted(exchange.url)}"]
    for name, value in exchange.request_headers.items():
        if name.lower() not in {"host", "content-length", "accept-encoding", "connection"}:
            lines.append(f"  -H {_quoted(f'{name}: {value}')}")
    if exchange.request_body:
        lines.append(f"  --data-raw {_quoted(exchange.request_body)}")
    return _with_variables(" \\\n".join(lines), exchange.actor)


def _with_variables(command: str, actor: str) -> str:
    """Turn each redaction mark of a command into a shell variable.

    What a variable of the environment gave is named after it, personal data after its field, the
    header of a token call after what it holds, any other secret after the actor.
    """

    def variable(found: re.Match[str]) -> str:
        if found["given"]:
            return f"'\"${{{found['given']}}}\"'"
        field = found["field"] or ""
        personal = field.lower() in PERSONAL_KEYS
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", field) if personal else f"{actor}_SECRET"
        if field.lower() == "authorization":
            name = OAUTH_BASIC
        return f"{found['before']}'\"${{{name.upper().replace('-', '_')}}}\"'"

    return _MARKED.sub(variable, command)


def _quoted(text: str) -> str:
    quoted = shlex.quote(text)
    return quoted if quoted.startswith("'") else f"'{quoted}'"
