"""`repeat`: what a check exchanged is sent again, and answered as the deployment does by now."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformance.cli.main import main
from conformance.core import resources

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
