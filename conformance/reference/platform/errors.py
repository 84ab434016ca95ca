"""How services and gateways of DIGIT refuse: codes, messages and the envelope around them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

Item = tuple[str, str]  # code, message
UNHANDLED_TEXT = "An unhandled exception occurred on the server"


class ServiceProblem(Exception):
    """A handled refusal of a service: HTTP 400 with one item per problem."""

    relayed = False  # from another service, in whose form it is answered

    def __init__(self, *items: Item) -> None:
        super().__init__(", ".join(code for code, _ in items))
        self.items = items


class Unhandled(Exception):
    """What a service did not foresee: HTTP 400 with the exception's class as code."""

    relayed = False

    def __init__(self, kind: str, detail: str | None = None, *, text: str = UNHANDLED_TEXT) -> None:
        super().__init__(kind)
        self.kind = kind
        self.detail = detail
        self.text = text


@contextmanager
def relaying() -> Iterator[None]:
    """Mark what another service refuses while the block lasts: it is passed on as it came."""
    try:
        yield
    except (ServiceProblem, Unhandled) as problem:
        problem.relayed = True
        raise


class GatewayProblem(Exception):
    """A refusal by the gateway, before any service sees the request."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        description: str | None = "",
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.description = message if description == "" else description
        self.headers = headers or {}
        self.page: dict[str, Any] | None = None  # stands in place of the envelope


def envelope(items: Iterable[Item], *, described: bool = False, six_keys: bool = False) -> Any:
    """Return the error body; `described` gives the first item an empty description, as pg does."""
    errors = []
    for index, (code, message) in enumerate(items):
        item: dict[str, Any] = {"id": None, "parentId": None} if six_keys else {}
        description = "" if described and index == 0 else None
        item |= {"code": code, "message": message, "description": description, "params": None}
        errors.append(item)
    return {"ResponseInfo": None, "Errors": errors}


def unhandled_envelope(
    kind: str, detail: str | None, *, text: str = UNHANDLED_TEXT, six_keys: bool = False
) -> Any:
    """Return the body for an unforeseen exception; the newer tracer shifts the values by one."""
    if six_keys:
        item: dict[str, Any] = {"id": kind, "parentId": None, "code": text}
        item |= {"message": detail, "description": None, "params": None}
    else:
        item = {"code": kind, "message": text, "description": detail, "params": None}
    return {"ResponseInfo": None, "Errors": [item]}


def wrong_media_type(media_type: str | None, *, six_keys: bool = False) -> Any:
    """Return the body for a media type that no service takes; the newer tracer shifts it by one."""
    text = f"An unsupported media Type was used - {media_type or 'null'}"
    if not six_keys:
        return envelope([("UnsupportedMediaType", text)])
    item = {"id": "UnsupportedMediaType", "parentId": None, "code": text}
    item |= {"message": None, "description": None, "params": None}
    return {"ResponseInfo": None, "Errors": [item]}


def missing_parameter(name: str) -> Any:
    """Return the body for a mandatory query parameter that is absent: an empty code."""
    message = f"Required String parameter '{name}' is not present"
    item = {"code": "", "message": message, "description": None, "params": [name]}
    return {"ResponseInfo": None, "Errors": [item]}
