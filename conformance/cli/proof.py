"""The commands `verify`, `pack` and `keys new`: parse, call, print."""

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from conformance.cli.options import FORMAT, OUTPUT, REPORTS
from conformance.cli.output import writing
from conformance.cli.runs import folder_of
from conformance.core.errors import SetupError

if TYPE_CHECKING:
    from conformance.run.examination.proof import Proof

WIDTH: Final = 12  # characters of a name in what `verify` prints


@click.command()
@click.argument("run", default="latest", metavar="[RUN|FILE]")
@click.option(
    "--key", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="The public key with which it must be signed.",
)  # fmt: skip
@FORMAT
@REPORTS
def verify(run: str, key: Path | None, form: str, reports: Path) -> None:
    """Examine a run (a folder, an id, or latest), a certificate, or what `pack` wrote. Offline.

    Everything must be as it was written, and verdict, counts and reports must follow from the
    findings. Exit codes: 0 it certifies the deployment, 1 it is genuine and NON-CONFORMANT,
    2 nothing could be examined, 3 it was changed, contradicts itself or is not signed with the
    key, 4 it is genuine and certifies nothing: a rehearsal, a part, undecided or expired.
    """
    from conformance.report.plain import printable
    from conformance.results.attestation.keys import public_key
    from conformance.run.examination.verifying import examine

    path = Path(run) if Path(run).is_file() else folder_of(run, reports)
    known = public_key(key) if key is not None else None
    examination = examine(path, key=known, today=date.today())  # noqa: DTZ011  the reader's day
    if form == "json":
        click.echo(json.dumps(examination.as_json(), indent=1, ensure_ascii=False))
    else:
        click.echo(printable("\n".join(_lines(examination))))
    raise SystemExit(int(examination.exit_code))


@click.command()
@click.argument("run", default="latest")
@OUTPUT
@REPORTS
def pack(run: str, output: Path | None, reports: Path) -> None:
    """Write the files of RUN (a folder, an id, or latest) into one .tar.gz, to hand it on.

    A run that was changed is refused. Anybody with this suite can `verify` the pack.
    """
    from conformance.report.plain import printable
    from conformance.results.attestation.pack import SUFFIX
    from conformance.results.attestation.pack import pack as packed

    folder = folder_of(run, reports).resolve()
    path = output or Path(f"{folder.name}{SUFFIX}")
    if path.resolve().is_relative_to(folder):
        raise SetupError(f"{path} would be a file of the run", remedy="choose another place")
    with writing(path):
        packed(folder, path)
    click.echo(printable(f"written: {path}, {path.stat().st_size} bytes"))


@click.group(name="keys")
def keys_group() -> None:
    """Keys with which runs are signed."""


@keys_group.command(name="new")
@click.argument("name", type=click.Path(path_type=Path, dir_okay=False))
def new(name: Path) -> None:
    """Make an Ed25519 key: NAME.key to sign with, which you keep, and NAME.pub for everybody."""
    from conformance.report.plain import printable
    from conformance.results.attestation.keys import new_key

    with writing(name):
        private, public, id_ = new_key(name)
    click.echo(printable(f"private key: {private} (keep it; only you may read it)"))
    click.echo(printable(f"public key:  {public} (give it to those who verify)"))
    click.echo(f"key id:      {id_}")


def signed(folder: Path, key: Path) -> None:
    """Sign a run with the private key in a file, and say so; SetupError."""
    from conformance.report.plain import printable
    from conformance.results.attestation.keys import id_of, private_key
    from conformance.run.examination.verifying import attest

    signer = private_key(key)
    path = attest(folder, signer, today=date.today())  # noqa: DTZ011  the reader's day
    click.echo(printable(f"written: {path}\nkey id: {id_of(signer.public_key())}"))


def _lines(examination: "Proof") -> list[str]:
    facts = [f"{name:{WIDTH}} {text}" for name, text in examination.facts]
    found = [f"{each.kind:5}  {each.subject}: {each.text}" for each in examination.lines]
    return [*facts, "", *found, "", examination.conclusion]
