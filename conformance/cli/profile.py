"""The commands `profile init | check | schema`: parse, call, print."""

import json
import os
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from conformance.cli.output import write_whole
from conformance.core import resources
from conformance.core.errors import ExitCode, SetupError

if TYPE_CHECKING:
    from conformance.profile.draft import Draft

SCHEMA: Final = resources.EXAMPLES / "targets" / "profile.schema.json"
KINDS: Final[Mapping[str, Mapping[str, Any]]] = {  # kind -> settings
    "test": {"production": False, "bills.provision": "demands"},
    "pool": {"production": False, "bills.provision": "pool"},
    "production": {"production": True},
}
STYLES: Final = ("update-parameters", "gateway-simulator", "command", "hook", "none")
# What has no default, and its option, if it has one.
NEEDED: Final = {
    "base_url": "--base-url",
    "tenant": "--tenant",
    "actors.administrator": "actors.administrator in a file for --from",
}


@click.group(name="profile")
def profile_group() -> None:
    """Write, check and describe target profiles."""


@profile_group.command()
@click.argument("path", type=click.Path(path_type=Path), default=Path("target.yaml"))
@click.option(
    "--from", "source", type=click.Path(path_type=Path), metavar="FILE",
    help="A profile, also an unfinished one, whose settings are taken over.",
)  # fmt: skip
@click.option("--offline", is_flag=True, help="Do not call the deployment.")
@click.option(
    "--kind", type=click.Choice(list(KINDS)),
    help="test: demands are created; pool: bills come from a list; production: read only.",
)  # fmt: skip
@click.option("--name", help="Name of the deployment.")
@click.option("--base-url", help="Address of its gateway.")
@click.option("--tenant", help="Tenant of the city.")
@click.option("--state-tenant", help="Tenant of the state.  [default: the city's first part]")
@click.option(
    "--outcome", type=click.Choice(STYLES),
    help="How the deployment learns that a payment succeeded or failed.",
)  # fmt: skip
def init(
    path: Path, source: Path | None, kind: str | None, outcome: str | None, *, offline: bool,
    **given: str | None,
) -> None:  # fmt: skip
    """Write a commented profile to PATH.

    Questions follow for what no option and no FILE says. The deployment is called to check each
    answer, and to offer what it has; nothing is changed there. Passwords are never written. When
    you stop, what you answered is kept.
    """
    from conformance.cli.interview import Interview
    from conformance.cli.questions import STEPS
    from conformance.run.survey import Survey
    from conformance.run.waiting import announced

    if path.exists() and path != source:
        raise SetupError(f"{path} exists already, and was not changed", remedy=_other(path))
    draft = _begun(source)
    options = {**KINDS.get(kind or "", {}), **given, "outcome.style": outcome}
    for place, value in options.items():
        if value is not None:
            draft.put(place, value)
            if wrong := draft.mistake(place):
                raise SetupError(f"--{place.replace('_', '-')} {value!r}: {wrong}")
    somebody = _somebody_is_there()
    if not somebody:
        _require_needed(draft)
    with Survey(draft, os.environ, path.parent, offline=offline) as survey:
        try:
            with announced():
                Interview(draft, survey, somebody=somebody).hold(STEPS)
        except (click.Abort, KeyboardInterrupt):
            _keep(path, draft)
            raise SystemExit(ExitCode.INTERRUPTED) from None
        except Exception:
            _keep(path, draft)
            raise
        _write(path, draft)
        environ = {**dict.fromkeys(_variables(draft.document), "unset"), **os.environ}
    _finished(path, draft, environ)


def _begun(source: Path | None) -> "Draft":
    """Return the draft to begin with: empty, or an unfinished profile. FileError."""
    from conformance.core.foreign_files import read
    from conformance.profile.draft import Draft

    if source is None:
        return Draft()
    return Draft(read(source).mapping("write settings such as `name: value`"))


def _require_needed(draft: "Draft") -> None:
    if missing := [words for place, words in NEEDED.items() if draft.at(place) is None]:
        raise SetupError(f"there is no terminal for questions; give {', '.join(missing)}")


def _keep(path: Path, draft: "Draft") -> None:
    """Write what was answered so far, and say how to go on."""
    if draft.document:
        _write(path, draft, "Unfinished. ")
        words = ["bbps-conformance", "profile", "init", str(path), "--from", str(path)]
        click.echo(f"\nWritten, as far as it was answered: {path}")
        click.echo(f"Continue with: {shlex.join(words)}")


def _other(path: Path) -> str:
    return f"name another file, or continue it with --from {path}"


def _finished(path: Path, draft: "Draft", environ: Mapping[str, str]) -> None:
    """Read what was written, and say what comes next; FileError with what is left to correct."""
    from conformance.profile.loading import load

    target = load(path, environ=environ).target
    click.echo(f"Written: {path}")
    if target.mode.pays:
        click.echo(f"A run may pay up to {target.limits.rupees_per_run} rupees.")
    unset = [name for name in _variables(draft.document) if not os.environ.get(name)]
    if unset:
        click.echo(f"Next: set the variables {', '.join(unset)}; then")
    else:
        click.echo("Next:")
    click.echo(f"  bbps-conformance doctor --target {shlex.quote(str(path))}")


def _variables(node: Any) -> Iterator[str]:
    """Yield the variables of the environment that a profile names, each once."""
    from conformance.profile.loading import REFERENCE

    text = json.dumps(node, default=str)
    yield from dict.fromkeys(REFERENCE.findall(text))


@profile_group.command()
@click.argument("path", type=click.Path(path_type=Path))
def check(path: Path) -> None:
    """Check the profile PATH; all mistakes are shown together, with exit code 2."""
    from conformance.profile.loading import load

    profile = load(path)
    target = profile.target
    click.echo(f"{path}: the profile has no mistakes.")
    click.echo(f"  {target.name} at {target.base_url}, tenant {target.tenant}")
    click.echo(f"  mode {target.mode}: {MODE_WORDS[target.mode]}")
    if target.mode.pays:
        click.echo(f"  at most {target.limits.rupees_per_run} rupees per run")
    click.echo(f"Next: bbps-conformance doctor --target {path}")


MODE_WORDS: Final = {
    "inspect": "nothing is created, changed or paid",
    "sandbox": "demands, users and transactions are created, no money moves",
    "full": "bills are created and paid",
}


@profile_group.command()
def schema() -> None:
    """Print the JSON Schema of profiles, for editors."""
    from conformance.profile.published_schema import profile_schema

    click.echo(profile_schema(), nl=False)


def _somebody_is_there() -> bool:
    import sys

    return sys.stdin.isatty()


def _write(path: Path, draft: "Draft", unfinished: str = "") -> None:
    heading = (
        f"{unfinished}Written by `bbps-conformance profile init`. `profile check` lists the\n"
        "mistakes of this file, `doctor` those of the deployment."
    )
    write_whole(path, draft.written(str(SCHEMA), heading), "name a file in a folder that exists")
