"""What every money service does with a call: caller, wrapper, refusals from breach tables."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from conformance.reference.platform.errors import ServiceProblem, Unhandled
from conformance.reference.platform.hash_order import in_hash_order
from conformance.reference.platform.world import Call, User

NULL: Final = "NullPointerException"


def refuse_all(breaches: Mapping[str, str] | Iterable[tuple[str, str]]) -> None:
    """Raise one refusal with every breach, one message per code, in the order of a map."""
    found = dict(breaches)
    if found:
        raise ServiceProblem(*((code, found[code]) for code in in_hash_order(found)))


def caller_of(call: Call) -> User:
    """Return the token's user; without one DIGIT runs into a null pointer."""
    if call.user is None or not call.request_info:
        raise Unhandled(NULL)
    return call.user


def response_info(call: Call, status: str, *, message_id: str | None = None) -> dict[str, Any]:
    """Return the wrapper that echoes the request's RequestInfo."""
    info = call.request_info
    return {
        "apiId": info.get("apiId"),
        "ver": info.get("ver"),
        "ts": info.get("ts"),
        "resMsgId": message_id,
        "msgId": info.get("msgId"),
        "status": status,
    }
