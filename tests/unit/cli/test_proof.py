"""`verify`, `pack`, `keys new` and `report --attest`: what they print, and how they end."""

import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformance.cli.main import main
from conformance.core.verdicts import Verdict
from tests.unit.run.examination.conftest import NAME, made


def command(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_run_is_signed_packed_and_verified(tmp_path: Path) -> None:
    folder = made(tmp_path)
    done = command("keys", "new", "city")
    assert done.exit_code == 0, done.output
    assert stat.S_IMODE((tmp_path / "city.key").stat().st_mode) == 0o600
    secret = (tmp_path / "city.key").read_text().splitlines()[1]
    id_ = done.output.split()[-1]

    unsigned = command("verify", "--key", "city.pub")
    assert unsigned.exit_code == 3
    assert "FAULT  attestation.json: is missing" in unsigned.output

    signed = command("report", "latest", "--attest", "city.key")
    assert signed.exit_code == 0, signed.output
    assert id_ in signed.output
    done_pack = command("pack", NAME)
    assert done_pack.exit_code == 0, done_pack.output
    for what in ("latest", NAME, str(folder / "certificate.html"), f"{NAME}.tar.gz"):
        found = command("verify", what, "--key", "city.pub")
        assert found.exit_code == 0, found.output
        assert "It agrees with itself and certifies the deployment." in found.output
        assert f"signed with the key {id_}" in found.output
        assert "valid until" in found.output
    printed = json.loads(command("verify", "--format", "json").output)
    assert printed["exit_code"] == 0
    assert printed["run"].startswith(NAME)
    written = [each for each in tmp_path.rglob("*") if each.is_file() and each.suffix != ".key"]
    assert not [each for each in written if secret.encode() in each.read_bytes()]
    assert secret not in signed.output + done_pack.output + done.output


def test_faults_are_printed_and_end_with_3(tmp_path: Path) -> None:
    folder = made(tmp_path)
    (folder / "summary.md").write_text("PERFECT")
    found = command("verify")
    assert found.exit_code == 3
    assert "FAULT  summary.md: was changed since manifest.json was written" in found.output
    assert "Do not rely on it: " in found.output
    refused = command("pack")
    assert refused.exit_code == 2
    assert "summary.md: was changed" in refused.output


def test_a_genuine_failure_ends_with_1(tmp_path: Path) -> None:
    made(tmp_path, verdict=Verdict.FAILED)
    found = command("verify")
    assert found.exit_code == 1
    assert "FAULT" not in found.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("verify",),
        ("verify", "nothing"),
        ("verify", "foreign.tar.gz"),
        ("verify", "foreign.txt"),
        ("verify", "foreign.txt", "--key", "missing.pub"),
        ("pack",),
        ("report", "--attest", "missing.key"),
        ("report", "--attest", "missing.key", "--postman"),
        ("keys", "new", "no/such/folder/city"),
    ],
)
def test_what_cannot_be_done_ends_with_2_and_one_message(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "foreign.tar.gz").write_bytes(b"\x1f\x8b\x08\x00 nonsense")
    (tmp_path / "foreign.txt").write_text("nonsense")
    done = command(*arguments)
    assert done.exit_code == 2, done.output
    assert "Traceback" not in done.output
    assert done.output.strip()
