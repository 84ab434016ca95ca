"""`rerun --failed` as installed: a part of the suite, compared with the run before."""

import json
from pathlib import Path

from tests.end_to_end.test_certify import command


def test_what_failed_is_run_again_and_is_no_certificate(tmp_path: Path) -> None:
    faulty = ("--fault", "token-in-error", "--only", "USR-11,USR-03", "--depth", "quick")
    first = command("certify", *faulty, "--seed", "3", cwd=tmp_path)
    assert first.returncode == 4, first.stdout + first.stderr
    again = command("rerun", "latest", "--failed", cwd=tmp_path)
    assert again.returncode == 4, again.stdout + again.stderr
    assert "Compared with run" in again.stdout
    assert "No regression, 0 improvements, 1 unchanged check." in again.stdout
    assert "this is no certificate" in again.stdout
    folder = tmp_path / "reports/latest"
    results = json.loads((folder / "results.json").read_text("utf-8"))
    assert [each["verdict"] for each in results["checks"]] == ["failed"]
    assert (results["partial"], results["seed"], results["depth"]) == (True, 3, "quick")
    assert results["rehearsal"]["faults"] == ["token-in-error"]
    assert not (folder / "certificate.html").exists()
