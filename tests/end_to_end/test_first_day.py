"""The first day of an integrator: a profile by `profile init`, what it can decide, the verdict."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from conformance.cli import profile as cli_profile
from conformance.cli.main import main
from conformance.profile.loading import load
from conformance.reference import Deployment, Settings, serve
from conformance.reference.lineages.catalogue import LINEAGES
from tests.deployments.conftest import counted
from tests.end_to_end.conftest import DAY, EXAMPLES, Place

PASSWORDS = {
    "ADMINISTRATOR_PASSWORD": "Admin@2024",
    "CASHIER_PASSWORD": "Cashier@2024",
    "CITIZEN_PASSWORD": "123456",
}
ACCOUNTS = {
    "administrator": {
        "username": "administrator", "password": "${ADMINISTRATOR_PASSWORD}", "type": "EMPLOYEE",
        "tenant": "pb",
    },
    "cashier": {
        "username": "cashier", "password": "${CASHIER_PASSWORD}", "type": "EMPLOYEE",
        "tenant": "pb.amritsar",
    },
    "citizen": {
        "username": "9876543210", "password": "${CITIZEN_PASSWORD}", "type": "CITIZEN",
        "tenant": "pb",
    },
}  # fmt: skip
# The answers of the README's rehearsal; all others are read from the deployment.
ANSWERS: Mapping[str, Any] = {
    "name": "rehearsal",
    "tenant": "pb.amritsar",
    "actors": ACCOUNTS,
    "outcome": {"inactive_gateway": "PAYTM"},
    "network": {"second_egress": "local:127.0.0.2"},
    "mdms": {"repository": str(EXAMPLES / "mdms/pb")},
    "limits": {  # the reference shows every write at once, so that no absence is watched
        "requests_per_second": 5000, "rupees_per_run": 400000, "settle_seconds": 3,
        "quiet_seconds": 0, "timeout_seconds": 30,
    },
}  # fmt: skip
DEVIATING = [name for name in LINEAGES if name != "strict"]
SOME = ("USR-*", "MDM-*", "TXN-03")  # all of them: tests/faults/test_lineages.py


@pytest.fixture
def introduced(place: Place) -> Place:
    """The place with a profile that `profile init` has written, without a terminal."""
    answers = place.folder / "answers.json"
    answers.write_text(json.dumps(ANSWERS), encoding="utf-8")
    place.profile.unlink()
    place.environment_of_today |= PASSWORDS
    words = ("profile", "init", str(place.profile), "--from", str(answers), "--base-url")
    done = subprocess.run(
        [sys.executable, "-m", "conformance", *words, place.deployment.base_url],
        env=place.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return place


def test_the_rest_is_read_from_the_deployment(introduced: Place) -> None:
    target = load(introduced.profile, environ=introduced.environment).target
    assert (target.state_tenant, target.other_tenant, target.role) == (
        "pb", "pb.jalandhar", "BBPS_USER",
    )  # fmt: skip
    assert target.bills.services == ["PT", "SMP", "CTR"]
    assert (target.bills.tax_head, target.outcome.gateway) == ("PT_TAX", "BBPS")
    text = introduced.profile.read_text("utf-8")
    assert not [each for each in PASSWORDS.values() if each in text]


def test_it_can_become_conformant(introduced: Place) -> None:
    done = introduced.certify("--open", "--depth", "quick", "--dry-run", "--format", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    ready = json.loads(done.stdout)
    assert ready["because"] == introduced.because
    assert (ready["can_become_conformant"], ready["over_two_days"]) == (
        not introduced.because,
        True,
    )


@pytest.mark.whole
def test_it_ends_conformant_after_a_settled_second_day(introduced: Place) -> None:
    dry = ("--dry-run", "--format", "json", "--reports", "foreseen")
    foreseen = json.loads(introduced.certify("--open", *dry).stdout)
    introduced.certify("--open", "--jobs", "4")
    undecided = {id_ for id_, each in introduced.verdicts().items() if each == "inconclusive"}
    assert undecided == {
        row["id"] for row in foreseen["requirements"] if row["can_be_decided"] != "yes"
    }
    introduced.advance(DAY)
    settled = introduced.certify("--settle", "latest", "--jobs", "4")
    assert settled.returncode == 0, settled.stdout + settled.stderr
    assert introduced.results["verdict"] == "CONFORMANT"


@pytest.mark.whole
@pytest.mark.parametrize("place", [{"lineage": name} for name in DEVIATING], indirect=True)
def test_each_lineage_ends_with_the_verdicts_that_are_predicted_of_it(introduced: Place) -> None:
    """Of its deviations, and by the doctor; the clock is moved, so that one day decides all."""
    predicted = LINEAGES[introduced.deployment.settings.lineage].predicted
    with introduced.profile.open("a", encoding="utf-8") as profile:
        profile.write("clock_url: /reference/clock\n")
    some = ("--depth", "quick", "--only", ",".join(SOME))
    dry = ("--dry-run", "--format", "json", "--reports", "foreseen")
    foreseen = json.loads(introduced.certify(*some, *dry).stdout)
    introduced.certify(*some, "--jobs", "4")
    chosen = [row["id"] for row in foreseen["requirements"]]
    found = {id_: introduced.verdicts()[id_] for id_ in chosen}
    assert {"USR-01", "USR-11", "MDM-01", "TXN-03"} <= found.keys()
    assert found == {id_: predicted.get(id_, "passed") for id_ in chosen}
    unforeseen = {id_ for id_, each in found.items() if each == "inconclusive"} - {
        row["id"] for row in foreseen["requirements"] if row["can_be_decided"] != "yes"
    }
    assert unforeseen == set()
    assert introduced.results["verdict"] == "NON-CONFORMANT"


@pytest.fixture
def somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_profile, "_somebody_is_there", lambda: True)
    for name in PASSWORDS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def deployment() -> Any:
    with serve(Settings()) as served:
        yield served


def answered(path: Path, *answers: str) -> Result:
    return CliRunner().invoke(
        main, ["profile", "init", str(path)], input="\n".join(answers) + "\n" * 40
    )


@pytest.mark.usefixtures("somebody")
def test_what_the_deployment_does_not_know_is_said_at_once(
    deployment: Deployment, tmp_path: Path
) -> None:
    path = tmp_path / "town.yaml"
    done = answered(
        path,
        "http://127.0.0.1:9", "no", deployment.base_url, "rehearsal", "no",
        "pb.amritsr", "no", "pb.amritsar", "pb",
        "administrator", "wrong", "no", "administrator", "Admin@2024",
        "pb.jalandar", "no", "pb.jalandhar", "BBPS_USR", "no", "BBPS_USER", "full",
        "cashier", "Cashier@2024", "9876543210", "", "yes", "demands",
        "PTX", "no", "PT", "PT_TAXES", "no", "PT_TAX",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    for said in (
        "nothing listens at that address and port",
        "'pb.amritsr': the deployment has none of that name; did you mean pb.amritsar?",
        "the administrator obtains no token: HTTP 400",
        "'pb.jalandar': the deployment has none of that name; did you mean pb.jalandhar?",
        "'BBPS_USR': the deployment has none of that name; did you mean BBPS_USER?",
        "there is PT, SMP, ADV, CTR",
        "'PTX': the deployment has none of that name; did you mean PT?",
        "did you mean PT_TAX?",
        "SMP allows part payment. Certify it, too?",
        "one-time password cannot be used",
    ):
        assert said in done.output
    assert "curl" not in done.output
    text = path.read_text("utf-8")
    assert "Admin@2024" not in text + done.output
    environ = {**os.environ, **PASSWORDS}
    target = load(path, environ=environ).target
    assert target.base_url == deployment.base_url
    assert (target.tenant, target.other_tenant) == ("pb.amritsar", "pb.jalandhar")
    assert target.payment_modes == ("CASH", "CHEQUE", "DD", "ONLINE", "CARD")
    assert target.bills.restricted is not None


@pytest.mark.usefixtures("somebody")
def test_nothing_is_changed_on_the_deployment(tmp_path: Path) -> None:
    database = tmp_path / "deployment.db"
    with serve(Settings(db=database)) as deployment:
        before = counted(database)
        answers = ("rehearsal", "no", "pb.amritsar", "pb", "administrator", "Admin@2024")
        done = answered(tmp_path / "town.yaml", deployment.base_url, *answers)
        assert done.exit_code == 0, done.output
        assert counted(database) == before
