"""The commands `scenarios import | export`: parse, call, print."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.options import BASE_URL, TARGET_OR_REFERENCE
from conformance.cli.output import writing
from conformance.core.charsets import whole
from conformance.core.errors import SetupError
from conformance.core.foreign_files import MOST_BYTES

if TYPE_CHECKING:
    from conformance.scenarios.postman.importer import Imported

SERVED = "http://127.0.0.1:8080"  # where `serve` listens
MOST_STEPS = 1000  # of a scenario; nobody reads a longer one, and JSON is written at once
A_FILE = click.Path(path_type=Path)


@click.command("import")
@click.argument("collection", type=A_FILE)
@click.option("--environment", "-e", type=A_FILE, help="Postman environment with values.")
@click.option("--globals", "-g", "globals_", type=A_FILE, help="Postman globals with values.")
@click.option(
    "--out", "-o", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help="Folder for the scenarios.  [default: print them]",
)  # fmt: skip
@click.option("--one", is_flag=True, help="One scenario of all folders, not one of each.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def import_(
    collection: Path,
    environment: Path | None,
    globals_: Path | None,
    out: Path | None,
    one: bool,
    as_json: bool,
) -> None:
    """Make scenarios of a Postman collection (v1, v2.0, v2.1), scripts included.

    No script is run. What is left out is listed with the reason, and so is each script line that
    did not become data. Credentials become variables.
    """
    from conformance.report.plain import printable
    from conformance.scenarios.postman.importer import imported
    from conformance.scenarios.postman.reader import read_collection, read_environment

    read = read_collection(collection)
    result = imported(
        read,
        {} if environment is None else read_environment(environment),
        {} if globals_ is None else read_environment(globals_),
        one=one,
    )
    if not result.scenarios:
        for line in result.report.described():
            click.echo(printable(line), err=True)
        raise SetupError(
            f"{collection}: no request of it becomes a step",
            cause="see what is left out, above" if result.report.left_out else "it has no request",
            remedy="import the collection that has the requests of the flow",
        )
    if out is None and not as_json:
        for line in result.report.described():
            click.echo(printable(line), err=True)
        click.echo("---\n".join(map(_as_yaml, result.scenarios.values())), nl=False)
        return
    written = [] if out is None else _scenarios_written(result, out, collection.parent)
    if as_json:
        report = result.report.as_json() | {"scenarios": [str(each) for each in written]}
        click.echo(json.dumps(report, indent=2))
        return
    for line in result.report.described():
        click.echo(printable(line))
    for each in written:
        click.echo(printable(f"written: {each}"))


def _scenarios_written(result: "Imported", out: Path, source: Path) -> list[Path]:
    """Write each scenario, and the files that they name; SetupError where that is impossible."""
    import shutil

    texts = {out / f"{name}.yaml": _as_yaml(each) for name, each in result.scenarios.items()}
    for path, text in texts.items():
        if len(text) > MOST_BYTES:
            raise SetupError(
                f"{path} would be larger than {MOST_BYTES // 1024**2} MB, and is not written",
                remedy="divide the collection into folders, or export less of it",
            )
    bodies = {out / name: source / path for name, path in result.files.items()}
    existing = next((each for each in (*texts, *bodies) if each.exists()), None)
    if existing is not None:
        raise SetupError(f"{existing} exists already", remedy="choose another folder for --out")
    with writing(out, "choose another folder for --out"):
        out.mkdir(parents=True, exist_ok=True)
        for path, text in texts.items():
            path.write_text(text, encoding="utf-8")
        for path, origin in bodies.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(origin, path)
    return [*texts]


def _as_yaml(document: Mapping[str, Any]) -> str:
    """Return a scenario as YAML, in which no character steers a display."""
    import yaml

    from conformance.report.plain import printable

    document = _whole(document)
    if len(document["steps"]) > MOST_STEPS:
        return json.dumps(document, indent=1) + "\n"
    for readable in (True, False):
        text: str = yaml.dump(
            document, Dumper=_dumper(), sort_keys=False, allow_unicode=readable, width=100
        )
        if printable(text) == text:
            break
    return text


@cache
def _dumper() -> Any:
    """Return what writes YAML 1.1 so that YAML 1.2 reads the same: texts like 1e9 are quoted."""
    import yaml

    from conformance.core.parsing import CORE_SCHEMA

    dumper: Any = type("_Dumper", (getattr(yaml, "CSafeDumper", yaml.SafeDumper),), {})
    for scalar in CORE_SCHEMA:
        dumper.add_implicit_resolver(*scalar)
    return dumper


def _whole(node: Any) -> Any:
    """Return a document whose texts can all be written; a script or a body may hold halves."""
    if isinstance(node, Mapping):
        return {_whole(key): _whole(each) for key, each in node.items()}
    if isinstance(node, list | tuple):
        return [_whole(each) for each in node]
    return whole(node) if isinstance(node, str) else node


@click.command("export")
@click.argument("files", nargs=-1, type=A_FILE)
@click.option(
    "--postman", "out", type=click.Path(path_type=Path, file_okay=False), required=True,
    metavar="DIR", help="Folder for the collection and its environment.",
)  # fmt: skip
@TARGET_OR_REFERENCE
@BASE_URL
@click.option(
    "--with-secrets", is_flag=True, help="Write the passwords of the profile into the environment."
)
def export(
    files: tuple[Path, ...],
    out: Path,
    target: Path | None,
    base_url: str | None,
    with_secrets: bool,
) -> None:
    """Write the catalogue, or the scenarios in FILES, as a Postman collection (v2.1).

    It has the tests, the logins of the actors first, and runs in newman with its environment.
    """
    from conformance.core.resources import EXAMPLES
    from conformance.profile.loading import load as load_profile
    from conformance.report.plain import printable
    from conformance.scenarios.catalogue import load, loaded
    from conformance.scenarios.postman.exporter import exported
    from conformance.scenarios.postman.file_names import file_name

    profile = load_profile(target or EXAMPLES / "targets" / "reference.yaml").target
    url = base_url or (SERVED if profile.embedded else profile.base_url)
    result = exported(
        loaded(files) if files else load(), profile, base_url=url, secrets=with_secrets
    )
    documents = {
        "bbps.postman_collection.json": result.collection,
        f"{file_name(profile.name)}.postman_environment.json": result.environment,
    }
    with writing(out, "choose another folder for --postman"):
        out.mkdir(parents=True, exist_ok=True)
        for name, document in documents.items():
            text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
            path = out / name
            path.touch(mode=0o600 if with_secrets else 0o644)
            path.write_text(text, encoding="utf-8", errors="backslashreplace")
            click.echo(printable(f"written: {path}"))
    for each in result.left_out:
        click.echo(printable(f"left out: {each}"))
    for each in result.notes:
        click.echo(printable(f"note: {each}"))
