"""Waivers from the draft to the last day: what a person completes, what a run makes of it."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.end_to_end.test_certify import command

ONLY = ("certify", "--only", "TXN-08", "--depth", "quick")
FAULTY = (*ONLY, "--fault", "owner-check-off")
COMPLETED = {
    "reason": "The repair comes with the next release.",
    "owner": "payments team",
    "link": "https://tickets.digit.org/7",
    "expiry": "9999-12-31",
}


def results_of(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(
        (folder / "reports/latest/results.json").read_text("utf-8")
    )
    return document


def verdict(folder: Path) -> str:
    rows = results_of(folder)["requirements"]
    return next(str(row["verdict"]) for row in rows if row["id"] == "TXN-08")


def states(folder: Path) -> set[str]:
    return {row["state"] for row in results_of(folder)["waivers"]}


def complete(folder: Path, **changes: str) -> None:
    path = folder / "waivers.yaml"
    document = yaml.safe_load(path.read_text("utf-8"))
    document["waivers"] = [each | COMPLETED | changes for each in document["waivers"]]
    path.write_text(yaml.safe_dump(document), "utf-8")


def test_a_failure_is_accepted_for_now_and_no_longer(tmp_path: Path) -> None:
    failed = command(*FAULTY, cwd=tmp_path)
    assert failed.returncode == 1, failed.stdout + failed.stderr
    drafted = command("waivers", "suggest", "latest", "-o", "waivers.yaml", cwd=tmp_path)
    assert drafted.returncode == 0, drafted.stderr
    kept = command("waivers", "suggest", "latest", "-o", "waivers.yaml", cwd=tmp_path)
    assert kept.returncode == 2
    draft = command(*FAULTY, "--waivers", "waivers.yaml", cwd=tmp_path)
    assert draft.returncode == 2
    assert "waivers.yaml: " in draft.stderr
    assert "is not completed; a person must write it" in draft.stderr

    complete(tmp_path)
    waived = command(*FAULTY, "--waivers", "waivers.yaml", cwd=tmp_path)
    assert waived.returncode == 4, waived.stdout + waived.stderr  # only a part of the suite
    assert "1 requirement waived" in waived.stdout
    assert (verdict(tmp_path), states(tmp_path)) == ("waived", {"in use"})
    checks = results_of(tmp_path)["checks"]
    assert {row["verdict"] for row in checks if row["waiver"]} == {"failed"}

    repaired = command(*ONLY, "--waivers", "waivers.yaml", cwd=tmp_path)
    assert repaired.returncode == 4
    assert "no longer needed" in repaired.stdout
    assert (verdict(tmp_path), states(tmp_path)) == ("passed", {"no longer needed"})

    complete(tmp_path, expiry="2020-01-31")
    expired = command(*FAULTY, "--waivers", "waivers.yaml", cwd=tmp_path)
    assert expired.returncode == 1
    assert (verdict(tmp_path), states(tmp_path)) == ("failed", {"expired"})


@pytest.mark.parametrize("by", ["option", "profile"])
def test_a_file_that_is_not_there_is_refused_at_once(tmp_path: Path, by: str) -> None:
    if by == "option":
        done = command(*FAULTY, "--waivers", "none.yaml", cwd=tmp_path)
    else:
        profile = Path(__file__).parents[2] / "conformance/examples/targets/reference.yaml"
        text = profile.read_text("utf-8") + "\nwaivers: none.yaml\n"
        (tmp_path / "target.yaml").write_text(text, "utf-8")
        done = command(*FAULTY, "--target", "target.yaml", cwd=tmp_path)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "waivers: there is no file " in done.stderr
    assert "none.yaml" in done.stderr
    assert "create it, with `waivers suggest RUN`" in done.stderr
    assert not (tmp_path / "reports").exists()
