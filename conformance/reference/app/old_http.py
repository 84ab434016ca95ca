"""HTTP/1.0, for the variation that speaks it: another version in the status line."""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

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


class OldHttpProtocol(HttpToolsProtocol):
    """The server's protocol, as an old server speaks it."""

    def connection_made(self, transport: Any) -> None:
        """Take a new connection."""
        super().connection_made(OldTransport(transport))  # type: ignore[arg-type]


PROTOCOLS: Final[dict[str, type[HttpToolsProtocol]]] = {
    "1.0": OldHttpProtocol,
    "1.1": HttpToolsProtocol,
}
