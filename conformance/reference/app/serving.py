"""Serving a deployment: in a thread for a run or a test, or in the foreground for people."""

import asyncio
import contextlib
import errno
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from conformance.reference.app.application import application, new_world
from conformance.reference.app.old_http import PROTOCOLS
from conformance.reference.app.spoiling import SpoilingProxy
from conformance.reference.payment_gateways import simulator
from conformance.reference.platform.clock import Clock
from conformance.reference.platform.settings import BadSetting, Settings
from conformance.reference.platform.world import World
from conformance.reference.variations.catalogue import VARIATIONS

Protocol = type[HttpToolsProtocol]
USUAL: Final = PROTOCOLS["1.1"]
START_DEADLINE = 10.0  # seconds
LAST_MOMENT: Final = 0.1  # seconds that answers under way have when a thread stops to serve


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A deployment that is up."""

    base_url: str
    clock: Clock
    settings: Settings


@contextlib.contextmanager
def serve(settings: Settings | None = None) -> Iterator[Deployment]:
    """Serve a deployment from a thread while the context lasts; BadSetting if it cannot start."""
    settings = settings or Settings()
    world = new_world(settings)
    try:
        served, settings = _behind_proxy(world), world.settings
        protocol = protocol_of(settings.variations)
        with serve_application(served, settings.host, settings.port, protocol) as base_url:
            yield Deployment(base_url=base_url, clock=world.clock, settings=settings)
    finally:
        world.store.close()


@contextlib.contextmanager
def serve_application(
    served: ASGIApp, host: str, port: int = 0, protocol: Protocol = USUAL
) -> Iterator[str]:
    """Serve any application from a thread; yields its base URL."""
    listener = _listening(host, port)
    server = _Stoppable(_config(served, protocol))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + START_DEADLINE
    while not server.up.wait(0.02):
        if not thread.is_alive() or time.monotonic() > deadline:
            raise BadSetting("the reference deployment did not start")
    try:
        yield _url(listener)
    finally:
        server.stop()
        thread.join(5)
        listener.close()


def run_forever(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serve in the foreground until SIGINT, SIGTERM or SIGHUP; `announce` gets the base URL."""
    world = new_world(settings)
    protocol = protocol_of(settings.variations)
    _run(_behind_proxy(world), settings.host, settings.port, announce, protocol)
    world.store.close()


def _behind_proxy(world: World) -> ASGIApp:
    """Return the application of a deployment, behind the proxy that its settings order."""
    served = application(world)
    return SpoilingProxy(served, world.settings.spoil) if world.settings.spoil else served


def run_simulator_forever(host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serve the payment gateway simulator until SIGINT, SIGTERM or SIGHUP."""
    _run(simulator.application(), host, port, announce)


def _run(
    served: ASGIApp,
    host: str,
    port: int,
    announce: Callable[[str], None],
    protocol: Protocol = USUAL,
) -> None:
    listener = _listening(host, port)
    server = uvicorn.Server(_config(served, protocol))

    def stop(_signal: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stop)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # `nohup` ignores it
        signal.signal(signal.SIGHUP, stop)
    announce(_url(listener))
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listener])
    listener.close()


def _listening(host: str, port: int) -> socket.socket:
    # IPPROTO_TCP by name: without it asyncio leaves Nagle's algorithm on, 40 times slower.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(256)
    except OSError as problem:
        listener.close()
        taken = problem.errno == errno.EADDRINUSE
        reason = "is taken; choose another --port" if taken else f"cannot be used: {problem}"
        raise BadSetting(f"{host}:{port} {reason}") from None
    return listener


def protocol_of(variations: Iterable[str]) -> Protocol:
    """Return the protocol that the oldest of some variations speaks."""
    return PROTOCOLS[min((VARIATIONS[name].protocol for name in variations), default="1.1")]


class _Stoppable(uvicorn.Server):
    """A server in a thread that ends at `stop`; uvicorn's own looks ten times a second."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()

    async def main_loop(self) -> None:
        """Serve until `stop`."""
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        await self.on_tick(0)
        self.up.set()
        await self._end.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close all connections; what is being answered has a moment to end."""
        for each in (*self.servers, *(sockets or ())):
            each.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=LAST_MOMENT)

    def stop(self) -> None:
        """End it, from another thread."""
        self._loop.call_soon_threadsafe(self._end.set)


def _config(served: ASGIApp, protocol: Protocol) -> uvicorn.Config:
    return uvicorn.Config(
        served,
        loop="asyncio",
        http=protocol,
        lifespan="on",
        log_level="critical",
        access_log=False,
        proxy_headers=False,  # else a forged X-Forwarded-For would become the peer
        server_header=False,
        date_header=False,  # the application dates its answers by its own clock
        timeout_graceful_shutdown=2,
    )


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()
    return f"http://{host}:{port}"
