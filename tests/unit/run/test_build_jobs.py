"""Jobs for build servers: their structure, what they execute, and what they never hold."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.core.errors import SetupError
from conformance.core.foreign_files import FileError
from conformance.core.resources import EXAMPLES
from conformance.run.build_jobs import SERVERS, BuildJob, variables, written
from conformance.run.choices import BUILD_SERVERS

VARIABLES = ["ADMINISTRATOR_PASSWORD", "CASHIER_PASSWORD", "CITIZEN_PASSWORD"]
CERTIFY = (
    "bbps-conformance certify --target city.yaml --clean --gate should "
    "--baseline base/results.json --waivers known.yaml"
)
JOB = BuildJob(
    target=Path("city.yaml"),
    gate="should",
    baseline="base/results.json",
    waivers=Path("known.yaml"),
)
SECRET = {
    "github": "${{ secrets.%s }}", "azure": "$(%s)", "jenkins": "credentials('%s')", "gitlab": "",
}  # fmt: skip


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a repository that has a profile."""
    monkeypatch.chdir(tmp_path)
    shown = EXAMPLES / "targets" / "test-system.yaml"
    Path("city.yaml").write_text(shown.read_text("utf-8"), encoding="utf-8")
    return tmp_path


def document(server: str, job: BuildJob = JOB) -> dict[str, Any]:
    # The core schema of YAML 1.2, in which `on` is a text, as build servers read it.
    loaded: dict[str, Any] = yaml.load(written(SERVERS[server], job), yaml.BaseLoader)  # noqa: S506
    return loaded


def steps_of(server: str) -> list[dict[str, Any]]:
    match server:
        case "github":
            steps: list[dict[str, Any]] = document(server)["jobs"]["certify"]["steps"]
        case "gitlab":
            steps = [{"script": each} for each in document(server)["bbps-conformance"]["script"]]
        case "azure":
            deployment = document(server)["jobs"][0]
            steps = deployment["strategy"]["runOnce"]["deploy"]["steps"]
        case _:
            text = written(SERVERS[server], JOB)
            steps = [{"script": each} for each in re.findall(r"sh '''(.*?)'''", text, re.DOTALL)]
    return steps


def scripts_of(server: str) -> Iterator[str]:
    for step in steps_of(server):
        script = step.get("run") or step.get("script")
        if script is not None:
            yield script


def test_every_build_server_that_may_be_chosen_has_a_template() -> None:
    assert tuple(SERVERS) == BUILD_SERVERS
    assert len({each.place for each in SERVERS.values()}) == len(SERVERS)


@pytest.mark.parametrize("server", SERVERS)
def test_the_job_certifies_as_it_was_told(server: str) -> None:
    (script,) = [each for each in scripts_of(server) if "certify" in each]
    assert script.strip().splitlines()[-1].strip() == CERTIFY


@pytest.mark.parametrize("code", [0, 1, 2, 4])
@pytest.mark.parametrize("suite", ["wheel", "checkout"])
@pytest.mark.parametrize("server", SERVERS)
def test_its_scripts_install_the_suite_and_end_with_the_code_of_the_run(
    repository: Path, server: str, suite: str, code: int
) -> None:
    folder = repository / "bbps-conformance"
    folder.mkdir()
    (folder / ("suite-1.whl" if suite == "wheel" else "pyproject.toml")).touch()
    said = repository / "said"
    said.touch()
    programs = repository / ".bbps" / "bin"
    programs.mkdir(parents=True)
    for name, end in {"python": 0, "python3": 0, "bbps-conformance": code}.items():
        program = programs / name
        program.write_text(f'#!/bin/sh\necho "$@" >> {said}\nexit {end}\n', encoding="utf-8")
        program.chmod(0o755)
    shell = ["bash", "-c"] if server == "azure" else ["bash", "-e", "-c"]
    environment = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    codes = []
    for script in scripts_of(server):
        codes.append(subprocess.run([*shell, script], env=environment, check=False).returncode)
        if "certify --target" in script:
            break
    assert codes[-1] == code
    assert not any(codes[:-1])
    lines = [line for line in said.read_text("utf-8").splitlines() if "venv" not in line]
    source = "suite-1.whl" if suite == "wheel" else "--no-build-isolation ./bbps-conformance"
    assert lines[0] == "-m pip install --require-hashes -r bbps-conformance/requirements.lock"
    assert lines[1].startswith("-m pip install --no-deps ")
    assert lines[1].endswith(source)
    assert lines[2:] == [CERTIFY.removeprefix("bbps-conformance ")]


