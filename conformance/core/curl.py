"""The shell line that repeats an exchange."""

import re
import shlex
from typing import Final

from conformance.core.exchange import Exchange
from conformance.core.redaction import GIVEN, PERSONAL_KEYS, REDACTED

OAUTH_BASIC: Final = "OAUTH_BASIC"  # the variable for the client's credential
_SNAKE: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_MARKED: Final = re.compile(
    rf"""(?P<before>(?:(?<!\w)(?P<field>\w++)(?:"\s*:\s*"|=|:\ ))?){re.escape(REDACTED)}"""
    rf"|{GIVEN.pattern}"
)


def curl(exchange: Exchange, *, notes: bool = True) -> str:
    """Return a shell line that repeats the exchange, with the secrets as variables to fill in.

    With `notes`, comments before it say what they are, and where the call has to come from.
    """
    lines = [f"curl -sS -X {exchange.method} {_quoted(exchange.url)}"]
    for name, value in exchange.request_headers.items():
        if name.lower() not in {"host", "content-length", "accept-encoding", "connection"}:
            lines.append(f"  -H {_quoted(f'{name}: {value}')}")
    if exchange.request_body:
        lines.append(f"  --data-raw {_quoted(exchange.request_body)}")
    command, variables = _with_variables(" \\\n".join(lines), exchange.actor)
    said = [f"# {name}: {meaning}" for name, meaning in variables.items()]
    if exchange.egress:
        said.append("# send it from the second address (network.second_egress of the profile)")
    return "\n".join((*said, command)) if notes else command


def _with_variables(command: str, actor: str) -> tuple[str, dict[str, str]]:
    """Turn each redaction mark of a command into a shell variable; return what each of them is.

    What a variable of the environment gave is named after it, personal data after its field, the
    header of a token call after what it holds, any other secret after the actor and its kind.
    """
    variables: dict[str, str] = {}

    def variable(found: re.Match[str]) -> str:
        field = found["field"] or ""
        name, meaning = _named(field, actor)
        if found["given"]:
            name, meaning = found["given"], "what you gave the run by this name"
        variables.setdefault(name, meaning)
        return f"{found['before'] or ''}'\"${{{name}}}\"'"

    return _MARKED.sub(variable, command), variables


def _named(field: str, actor: str) -> tuple[str, str]:
    """Return the variable for a field that was redacted, and what it is."""
    mine = actor.upper().replace("-", "_")
    plain = field.lower()
    if plain in PERSONAL_KEYS:
        return _SNAKE.sub("_", field).upper(), f"personal data, the {field} of the request"
    if plain == "authorization":
        return OAUTH_BASIC, '"Basic $(printf %s CLIENT_ID:CLIENT_SECRET | base64)"'
    if plain.endswith("password"):
        return f"{mine}_PASSWORD", f"the password of the {actor}"
    if "token" in plain:
        whose = f"a token of the {actor}"
        return (
            f"{mine}_TOKEN",
            f"{whose}; `repeat` uses new ones, also for users that a run creates",
        )
    return f"{mine}_SECRET", f"a secret of the {actor}: {field or 'see the request'}"


def _quoted(text: str) -> str:
    quoted = shlex.quote(text)
    return quoted if quoted.startswith("'") else f"'{quoted}'"
