"""The examples for build servers and Kubernetes: they fit the schemas, and their shards are all."""

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.cli.main import main
from conformance.core.resources import EXAMPLES
from conformance.fleet.folder import home_of
from conformance.fleet.sharing import Shard, shard_of

MANIFESTS = EXAMPLES / "fleet"
SHARDS = 4
JOBS = ("kubernetes.yaml", "kubernetes-merge.yaml")


def document(name: str) -> dict[str, Any]:
    # The core schema of YAML 1.2, in which `on` is a text, as build servers read it.
    loaded: dict[str, Any] = yaml.load((MANIFESTS / name).read_text("utf-8"), yaml.BaseLoader)  # noqa: S506
    return loaded


def job(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((MANIFESTS / name).read_text("utf-8"))
    return loaded


def script_of(steps: list[Any], word: str) -> str:
    """Return the one script that calls this command of a fleet."""
    scripts = [step.get("run", "") if isinstance(step, dict) else step for step in steps]
    (script,) = [each for each in scripts if f"fleet {word} " in each]
    return str(script)


def called(script: str, folder: Path, **environment: str) -> list[str]:
    """Return the words with which a script calls the command."""
    said = folder / "said"
    program = folder / "bin" / "bbps-conformance"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {shlex.quote(str(said))}\n', "utf-8")
    program.chmod(0o755)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(
        ["bash", "-e", "-c", script], env={**environment, "PATH": path}, cwd=folder, check=True
    )
    return said.read_text("utf-8").splitlines()


def options_of(words: list[str]) -> dict[str, Any]:
    """Return what the command understands; it refuses options that it does not have."""
    context = main.make_context("bbps-conformance", list(words), resilient_parsing=False)
    group: Any = main.get_command(context, words[0])
    parameters: dict[str, Any] = group.commands[words[1]].make_context("", list(words[2:])).params
    return parameters


def shards_of_github(folder: Path) -> list[Shard]:
    certify = document("github.yml")["jobs"]["certify"]
    numbers = certify["strategy"]["matrix"]["shard"]
    script = script_of(certify["steps"], "run")
    shards = []
    for number in numbers:
        given = script.replace("${{ matrix.shard }}", number)
        given = given.replace("${{ strategy.job-total }}", str(len(numbers)))
        shards.append(shard_of(options_of(called(given, folder))["shard"], {}))
    return shards


def shards_of_gitlab(folder: Path) -> list[Shard]:
    cities = document("gitlab.yml")["bbps-cities"]
    total = cities["parallel"]
    options = options_of(called(script_of(cities["script"], "run"), folder))
    return [
        shard_of(options["shard"], {"CI_NODE_INDEX": str(index), "CI_NODE_TOTAL": total})
        for index in range(1, int(total) + 1)
    ]


def shards_of_kubernetes(_: Path) -> list[Shard]:
    spec = job("kubernetes.yaml")["spec"]
    (container,) = spec["template"]["spec"]["containers"]
    options = options_of(container["args"])
    return [
        shard_of(options["shard"], {"JOB_COMPLETION_INDEX": str(index)})
        for index in range(spec["completions"])
    ]


@pytest.mark.parametrize("shards", [shards_of_github, shards_of_gitlab, shards_of_kubernetes])
def test_each_city_is_in_one_shard(shards: Any, tmp_path: Path) -> None:
    found = shards(tmp_path)
    assert found == [Shard(number, SHARDS) for number in range(1, SHARDS + 1)]
    cities = [f"city-{number}" for number in range(4 * SHARDS + 1)]
    assert sorted(city for each in found for city in each.dealt(cities)) == sorted(cities)


@pytest.mark.parametrize(
    "script",
    [
        script_of(document("github.yml")["jobs"]["overview"]["steps"], "merge"),
        script_of(document("gitlab.yml")["bbps-overview"]["script"], "merge"),
        job("kubernetes-merge.yaml")["spec"]["template"]["spec"]["containers"][0]["args"][0],
    ],
    ids=["github", "gitlab", "kubernetes"],
)
def test_the_folders_of_all_shards_are_merged(script: str, tmp_path: Path) -> None:
    homes = [home_of(Path("reports"), "cities", Shard(n, SHARDS)) for n in range(1, SHARDS + 1)]
    for home in homes:
        (tmp_path / home).mkdir(parents=True)
    options = options_of(called(script, tmp_path))
    assert sorted(options["folders"]) == sorted(homes)
    assert options["output"] == Path("reports/fleet/merged")


def test_the_overview_is_made_also_where_cities_failed() -> None:
    github = document("github.yml")["jobs"]
    assert github["overview"]["if"] == "${{ !cancelled() }}"
    assert github["certify"]["strategy"]["fail-fast"] == "false"
    gitlab = document("gitlab.yml")
    assert (gitlab["bbps-overview"]["when"], gitlab["bbps-cities"]["artifacts"]["when"]) == (
        "always",
        "always",
    )
    # A verdict is no reason to try a shard again, and no shard ends the others.
    spec = job("kubernetes.yaml")["spec"]
    rules = {rule["action"]: rule for rule in spec["podFailurePolicy"]["rules"]}
    assert rules["FailIndex"]["onExitCodes"]["values"] == [1, 2, 4]
    assert spec["backoffLimitPerIndex"] > 0
    assert "backoffLimit" not in spec


def test_a_fleet_is_not_started_twice() -> None:
    group = document("github.yml")["concurrency"]
    assert group == {"group": "bbps-fleet", "cancel-in-progress": "false"}
    assert document("gitlab.yml")["workflow"]["rules"] == [{"if": '$CI_PIPELINE_SOURCE == "web"'}]


def test_rights_are_few_and_no_secret_is_held() -> None:
    assert document("github.yml")["permissions"] == {"contents": "read"}
    for name in JOBS:
        pod = job(name)["spec"]["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        (container,) = pod["containers"]
        assert container["securityContext"]["allowPrivilegeEscalation"] is False
        assert "env" not in container
    certify = document("github.yml")["jobs"]["certify"]["steps"]
    (variables,) = [step["env"] for step in certify if "env" in step]
    assert variables == {name: f"${{{{ secrets.{name} }}}}" for name in variables}


@pytest.mark.parametrize(
    ("name", "schema", "options"),
    [
        ("github.yml", "vendor.github-workflows", ()),
        ("gitlab.yml", "vendor.gitlab-ci", ("--data-transform", "gitlab-ci")),
    ],
)
def test_it_fits_the_published_schema(
    name: str, schema: str, options: tuple[str, ...], tmp_path: Path
) -> None:
    pytest.importorskip("check_jsonschema", reason="check-jsonschema holds the schemas")
    checker = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *options]
    command = [*checker, str(MANIFESTS / name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    wrong = tmp_path / name
    wrong.write_text("jobs: {certify: {steps: 1}}\n", encoding="utf-8")  # the schema has teeth
    assert subprocess.run([*checker, str(wrong)], capture_output=True, check=False).returncode == 1


@pytest.mark.parametrize("version", ["1.33", "1.37"])  # backoffLimitPerIndex is stable since 1.33
@pytest.mark.parametrize("name", JOBS)
def test_it_fits_the_published_schema_of_kubernetes(name: str, version: str) -> None:
    schemas = pytest.importorskip("kubernetes_validate", reason="it holds the schemas")
    schemas.validate(job(name), version, strict=True)
    wrong = job(name)
    wrong["spec"]["complitions"] = wrong["spec"].pop("completions", 4)
    with pytest.raises(schemas.ValidationError, match="complitions"):
        schemas.validate(wrong, version, strict=True)
