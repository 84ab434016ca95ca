"""The command `bbps-conformance`: parse, call, print. Heavy packages are imported by commands."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click
from click.core import ParameterSource

from conformance.cli.contracts import contracts_group
from conformance.cli.deployment import KNOWN_AS, clean, doctor, folder_of
from conformance.cli.profile import profile_group
from conformance.cli.scenarios import scenarios_group
from conformance.core.errors import ExitCode

if TYPE_CHECKING:
    pass

MODES = ("inspect", "sandbox", "full")
DEPTHS = ("quick", "standard", "deep")
LINEAGES = ("strict", "digit-2.8", "digit-lts", "mseva")
OF_THE_REFERENCE = "of the embedded reference; refused with a deployment of your own."
PERCENT = click.FloatRange(0, 100)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="digit-bbps-conformance", prog_name="bbps-conformance")
def main() -> None:
    """Decide whether a DIGIT deployment may take bill payments from BBPS.

    Exit codes: 0 conformant, 1 non-conformant, 2 set-up or usage, 3 error of the suite,
    4 policy (a binding requirement stayed undecided).
    """


main.add_command(contracts_group)
main.add_command(scenarios_group)
main.add_command(profile_group)
main.add_command(doctor)
main.add_command(clean)


@main.command()
@click.option(
    "--target",
    "-t",
    type=click.Path(path_type=Path),
    help="Target profile (YAML).  [default: the embedded reference]",
)
@click.option("--base-url", help="Replaces base_url of the profile.")
@click.option("--mode", type=click.Choice(MODES), help="Replaces mode of the profile.")
@KNOWN_AS
@click.option(
    "--contract",
    "contracts",
    multiple=True,
    metavar="SERVICE=FILE",
    help="Hold a service against your own contract file.",
)
@click.option("--only", multiple=True, metavar="ID", help="Check these requirements only.")
@click.option("--fault", multiple=True, metavar="NAME", help=f"Fault {OF_THE_REFERENCE}")
@click.option(
    "--lineage", type=click.Choice(LINEAGES), default="strict", show_default=True,
    help=f"Lineage {OF_THE_REFERENCE}",
)  # fmt: skip
@click.option("--latency", default=0, metavar="MS", help=f"Latency {OF_THE_REFERENCE}")
@click.option("--lag", default=0, metavar="MS", help=f"Persistence lag {OF_THE_REFERENCE}")
@click.option(
    "--noise", type=PERCENT, default=0, metavar="PERCENT",
    help=f"Share of lost or mangled exchanges {OF_THE_REFERENCE}",
)  # fmt: skip
@click.option(
    "--depth", type=click.Choice(DEPTHS), default="standard", show_default=True,
    help="How many requests are generated from the contracts.",
)  # fmt: skip
@click.option(
    "--seed", default=0, help="Seed of generated requests.  [default: 0, always the same]"
)
@click.option(
    "--jobs", type=click.IntRange(1, 64), default=1, show_default=True, metavar="N",
    help="Independent checks that run at a time.",
)  # fmt: skip
@click.option(
    "--reports", type=click.Path(path_type=Path), default=Path("reports"), show_default=True,
    help="Folder that keeps the runs.",
)  # fmt: skip
@click.option("--open", "split", is_flag=True, help="Leave what another day decides to --settle.")
@click.option("--settle", metavar="RUN", help="Finish an open run, on a later day.")
@click.option("--resume", metavar="RUN", help="Go on with a run that was interrupted.")
def certify(
    target: Path | None,
    base_url: str | None,
    mode: str | None,
    known_as: str,
    contracts: tuple[str, ...],
    only: tuple[str, ...],
    fault: tuple[str, ...],
    lineage: str,
    latency: int,
    lag: int,
    noise: float,
    depth: str,
    seed: int,
    jobs: int,
    reports: Path,
    split: bool,
    settle: str | None,
    resume: str | None,
) -> None:
    """Check a deployment and write its certificate.

    RUN is an id, a folder, or latest; --target names the same profile as before.
    """
    from conformance.run.certify import Order, certify_target

    _demand_same_terms(settle, resume)
    earlier = settle or resume
    order = Order(
        target=target,
        settings={"base_url": base_url, "mode": mode},
        known_as=known_as,
        documents=_documents(contracts),
        only=only,
        faults=fault,
        lineage=lineage,
        latency_ms=latency,
        lag_ms=lag,
        noise=noise,
        depth=depth,
        seed=seed,
        jobs=jobs,
        reports=reports,
        split=split,
        earlier=folder_of(earlier, reports) if earlier else None,
        settle=settle is not None,
    )
    sys.exit(int(certify_target(order)))


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, help="Port; 0 takes a free one.")
@click.option(
    "--lineage", type=click.Choice(LINEAGES), default="strict", show_default=True,
    help="Line of DIGIT to behave as.",
)  # fmt: skip
@click.option("--fault", multiple=True, metavar="NAME", help="Switch a fault on; may be repeated.")
@click.option("--faults", is_flag=True, help="List the faults, and end.")
@click.option("--latency", default=0, metavar="MS", help="Delay of every answer.")
@click.option("--lag", default=0, metavar="MS", help="Delay until a write shows in searches.")
@click.option(
    "--clock", metavar="TIME", help="Where the clock starts: ISO time, e.g. 2026-03-31T23:50."
)
@click.option("--db", type=click.Path(path_type=Path), help="Keep state in this file.")
@click.option(
    "--seed-data", type=click.Path(path_type=Path), metavar="FILE",
    help="People and demands to start with (YAML or JSON).",
)  # fmt: skip
@click.option(
    "--noise", type=PERCENT, default=0, metavar="PERCENT", help="Exchanges lost or mangled."
)
@click.option("--rate-limit", type=int, metavar="N", help="Requests per second before 429.")
@click.option(
    "--allow", multiple=True, metavar="ADDRESS", help="White-listed address of SYSTEM users."
)
@click.option(
    "--simulator", default="", metavar="URL", help="Payment gateway that AXIS, PAYU and PAYTM ask."
)
@click.option(
    "--log-exchanges", type=click.Path(path_type=Path), metavar="FILE",
    help="Append method, path, status and codes of each answer.",
)  # fmt: skip
def serve(faults: bool, fault: tuple[str, ...], **knobs: Any) -> None:
    """Serve the reference deployment, to rehearse against."""
    from conformance.cli import serving

    if faults:
        serving.print_faults()
        return
    sys.exit(int(serving.serve_reference(fault, **knobs)))


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8081, show_default=True, help="Port; 0 takes a free one.")
def gateway(host: str, port: int) -> None:
    """Serve a payment gateway (AXIS, PAYU, PAYTM) for rehearsals by hand.

    What it says of a transaction is set by POST /control. A run with outcome.style
    gateway-simulator serves its own: do not start this one beside it on the same port.
    """
    from conformance.cli import serving

    sys.exit(int(serving.serve_simulator(host, port)))


@main.command("list")
@click.option("--checks", is_flag=True, help="List the checks of each requirement too.")
def list_(checks: bool) -> None:
    """List the requirements of the register, by area."""
    from conformance.core.requirements import Register
    from conformance.report.terminal import print_register

    names: dict[str, list[str]] = {}
    if checks:
        from conformance.run.certify import checks_by_requirement

        names = checks_by_requirement()
    print_register(Register.load(), names)


@main.command()
@click.argument("requirement")
def explain(requirement: str) -> None:
    """Explain one requirement: what it demands, why, how it is checked, usual causes."""
    from conformance.core.requirements import Register, UnknownRequirement
    from conformance.core.requirements import explain as explained
    from conformance.run.certify import checks_by_requirement

    register = Register.load()
    try:
        found = register.of(requirement.upper())
    except UnknownRequirement as problem:
        _stop(str(problem))
    click.echo(explained(found, checks_by_requirement().get(found.id, ())))


def _demand_same_terms(settle: str | None, resume: str | None) -> None:
    """Refuse what a later part of a run takes over from the first."""
    if settle is None and resume is None:
        return
    context = click.get_current_context()
    taken_over = ("only", "depth", "seed", "split", "resume" if settle else "settle")
    given = [
        f"--{'open' if name == 'split' else name}"
        for name in taken_over
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    ]
    if given:
        chosen = "--settle" if settle else "--resume"
        _stop(f"{chosen} goes on with a run as it was begun; leave out {', '.join(given)}")


def _documents(contracts: tuple[str, ...]) -> dict[str, Path]:
    documents = {}
    for each in contracts:
        service, separator, path = each.partition("=")
        if not separator or not path:
            _stop(f"--contract {each!r}: write SERVICE=FILE, e.g. collection-services=V-2-0.yml")
        documents[service] = Path(path)
    return documents


def _stop(message: str) -> NoReturn:
    """End with the code of set-up faults and one clear message."""
    click.echo(f"bbps-conformance: {message}", err=True)
    sys.exit(int(ExitCode.SETUP))
