"""The commands `serve` and `gateway`, which start the reference or its payment gateway."""

from datetime import datetime
from pathlib import Path

import click

from conformance.cli.options import LINEAGE_CHOICES, MILLISECONDS, PERCENT
from conformance.core.errors import SetupError
from conformance.run.choices import SPOILS

ZONE = "Asia/Kolkata"
HOST = click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
PORTS = click.IntRange(0, 65535)


@click.command()
@HOST
@click.option(
    "--port", type=PORTS, default=8080, show_default=True, help="Port; 0 takes a free one."
)
@click.option(
    "--lineage", metavar=LINEAGE_CHOICES, default="strict", show_default=True,
    help="Lineage of DIGIT to behave as.",
)  # fmt: skip
@click.option("--fault", multiple=True, metavar="NAME", help="Switch a fault on; may be repeated.")
@click.option(
    "--variation", multiple=True, metavar="NAME",
    help="Differ from the reference and conform all the same; may be repeated.",
)  # fmt: skip
@click.option("--variations", is_flag=True, help="List the variations and stop.")
@click.option("--faults", is_flag=True, help="List the faults and stop.")
@click.option(
    "--latency", type=MILLISECONDS, default=0, metavar="MS", help="Delay of every response."
)
@click.option(
    "--lag", type=MILLISECONDS, metavar="MS", help="Delay until a write shows in searches."
)
@click.option(
    "--mdms-open/--mdms-closed", default=None, help="Whether master data is served without a token."
)
@click.option(
    "--no-action", multiple=True, metavar="PATH",
    help="Path without a row in the state's actions, so that no role opens it; may be repeated.",
)  # fmt: skip
@click.option(
    "--no-service", multiple=True, metavar="NAME",
    help="Service that is not deployed, e.g. egov-hrms; may be repeated.",
)  # fmt: skip
@click.option(
    "--down", multiple=True, metavar="NAME", help="Service that does not run; may be repeated."
)
@click.option(
    "--gateway", "gateways", multiple=True, metavar="NAME",
    help="Payment gateway that transactions may use; may be repeated.",
)  # fmt: skip
@click.option("--zone", metavar="NAME", help="Time zone of the services, where a bill's day ends.")
@click.option(
    "--clock", metavar="TIME", help="Where the clock starts: ISO time, e.g. 2026-03-31T23:50."
)
@click.option("--db", type=click.Path(path_type=Path), help="Keep state in this file.")
@click.option(
    "--mdms-data", type=click.Path(path_type=Path), metavar="FOLDER",
    help="Master data of a state, laid out as in DIGIT's MDMS repository, in place of the shipped.",
)  # fmt: skip
@click.option(
    "--seed-data", type=click.Path(path_type=Path), metavar="FILE",
    help="People and demands to start with (YAML or JSON).",
)  # fmt: skip
@click.option(
    "--noise", type=PERCENT, default=0, metavar="PERCENT", help="Exchanges lost or mangled."
)
@click.option(
    "--spoil", metavar="MODE[:PATH]",
    help="Spoil all answers, or those below a path, in one way, as proxies do: "
    f"{', '.join(SPOILS)}.",
)  # fmt: skip
@click.option(
    "--rate-limit", type=click.IntRange(min=1), metavar="N",
    help="Requests per second before 429.",
)  # fmt: skip
@click.option(
    "--allow", multiple=True, metavar="ADDRESS", help="White-listed address of SYSTEM users."
)
@click.option(
    "--simulator",
    default="",
    metavar="URL",
    help="Payment gateway that is queried for AXIS, PAYU and PAYTM.",
)
@click.option(
    "--log-exchanges", type=click.Path(path_type=Path), metavar="FILE",
    help="Append method, path, status and codes of each response.",
)  # fmt: skip
def serve(
    *,
    host: str,
    port: int,
    lineage: str,
    fault: tuple[str, ...],
    variation: tuple[str, ...],
    variations: bool,
    faults: bool,
    latency: int,
    lag: int | None,
    mdms_open: bool | None,
    no_action: tuple[str, ...],
    no_service: tuple[str, ...],
    down: tuple[str, ...],
    gateways: tuple[str, ...],
    zone: str | None,
    clock: str | None,
    db: Path | None,
    mdms_data: Path | None,
    seed_data: Path | None,
    noise: float,
    spoil: str | None,
    rate_limit: int | None,
    allow: tuple[str, ...],
    simulator: str,
    log_exchanges: Path | None,
) -> None:
    """Serve the reference deployment, for rehearsals."""
    from conformance.reference import Settings, run_forever
    from conformance.run.embedded import bad_settings_refused

    if faults:
        _print_faults()
        return
    if variations:
        _print_variations()
        return
    with bad_settings_refused():
        settings = Settings(
            host=host,
            port=port,
            lineage=lineage,
            faults=fault,
            variations=variation,
            latency_ms=latency,
            lag_ms=lag,
            mdms_open=mdms_open,
            no_action=no_action or None,
            no_service=no_service or None,
            down=down,
            gateways=gateways or None,
            zone=zone,
            clock_ms=None if clock is None else _epoch(clock),
            db=db,
            mdms_data=mdms_data,
            seed_data=seed_data,
            noise=noise / 100,
            spoil=spoil or "",
            rate_limit=rate_limit,
            allowed_addresses=allow or Settings().allowed_addresses,
            simulator_url=simulator,
            log_exchanges=log_exchanges,
        )
        run_forever(settings, _announce)


@click.command()
@HOST
@click.option(
    "--port", type=PORTS, default=8081, show_default=True, help="Port; 0 takes a free one."
)
def gateway(host: str, port: int) -> None:
    """Serve a payment gateway (AXIS, PAYU, PAYTM) for rehearsals by hand.

    POST /control sets the outcome of a transaction. A run with outcome.style
    gateway-simulator serves its own: do not start this one on the same port.
    """
    from conformance.reference.app.serving import run_simulator_forever
    from conformance.run.embedded import bad_settings_refused

    with bad_settings_refused():
        run_simulator_forever(host, port, _announce)


def _print_faults() -> None:
    """List every fault: name, requirements, sentence."""
    from conformance.reference import catalogue

    faults = catalogue()
    width = max(len(fault.name) for fault in faults)
    for fault in faults:
        ids = " ".join(fault.requirements)
        click.echo(f"{fault.name:<{width}}  {ids:<14}  {fault.sentence}")


def _print_variations() -> None:
    """List every variation: name, and why it conforms."""
    from conformance.reference import VARIATIONS

    width = max(map(len, VARIATIONS))
    for name, each in VARIATIONS.items():
        click.echo(f"{name:<{width}}  {each.because}")


def _announce(base_url: str) -> None:
    click.echo(f"Serving at {base_url} (stop with Ctrl-C)")


def _epoch(text: str) -> int:
    from zoneinfo import ZoneInfo

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise SetupError(
            f"--clock {text!r} is not an ISO time", remedy="write for example 2026-03-31T23:50"
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(ZONE))
    return int(moment.timestamp() * 1000)
