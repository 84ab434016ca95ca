"""`repeat`: what a check exchanged is sent again, and answered as the deployment does by now."""

import json
import os
import re
import shutil
import subprocess
import textwrap
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from conformance.cli.main import main
from conformance.core import resources
from conformance.reference import Settings, serve
from conformance.run.embedded import default_profile

SCENARIO = resources.folder("scenarios") / "transactions/update-by-a-rival.yaml"
FAULT = ("--fault", "owner-check-off")


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run in which a rival finished the transaction of another."""
    folder = tmp_path_factory.mktemp("reports")
    done = CliRunner().invoke(
        main, ["scenarios", "run", str(SCENARIO), *FAULT, "--reports", str(folder)]
    )
    assert done.exit_code == 1, done.output
    return folder


def repeated(reports: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["repeat", "latest", *arguments, "--reports", str(reports)])


def test_failure_is_seen_again_with_new_codes(reports: Path) -> None:
    done = repeated(reports, "update-by-a-rival", *FAULT)
    assert done.exit_code == 0, done.output
    assert done.output.startswith("scenarios::scenario[update-by-a-rival] (TXN-08): failed then\n")
    assert re.search(r"transaction\.update as rival: POST .*\n  both  HTTP 200\n", done.output)
    ((count, same),) = re.findall(r"(\d+) exchanges, (\d+) with the same status", done.output)
    assert count == same
    assert "required then: " in done.output
    assert "observed then: it was accepted with HTTP 200\n" in done.output


def test_repaired_deployment_answers_otherwise(reports: Path) -> None:
    done = repeated(reports, "update-by-a-rival")
    assert done.exit_code == 0, done.output
    (then, now) = re.findall(r"  (?:then|now ) {2}(HTTP \d+)\n", done.output)
    assert (then, now) == ("HTTP 200", "HTTP 400")
    assert "TXN_UPDATE_NOT_OWNER" in done.output
    assert not re.search(r'"(?:access_token|authToken)": *"(?!\*)', done.output)


def test_mode_of_the_profile_holds(reports: Path) -> None:
    done = repeated(reports, "update-by-a-rival", "--mode", "inspect")
    assert "  now   not sent: mode inspect creates nothing on the target" in done.output
    assert re.search(
        r"demand\.create as administrator: .*\n  then  .*\n  now   not sent", done.output
    )
    assert "transaction.create as integrator" in done.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("no-such-check",), "0 checks of the run are called 'no-such-check'"),
        (("update-by-a-rival", "--base-url", "http://127.0.0.1:9"), "http://127.0.0.1:9"),
    ],
)
def test_what_cannot_be_repeated_is_one_message(
    reports: Path, arguments: tuple[str, ...], message: str
) -> None:
    done = repeated(reports, *arguments)
    assert (done.exit_code, message in done.stderr) == (2, True), done.output
    assert "Traceback" not in done.output


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
@pytest.mark.skipif(shutil.which("sh") is None, reason="there is no shell")
def test_the_printed_line_shows_the_violation_again(tmp_path: Path) -> None:
    scenario = resources.folder("scenarios") / "payments/cash.yaml"
    with serve(Settings(faults=("cash-refused",))) as deployment:
        options = ("--base-url", deployment.base_url, "--reports", str(tmp_path))
        done = CliRunner(env={"COLUMNS": "400"}).invoke(
            main, ["scenarios", "run", str(scenario), "-t", str(default_profile()), *options]
        )
        assert done.exit_code == 1, done.output
        (printed,) = re.findall(r"(?s)fill in the secrets first: *\n(.+?)\n *\n", done.output)
        text = textwrap.dedent(printed)
        notes = re.findall(r"^# (\w+): (.+)$", text, re.MULTILINE)
        assert ("CASHIER_TOKEN", "a token of the cashier") in [
            (name, meaning.partition(";")[0]) for name, meaning in notes
        ]
        needed = {name: "9876543210" for name, _ in notes if name.startswith("MOBILE")}
        needed["CASHIER_TOKEN"] = token_of_the_cashier(deployment.base_url)
        assert {name for name, _ in notes} == needed.keys()
        done = subprocess.run(
            ["sh", "-c", text], env={**os.environ, **needed}, capture_output=True, text=True,
            timeout=60, check=True,
        )  # fmt: skip
    answer = json.loads(done.stdout)
    assert answer["Errors"][0]["code"] == "INVALID_PAYMENTMODE"


def token_of_the_cashier(base_url: str) -> str:
    form = {
        "grant_type": "password", "scope": "read", "username": "cashier",
        "password": "Cashier@2024", "tenantId": "pb.amritsar", "userType": "EMPLOYEE",
    }  # fmt: skip
    found = httpx.post(f"{base_url}/user/oauth/token", data=form, auth=("egov-user-client", ""))
    token: str = found.json()["access_token"]
    return token
