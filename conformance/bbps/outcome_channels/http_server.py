"""A small HTTP server in a thread: passes each request to a function, and sends what it returns."""

import json
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import AF_INET, AF_INET6
from socketserver import TCPServer
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from conformance.core.nesting import nested_deeper

LARGEST: Final = 64_000  # bytes of a body; no question for a status comes near
IDLE: Final = 30.0  # seconds that a connection may keep silent


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRequest:
    """A request: what its query, form or JSON body presents, by name."""

    presented: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelResponse:
    """A response."""

    status: int = 200
    text: str = ""
    media_type: str = "text/plain"
    location: str = ""


class Listener:
    """Listens on an address until it is closed; OSError when it cannot be had."""

    def __init__(
        self, host: str, port: int, response: Callable[[ChannelRequest], ChannelResponse]
    ) -> None:
        """Listen from now on; `response` is called from several threads."""
        self._server = _Server((host, port), response)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(
        self, address: tuple[str, int], response: Callable[[ChannelRequest], ChannelResponse]
    ) -> None:
        self.address_family = AF_INET6 if ":" in address[0] else AF_INET
        self.response = response
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Bind without looking up our own name, which may take long."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet about callers who hang up: the terminal belongs to the run."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = IDLE
    server: _Server

    def do_POST(self) -> None:
        """Answer a request."""
        self._reply()

    def do_GET(self) -> None:
        """Answer a probe of the address."""
        self._reply()

    def _reply(self) -> None:
        body = self._body()
        if body is None:
            return
        response = self.server.response(ChannelRequest(presented=self._presented(body)))
        content = response.text.encode()
        self.send_response(response.status)
        if response.location:
            self.send_header("Location", response.location)
        self.send_header("Content-Type", response.media_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _body(self) -> bytes | None:
        """Read the body; answer 413 and return None when it has no sensible length."""
        length = self.headers.get("Content-Length") or "0"
        if not (length.isascii() and length.isdigit()) or int(length) > LARGEST:
            self.send_error(413)
            return None
        return self.rfile.read(int(length))

    def _presented(self, body: bytes) -> dict[str, str]:
        text = body.decode("utf-8", "replace")
        presented = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        if self.headers.get_content_type() != "application/json":
            return presented | dict(parse_qsl(text, keep_blank_values=True))
        try:
            document = None if nested_deeper(text) else json.loads(text)
        except ValueError:
            return presented
        known = document.items() if isinstance(document, dict) else ()
        return presented | {name: str(value) for name, value in known}

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet here, too."""
