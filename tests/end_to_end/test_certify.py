"""The installed command, in an empty directory: exit codes, files, messages, secrets."""

import base64
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml

from conformance.reference import LINEAGES, Settings, serve

UPSTREAM = Path(__file__).parents[2].parent / "shared" / "digit" / "upstream"
PROFILE = Path(__file__).parents[2] / "conformance/examples/targets/reference.yaml"


def command(
    *arguments: str, cwd: Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "conformance", *arguments],
        cwd=cwd,
        env=os.environ | {"COLUMNS": "100"} | (env or {}),
        capture_output=True,
        text=True,
        timeout=1800,  # only a hung command takes as long, however busy the machine
        check=False,
    )


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("certified")
    done = command("certify", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, done.stdout


def results_of(folder: Path) -> dict[str, object]:
    found = list((folder / "reports" / "runs").glob("*/results.json"))
    assert len(found) == 1
    document: dict[str, object] = json.loads(found[0].read_text(encoding="utf-8"))
    return document


def test_certify_ends_conformant(certified: tuple[Path, str]) -> None:
    folder, printed = certified
    assert "CONFORMANT" in printed
    assert "NON-CONFORMANT" not in printed
    assert "REHEARSAL: CONFORMANT" in printed
    assert re.search(r"CONFORMANT, (\d+) of \1 binding requirements decided\n", printed)
    results = results_of(folder)
    summary = results["summary"]
    assert results["verdict"] == "CONFORMANT"
    assert isinstance(summary, dict)
    assert summary["planned"] == summary["executed"] > 0
    assert summary["failed"] == summary["error"] == summary["inconclusive"] == 0
    requirements = results["requirements"]
    assert isinstance(requirements, list)
    found = {row["id"]: row["verdict"] for row in requirements}
    others = {
        id_: verdict for id_, verdict in found.items() if verdict not in {"passed", "not-covered"}
    }
    assert others == LINEAGES["strict"].predicted == {}


def test_run_folder_holds_every_report(certified: tuple[Path, str]) -> None:
    folder, printed = certified
    run = next((folder / "reports" / "runs").iterdir())
    names = {path.name for path in run.iterdir()}
    assert {"results.json", "certificate.html", "junit.xml", "ledger.jsonl"} <= names
    assert any((run / "allure-results").glob("*-result.json"))
    assert str(run.name) in printed
    suites = ET.parse(run / "junit.xml").getroot()  # noqa: S314  # our own file
    cases = list(suites.iter("testcase"))
    summary = results_of(folder)["summary"]
    assert isinstance(summary, dict)
    assert len(cases) == summary["planned"]


def test_no_secret_reaches_disk(certified: tuple[Path, str]) -> None:
    folder, printed = certified
    secrets = ["Admin@2024", "Cashier@2024"]
    texts = {path: path.read_bytes() for path in (folder / "reports").rglob("*") if path.is_file()}
    assert texts
    for secret in secrets:
        forms = (secret.encode(), base64.b64encode(secret.encode()))
        for path, content in texts.items():
            for form in forms:
                assert form not in content, path
        assert secret not in printed
    token = re.compile(rb"(access_token|refresh_token|authToken)\W+[0-9a-f]{8}-[0-9a-f-]{27}")
    assert not [path for path, content in texts.items() if token.search(content)]


FAULTS = {
    "owner-check-off": "TXN-08",
    "receipt-dated-at-update": "RCP-02",
    "token-never-issued": "USR-03",
}


@pytest.mark.parametrize(("fault", "requirement"), FAULTS.items())
def test_fault_is_named(tmp_path: Path, fault: str, requirement: str) -> None:
    done = command("certify", "--fault", fault, "--only", requirement, cwd=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "NON-CONFORMANT" in done.stdout
    failed = {
        row["id"]
        for row in results_of(tmp_path)["requirements"]  # type: ignore[attr-defined]
        if row["verdict"] == "failed"
    }
    assert requirement in failed
    assert "curl" in done.stdout
    assert "REHEARSAL: PARTIAL RUN" in done.stdout
    rehearsal = results_of(tmp_path)["rehearsal"]
    assert (rehearsal["because"], rehearsal["faults"]) == ("embedded", [fault])  # type: ignore[index]


def bad(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "target.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_nothing_listens(tmp_path: Path) -> None:
    done = command(
        "certify", "--target", str(PROFILE), "--base-url", "http://127.0.0.1:9", cwd=tmp_path
    )
    assert done.returncode == 2
    assert "http://127.0.0.1:9" in done.stderr
    assert "Traceback" not in done.stderr


def test_wrong_password(tmp_path: Path) -> None:
    text = PROFILE.read_text(encoding="utf-8").replace("Cashier@2024", "Wrong@2024")
    with serve(Settings()) as deployment:
        profile = bad(tmp_path, text.replace("embedded", deployment.base_url))
        done = command("certify", "--target", str(profile), cwd=tmp_path)
    assert done.returncode == 2
    assert "cashier" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: [", "line 1"),
        ("- a\n- b\n", "a list"),
        ("name: x\nbase_url: embedded\ntenant: pb.a\nstate_tenant: pb\nmoed: full\n", "moed"),
        ("name: x\nbase_url: ftp://x\ntenant: pb.a\n", "state_tenant"),
        ("name: x\nbase_url: '${NOWHERE_SET}'\ntenant: pb.a\nstate_tenant: pb\n", "NOWHERE_SET"),
    ],
    ids=["not YAML", "a list", "misspelt key", "two mistakes", "unset variable"],
)
def test_profile_with_mistakes(tmp_path: Path, text: str, message: str) -> None:
    done = command("certify", "--target", str(bad(tmp_path, text)), cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert "target.yaml" in done.stderr
    assert "Traceback" not in done.stderr


def test_missing_profile_and_unknown_fault(tmp_path: Path) -> None:
    absent = command("certify", "--target", "absent.yaml", cwd=tmp_path)
    assert (absent.returncode, "absent.yaml" in absent.stderr) == (2, True)
    unknown = command("certify", "--fault", "owner-chek-off", cwd=tmp_path)
    assert (unknown.returncode, "owner-check-off" in unknown.stderr) == (2, True)


def test_only_is_partial(tmp_path: Path) -> None:
    done = command("certify", "--only", "TXN-01", cwd=tmp_path)
    assert done.returncode == 4, done.stdout + done.stderr
    assert "CONFORMANT" not in done.stdout
    (line,) = re.findall(r"(?m)^REHEARSAL: PARTIAL RUN, no certificate: .*$", done.stdout)
    assert re.fullmatch(r".*: nothing binding failed, 1 of \d\d binding requirements decided", line)
    assert results_of(tmp_path)["verdict"] == "PARTIAL"
    run = next((tmp_path / "reports" / "runs").iterdir())
    assert not (run / "certificate.html").exists()
    unknown = command("certify", "--only", "TXN-80", cwd=tmp_path)
    assert (unknown.returncode, "TXN-08" in unknown.stderr) == (2, True)


def test_published_swagger_certifies_too(tmp_path: Path) -> None:
    contract = UPSTREAM / "contracts" / "collection-services-V-2-0.yml"
    if not contract.is_file():
        pytest.skip("the published contracts are not next to this checkout")
    given = ("--contract", f"collection-services={contract}")
    done = command("certify", *given, "--depth", "quick", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    results = results_of(tmp_path)
    assert results["verdict"] == "CONFORMANT"
    assert any(
        row["id"].startswith("collection-")
        for row in results["errata"]  # type: ignore[attr-defined]
    )


def test_broken_contract_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.yml").write_text("swagger: '2.0'\npaths: [\n", encoding="utf-8")
    done = command("certify", "--contract", "collection-services=broken.yml", cwd=tmp_path)
    assert done.returncode == 2
    assert "broken.yml" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_leak_is_never_passed_on(tmp_path: Path) -> None:
    profile = yaml.safe_load(PROFILE.read_text("utf-8"))
    profile["network"]["headers"] = {"X-Api-Key": "collection-services"}  # reports contain it
    (tmp_path / "leaky.yaml").write_text(yaml.safe_dump(profile), "utf-8")
    done = command("certify", "--target", "leaky.yaml", "--only", "PAY-01", cwd=tmp_path)
    assert done.returncode == 3
    assert "a secret of this run is in" in done.stderr
    assert "--resume" not in done.stderr
    assert not list(tmp_path.glob("reports/runs/*/certificate.html"))
    again = command("certify", "--target", "leaky.yaml", "--resume", "latest", cwd=tmp_path)
    assert again.returncode == 2
    assert "cannot be continued: a secret of this run is in" in again.stderr


def test_part_of_the_checks_gets_no_certificate(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable, "-m", "pytest", "--pyargs", "conformance.checks", "-k", "cash_is_taken",
            "-p", "no:cacheprovider", "--reports", str(tmp_path),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads((tmp_path / "latest" / "results.json").read_text("utf-8"))
    assert results["partial"] is True
    assert not (tmp_path / "latest" / "certificate.html").exists()


def test_list_and_explain(tmp_path: Path) -> None:
    listed = command("list", cwd=tmp_path)
    assert listed.returncode == 0
    assert "TXN-08" in listed.stdout
    with_checks = command("list", "--checks", cwd=tmp_path)
    assert (with_checks.returncode, with_checks.stderr) == (0, "")
    assert "The owner reports success again" in with_checks.stdout
    explained = command("explain", "txn-08", cwd=tmp_path)
    assert explained.returncode == 0
    assert "TXN-08" in explained.stdout
    unknown = command("explain", "TXN-80", cwd=tmp_path)
    assert (unknown.returncode, "TXN-08" in unknown.stderr) == (2, True)
