"""What a variation is: a name, why it conforms, and what it changes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from starlette.responses import Response

from conformance.reference.platform.documents import read, written
from conformance.reference.platform.world import Call, Reply

Edit = Callable[[Call, Reply], Reply]  # the body of a reply is a document here
Send = Callable[[Call, Response], Response]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variation:
    """One way to differ and to conform; `because` has the source.

    Without an edit, a send or settings the services look at the name where they decide.
    """

    name: str
    because: str
    edit: Edit | None = None  # the reply of a service or of the gateway
    send: Send | None = None  # what goes over the line
    settings: Mapping[str, Any] = field(default_factory=dict)  # of the reference
    protocol: Literal["1.0", "1.1"] = "1.1"  # version of HTTP


def edited(edits: list[Edit], call: Call, reply: Reply) -> Reply:
    """Return a reply after some edits; amounts keep their digits."""
    if not edits:
        return reply
    for edit in edits:
        reply = edit(call, with_document(reply))
    if reply.body is None or isinstance(reply.body, str):
        return reply
    return with_body(reply, written(reply.body))


def with_document(reply: Reply) -> Reply:
    """Return a reply whose JSON text is a document again."""
    if isinstance(reply.body, str) and reply.media_type == "application/json":
        return with_body(reply, read(reply.body))
    return reply


def with_body(reply: Reply, body: Any, *, status: int | None = None) -> Reply:
    """Return a reply with another body, and another status if one is given."""
    return replace(reply, body=body, status=status or reply.status)
