"""The exported collection in newman: green on a conformant deployment, red with a fault."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from conformance.cli.main import main
from conformance.core.verdicts import Verdict
from conformance.reference import Deployment, Settings, serve
from conformance.run.certify import carry_out
from conformance.run.config import ReferenceOptions, RunConfig
from conformance.scenarios.model import Step
from conformance.scenarios.postman import tests_written
from tests.servers import Handler, serving

NEWMAN = os.environ.get("NEWMAN") or shutil.which("newman")
ROOT = Path(__file__).parents[2]
CHOSEN = [
    ROOT / "scenarios" / name
    for name in (
        "transactions/online-bill-payment.yaml",
        "transactions/update-by-a-rival.yaml",
        "users/token-refused.yaml",
        "mdms/role-actions-of-bbps.yaml",
    )
]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(NEWMAN is None, reason="newman is not installed (npm install -g newman)"),
]


@pytest.fixture(scope="module")
def postman(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with some scenarios as a collection, and the environment with passwords."""
    folder = tmp_path_factory.mktemp("postman")
    arguments = ["scenarios", "export", *map(str, CHOSEN), "--postman", str(folder)]
    done = CliRunner().invoke(main, [*arguments, "--with-secrets"])
    assert done.exit_code == 0, done.output
    return folder


@pytest.fixture
def deployment(request: pytest.FixtureRequest) -> Iterator[Deployment]:
    with serve(Settings(faults=getattr(request, "param", ()))) as served:
        yield served


def newman(collection: Path, url: str, tmp_path: Path, *options: str) -> tuple[int, Any]:
    """Run a collection; return the exit code, and the report."""
    assert NEWMAN is not None
    report = tmp_path / "report.json"
    command = [
        NEWMAN, "run", str(collection), "--env-var", f"base_url={url}", *options,
        "--reporters", "json", "--reporter-json-export", str(report),
    ]  # fmt: skip
    environment = {**os.environ, "NO_UPDATE_NOTIFIER": "1"}
    done = subprocess.run(command, capture_output=True, timeout=300, check=False, env=environment)
    assert report.exists(), done.stderr
    return done.returncode, json.loads(report.read_text("utf-8"))["run"]


def run(postman: Path, url: str, tmp_path: Path) -> tuple[int, Any]:
    environment = str(postman / "reference.postman_environment.json")
    return newman(postman / "bbps.postman_collection.json", url, tmp_path, "-e", environment)


def test_green_on_the_reference(postman: Path, deployment: Deployment, tmp_path: Path) -> None:
    code, found = run(postman, deployment.base_url, tmp_path)
    assert (code, found["failures"]) == (0, [])
    assert found["stats"]["assertions"]["total"] > len(CHOSEN) * 5


@pytest.mark.parametrize("deployment", [("owner-check-off",)], indirect=True)
def test_a_failed_check_is_repeated(postman: Path, deployment: Deployment, tmp_path: Path) -> None:
    ended, _ = carry_out(
        RunConfig(
            only=("TXN-08",),
            depth="quick",
            reports=tmp_path,
            reference=ReferenceOptions(faults=("owner-check-off",)),
        )
    )
    assert ended.results is not None
    (folder,) = (tmp_path / "runs").iterdir()
    check = ended.results.rows(Verdict.FAILED)[0].id
    collection = tmp_path / "check.json"
    arguments = ["report", "--postman", str(folder), check, "-o", str(collection)]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    assert "Admin@2024" not in collection.read_text("utf-8")
    environment = str(postman / "reference.postman_environment.json")
    code, found = newman(collection, deployment.base_url, tmp_path, "-e", environment)
    assert (code, found["failures"]) == (0, [])
    with serve(Settings()) as strict:
        code, _ = newman(collection, strict.base_url, tmp_path, "-e", environment)
    assert code == 1


@pytest.mark.parametrize(
    ("deployment", "folder"),
    [
        (("owner-check-off",), "update-by-a-rival"),
        (("receipt-amount-short",), "online-bill-payment"),
    ],
    indirect=["deployment"],
)
def test_red_with_a_fault(
    postman: Path, deployment: Deployment, folder: str, tmp_path: Path
) -> None:
    code, found = run(postman, deployment.base_url, tmp_path)
    assert code == 1
    assert {each["parent"]["name"] for each in found["failures"]} == {folder}


ERROR = {"Errors": [{"code": "INVALID"}]}
# Status and body of an answer -> which words of a scenario it is.
ANSWERS: list[tuple[int, str, set[str]]] = [
    (200, "{}", {"accepted", "reached"}),
    (200, json.dumps(ERROR), {"refused", "kept-out", "reached"}),
    (400, json.dumps(ERROR), {"refused", "kept-out", "reached"}),
    (400, "<html>firewall</html>", set()),
    (400, '{"message": "bad request"}', set()),
    (403, "<html>forbidden</html>", set()),
    (403, "", {"refused", "kept-out", "denied"}),
    (401, '{"error": "unauthorized"}', {"refused", "kept-out", "denied"}),
    (404, json.dumps({"Errors": [{"code": "NoHandlerFoundException"}]}), {"refused", "kept-out"}),
    (500, '{"Errors": [{"code": "InvalidAccessTokenException"}]}', {"kept-out", "denied"}),
    (502, "<html>bad gateway</html>", set()),
]


def test_words_mean_the_same_in_newman(tmp_path: Path) -> None:
    class Answers(Handler):
        def do_GET(self) -> None:
            status, body, _ = ANSWERS[int(self.path.strip("/"))]
            self.respond(status, body.encode(), {"Content-Type": "application/json"})

    words = ("accepted", "refused", "kept-out", "denied", "reached")
    items = []
    for number in range(len(ANSWERS)):
        for word in words:
            request = {"method": "GET", "path": f"/{number}"}
            step = Step.model_validate(
                {"name": "x", "request": request, "expect": {"status": word}}
            )
            script = {"exec": tests_written.test_script(step, {}).split("\n")}
            items.append({
                "name": f"{number} {word}",
                "request": {"method": "GET", "url": f"{{{{base_url}}}}/{number}"},
                "event": [{"listen": "test", "script": script}],
            })  # fmt: skip
    schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
    collection = tmp_path / "words.json"
    document = {"info": {"name": "words", "schema": schema}, "item": items}
    collection.write_text(json.dumps(document), encoding="utf-8")
    with serving(Answers) as port:
        _, found = newman(collection, f"http://127.0.0.1:{port}", tmp_path)
    failed = {each["source"]["name"] for each in found["failures"]}
    holds = {each["name"] for each in items} - failed
    assert holds == {
        f"{number} {word}" for number, (*_, ones) in enumerate(ANSWERS) for word in ones
    }
