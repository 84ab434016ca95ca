"""What `serve` and `gateway` do: start the reference or the payment gateway simulator."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from conformance.core.errors import ExitCode
from conformance.reference import BadSetting, Settings, catalogue, run_forever
from conformance.reference.app.serving import run_simulator_forever

ZONE = ZoneInfo("Asia/Kolkata")


def serve_reference(
    faults: tuple[str, ...],
    *,
    host: str,
    port: int,
    lineage: str,
    latency: int,
    lag: int,
    clock: str | None,
    db: Path | None,
    seed_data: Path | None = None,
    noise: float,
    rate_limit: int | None,
    allow: tuple[str, ...],
    simulator: str,
    log_exchanges: Path | None,
) -> ExitCode:
    """Serve the reference until it is stopped; set-up faults end with one message."""
    try:
        settings = Settings(
            host=host,
            port=port,
            lineage=lineage,
            faults=faults,
            latency_ms=latency,
            lag_ms=lag,
            clock_ms=None if clock is None else _epoch(clock),
            db=db,
            seed_data=seed_data,
            noise=noise / 100,
            rate_limit=rate_limit,
            allowed_addresses=allow or Settings().allowed_addresses,
            simulator_url=simulator,
            log_exchanges=log_exchanges,
        )
        run_forever(settings, _announce)
    except BadSetting as problem:
        click.echo(f"bbps-conformance: {problem}", err=True)
        return ExitCode.SETUP
    return ExitCode.CONFORMANT


def serve_simulator(host: str, port: int) -> ExitCode:
    """Serve the payment gateway simulator until it is stopped."""
    try:
        run_simulator_forever(host, port, _announce)
    except BadSetting as problem:
        click.echo(f"bbps-conformance: {problem}", err=True)
        return ExitCode.SETUP
    return ExitCode.CONFORMANT


def print_faults() -> None:
    """List every fault: name, requirements, sentence."""
    faults = catalogue()
    width = max(len(fault.name) for fault in faults)
    for fault in faults:
        ids = " ".join(fault.requirements)
        click.echo(f"{fault.name:<{width}}  {ids:<14}  {fault.sentence}")


def _announce(base_url: str) -> None:
    click.echo(f"Serving at {base_url} (stop with Ctrl-C)")


def _epoch(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadSetting(
            f"--clock {text!r} is no ISO time; write for example 2026-03-31T23:50"
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZONE)
    return int(moment.timestamp() * 1000)