@pytest.mark.parametrize("server", SERVERS)
def test_secrets_are_named_and_never_held(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.setenv(name, "Secret@2024")
    text = written(SERVERS[server], JOB)
    assert "Secret@2024" not in text
    for name in VARIABLES:
        assert re.search(rf"^(#|//)   {name}$", text, re.MULTILINE)
        if SECRET[server]:
            assert SECRET[server] % name in text


def test_a_failed_run_keeps_its_reports() -> None:
    keep = [step for step in steps_of("github") if "upload-artifact" in step.get("uses", "")]
    assert [step["if"] for step in keep] == ["${{ always() }}"]
    assert "reports/runs/" in keep[0]["with"]["path"]
    artifacts = document("gitlab")["bbps-conformance"]["artifacts"]
    assert artifacts["when"] == "always"
    assert artifacts["reports"]["junit"] == "reports/runs/*/junit.xml"
    (published,) = [step for step in steps_of("azure") if "publish" in step]
    assert published["condition"] == "always()"
    (junit,) = [step for step in steps_of("azure") if step.get("task") == "PublishTestResults@2"]
    assert junit["condition"] == "always()"
    after = written(SERVERS["jenkins"], JOB).partition("post {")[2]
    assert re.search(r"always \{\s+archiveArtifacts .*\s+junit .*\s+allure ", after)


def test_two_runs_never_work_on_one_deployment() -> None:
    group = "bbps-conformance-my-city-test"
    assert document("github")["concurrency"] == {"group": group, "cancel-in-progress": "false"}
    job = document("gitlab")["bbps-conformance"]
    assert (job["resource_group"], job["interruptible"]) == (group, "false")
    azure = document("azure")
    assert (azure["lockBehavior"], azure["jobs"][0]["environment"]) == ("sequential", group)
    assert "disableConcurrentBuilds()" in written(SERVERS["jenkins"], JOB)


def test_rights_are_few_and_actions_have_a_version() -> None:
    workflow = document("github")
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["on"] == {"workflow_dispatch": ""}
    used = [step["uses"] for step in steps_of("github") if "uses" in step]
    assert len(used) == 3
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", each) for each in used)


def test_without_a_profile_the_reference_is_certified() -> None:
    for server in SERVERS.values():
        text = written(server, BuildJob())
        assert "bbps-conformance certify --gate must\n" in text
        assert not re.search(r"PASSWORD|secrets\.|environment \{|^ +env:", text, re.MULTILINE)


def test_blocks_of_the_jenkinsfile_are_closed() -> None:
    text = re.sub(r"(?s:'''.*?''')|//.*", "", written(SERVERS["jenkins"], JOB))
    assert text.count("{") == text.count("}") > 8


@pytest.mark.parametrize("path", ["/tmp/city.yaml", "../city.yaml", "a b.yaml", "a'b", "$(id)"])  # noqa: S108
@pytest.mark.parametrize("option", ["suite", "baseline", "waivers"])
def test_a_path_that_a_job_cannot_use_is_refused(option: str, path: str) -> None:
    value = path if option == "baseline" else Path(path)
    with pytest.raises(SetupError, match=f"--{option} .* cannot stand in a job"):
        written(SERVERS["github"], replace(JOB, **{option: value}))  # type: ignore[arg-type]


def test_a_profile_that_is_missing_is_named() -> None:
    with pytest.raises(FileError, match=r"absent\.yaml"):
        written(SERVERS["github"], BuildJob(target=Path("absent.yaml")))


def test_what_a_profile_says_cannot_change_the_job() -> None:
    profile = {"name": "x\n  on: push # <<", "password": "${A}", "key": "file:/run/b\nc"}
    Path("city.yaml").write_text(yaml.safe_dump(profile), encoding="utf-8")
    text = written(SERVERS["github"], JOB)
    assert text.splitlines()[0].startswith("# Certifies x on push on GitHub.")
    assert document("github")["on"] == {"workflow_dispatch": ""}
    assert "let the job write it: /run/b" in text


def test_variables_of_every_machine_are_no_secrets() -> None:
    assert variables({"a": "${HOME}/${B}", "c": ["${B}", "${D}"]}) == ["B", "D"]


@pytest.mark.parametrize(
    ("server", "schema", "options"),
    [
        ("github", "vendor.github-workflows", ()),
        ("gitlab", "vendor.gitlab-ci", ("--data-transform", "gitlab-ci")),
        ("azure", "vendor.azure-pipelines", ("--data-transform", "azure-pipelines")),
    ],
)
@pytest.mark.parametrize("job", [JOB, BuildJob()], ids=["profile", "reference"])
def test_it_fits_the_published_schema(
    repository: Path, server: str, schema: str, options: tuple[str, ...], job: BuildJob
) -> None:
    pytest.importorskip("check_jsonschema", reason="check-jsonschema holds the schemas")
    path = repository / SERVERS[server].place.name
    checker = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *options]
    path.write_text(written(SERVERS[server], job), encoding="utf-8")
    done = subprocess.run([*checker, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    path.write_text("jobs: {certify: {steps: 1}}\n", encoding="utf-8")  # the schema has teeth
    assert subprocess.run([*checker, str(path)], capture_output=True, check=False).returncode == 1
