"""Jobs for build servers: certify, keep every report, end with the code of the run.

A job holds no secret: it names the variables of the profile, which the build server sets.
"""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from conformance.core import resources
from conformance.core.errors import SetupError
from conformance.core.foreign_files import read
from conformance.profile.loading import REFERENCE
from conformance.run.choices import GATES
from conformance.run.commands import PROGRAM

TEMPLATES: Final = resources.EXAMPLES / "ci"
MINUTES: Final = 120  # a slow deployment needs more than an hour
PAGE: Final = "reports/allure-page"
OF_EVERY_MACHINE: Final = frozenset({"HOME", "LANG", "PATH", "PWD", "TMPDIR", "USER"})
_PLAIN: Final = re.compile(r"[\w.@%+=:,/-]+", re.ASCII)  # means nothing to a shell, YAML or Groovy
_SECRET_FILE: Final = re.compile(r'"file:([^"]+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildServer:
    """A kind of build server: its template, and the file in which it looks for jobs."""

    template: str
    place: Path
    secrets: str  # what it calls the place of secrets


SERVERS: Final[Mapping[str, BuildServer]] = {
    "github": BuildServer(
        template="github.yml.j2",
        place=Path(".github/workflows/bbps-conformance.yml"),
        secrets="secrets of the repository",
    ),
    "gitlab": BuildServer(
        template="gitlab.yml.j2",
        place=Path(".gitlab-ci.yml"),
        secrets="CI/CD variables, masked and protected",
    ),
    "jenkins": BuildServer(
        template="jenkins.j2",
        place=Path("Jenkinsfile"),
        secrets="credentials of the kind Secret text, with these ids",
    ),
    "azure": BuildServer(
        template="azure.yml.j2",
        place=Path("azure-pipelines.yml"),
        secrets="secret variables of the pipeline",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildJob:
    """What a job does: paths are those of the repository, `suite` is a folder."""

    target: Path | None = None
    gate: str = GATES[0]
    baseline: str = ""
    waivers: Path | None = None
    suite: Path = Path("bbps-conformance")


def written(server: BuildServer, job: BuildJob) -> str:
    """Return the file of a job. SetupError where the profile or an option cannot be used."""
    profile: Mapping[str, Any] = {}
    if job.target is not None:
        profile = read(job.target).mapping("write settings such as `name: value`")
    name = str(profile.get("name") or "the embedded reference")
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701  no page: every value is plain, see _plain and _slug
        variable_start_string="<<",
        variable_end_string=">>",
        line_statement_prefix="#%",
        keep_trailing_newline=True,
    )
    return environment.get_template(server.template).render(
        name=_slug(name, " "),
        slug=_slug(name, "-"),
        suite=_plain("--suite", job.suite),
        needs=list(_needs(server, profile)),
        variables=variables(profile),
        minutes=MINUTES,
        install=_install(job.suite),
        certify=_certify(job),
        allure=f"npx --yes allure@3 awesome --single-file --output {PAGE} "
        "reports/runs/*/allure-results",
        page=PAGE,
    )


def variables(profile: Mapping[str, Any]) -> list[str]:
    """Return the variables of the environment that a profile names, in its order, each once."""
    found = dict.fromkeys(REFERENCE.findall(_text(profile)))
    return [name for name in found if name not in OF_EVERY_MACHINE]


def _needs(server: BuildServer, profile: Mapping[str, Any]) -> Iterator[str]:
    """Say what a person gives to the build server, because the file must not hold it."""
    if names := variables(profile):
        yield f"Set as {server.secrets}:"
        yield from (f"  {name}" for name in names)
    for path in dict.fromkeys(_SECRET_FILE.findall(_text(profile))):
        shown = "_".join(_PLAIN.findall(path))
        yield f"The profile reads a secret from a file; let the job write it: {shown}"
    if profile.get("production"):
        yield "The deployment is in production: only mode inspect works without --i-know-this-is."


def _install(suite: Path) -> list[str]:
    folder = suite.as_posix()
    return [
        f"python -m pip install --require-hashes -r {folder}/requirements.lock",
        f"if [ -f {folder}/pyproject.toml ]; then",
        f"  python -m pip install --no-deps --no-build-isolation ./{folder}",
        "else",
        f"  python -m pip install --no-deps {folder}/*.whl",
        "fi",
    ]


def _certify(job: BuildJob) -> str:
    words = [PROGRAM, "certify"]
    if job.target is not None:
        words += ["--target", _plain("--target", job.target), "--clean"]
    words += ["--gate", job.gate]
    if job.baseline:
        words += ["--baseline", _plain("--baseline", Path(job.baseline))]
    if job.waivers is not None:
        words += ["--waivers", _plain("--waivers", job.waivers)]
    return shlex.join(words)


def _plain(option: str, path: Path) -> str:
    """Return a path of the repository that no shell or file of a job would change."""
    text = path.as_posix()
    if path.is_absolute() or ".." in path.parts or not _PLAIN.fullmatch(text):
        raise SetupError(
            f"{option} {text!r} cannot stand in a job",
            cause="the job runs in another copy of the repository",
            remedy="name it from the top of the repository, in letters, digits, '.', '_' and '-'",
        )
    return text


def _slug(text: str, between: str) -> str:
    return between.join(re.findall(r"[\w.-]+", text, re.ASCII)).strip("-") or "target"


def _text(profile: Mapping[str, Any]) -> str:
    return json.dumps(profile, default=str)
