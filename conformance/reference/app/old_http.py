"""HTTP as the reference speaks it, in the version of a variation; a proxy reaches below it."""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

CONNECTION: Final = "reference.connection"  # in the extensions of a request
NEW, OLD = b"HTTP/1.1 ", b"HTTP/1.0 "


class OldTransport:
    """A transport whose status lines say HTTP/1.0."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    def write(self, data: bytes) -> None:
        """Write; a status line stands at the start."""
        self._transport.write(OLD + data[len(NEW) :] if data.startswith(NEW) else data)

    def __getattr__(self, name: str) -> Any:
        """Return whatever else a transport has."""
        return getattr(self._transport, name)


class OpenProtocol(HttpToolsProtocol):
    """The server's protocol; a request carries its connection, for what ASGI cannot answer."""

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self.scope["extensions"] = {CONNECTION: self.transport}  # type: ignore[dict-item]


class OldHttpProtocol(OpenProtocol):
    """The same as an old server speaks it."""

    def connection_made(self, transport: Any) -> None:
        """Take a new connection."""
        super().connection_made(OldTransport(transport))  # type: ignore[arg-type]


PROTOCOLS: Final[dict[str, type[HttpToolsProtocol]]] = {
    "1.0": OldHttpProtocol,
    "1.1": OpenProtocol,
}
