"""Cleaning up after a run: nothing payable remains, what a person must reverse is listed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from conformance.cli.main import main
from conformance.reference import Settings, serve
from conformance.run.certify import carry_out
from conformance.run.config import RunConfig
from conformance.run.session import Run
from tests.deployments.conftest import Serve, described, left_pending, payable, rows
from tests.reference.conftest import Rehearsal

REVERSED = {"CANCELLED", "DISHONOURED"}
# Their checks leave pending, failed and paid transactions, payments in full and in part, and users.
BUSY = ("USR-01", "USR-13", "TXN-01", "TXN-04", "TXN-06", "RCP-01", "PAY-01", "PAY-08")
SUPPLIED = {"username": "agent", "password": "Bbps@2024", "type": "SYSTEM", "tenant": "pb"}


@dataclass(frozen=True)
class Ended:
    """A deployment after a full run there; `cleaned` is what the first clean-up printed."""

    db: Path
    profile: Path
    reports: Path
    run: Run
    before: dict[str, Any]
    cleaned: Result

    def rows(self, statement: str) -> list[Any]:
        return rows(self.db, statement)

    def clean(self, run: str = "latest") -> Result:
        return clean(run, self.profile, self.reports)


def clean(run: str, profile: Path, reports: Path, *more: str) -> Result:
    arguments = ["clean", run, "--target", str(profile), "--reports", str(reports), *more]
    return CliRunner().invoke(main, arguments)


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ended]:
    folder = tmp_path_factory.mktemp("cleaned")
    db, profile = folder / "deployment.db", folder / "target.yaml"
    with serve(Settings(db=db)) as deployment:
        digit = Rehearsal(deployment.base_url)
        digit.system_user("agent")
        digit.http.close()
        document = described(deployment.base_url, actors={"rival": SUPPLIED})
        profile.write_text(yaml.safe_dump(document), encoding="utf-8")
        run = left_pending(RunConfig(target=profile, reports=folder, only=BUSY, depth="quick"))
        before = {
            "payable": payable(db),
            "pending": rows(db, "select id from transactions where status = 'PENDING'"),
            "users": rows(db, "select username from users where active and type = 'SYSTEM'"),
        }
        yield Ended(db, profile, folder, run, before, clean("latest", profile, folder))


def test_run_left_something_of_everything(ended: Ended) -> None:
    assert len(ended.before["payable"]) > 1
    assert len(ended.before["pending"]) > 1
    assert len(ended.before["users"]) > 2


def test_nothing_payable_remains(ended: Ended) -> None:
    assert payable(ended.db) == []
    assert ended.rows("select id from transactions where status = 'PENDING'") == []
    for user in ended.before["users"]:
        switched_off = f"{user}  switched off" in ended.cleaned.output
        assert switched_off == (user not in {"agent", "anonymous"})


def test_only_users_that_were_there_before_stay_active(ended: Ended) -> None:
    active = ended.rows("select username from users where active and type = 'SYSTEM'")
    assert sorted(active) == ["agent", "anonymous"]
    namesakes = "select type from users where active = {} and username like '%-owner'"
    assert set(ended.rows(namesakes.format(0))) == {"SYSTEM", "EMPLOYEE"}
    assert ended.rows(namesakes.format(1)) == []


def test_payments_that_stand_are_left_to_a_person(ended: Ended) -> None:
    found = [json.loads(text) for text in ended.rows("select document from payments")]
    payments = [each for each in found if each["paymentStatus"] not in REVERSED]
    assert 1 < len(payments) < len(found)
    left = [line for line in ended.cleaned.output.splitlines() if line.startswith("left to")]
    for payment in payments:
        line = next(each for each in left if payment["id"] in each)
        assert payment["paymentDetails"][0]["receiptNumber"] in line
        assert "cancel the receipt and return the money" in line
    assert len(left) == len(payments)
    assert ended.cleaned.exit_code == 1
    assert f"{len(payments)} left to a person" in ended.cleaned.output


def test_cleaning_again_is_harmless(ended: Ended) -> None:
    books = "select document from demands union all select document from transactions"
    before = ended.rows(books)
    again = ended.clean()
    assert (again.exit_code, "0 undone" in again.output) == (1, True)
    assert ended.rows(books) == before
    by_id = ended.clean(ended.run.id)
    by_folder = clean(str(ended.run.folder), ended.profile, ended.reports)
    assert by_id.output == by_folder.output == again.output


def test_nothing_of_it_is_written_down(ended: Ended) -> None:
    secrets = ended.run.redactor.secrets
    assert secrets
    assert not [secret for secret in secrets if secret in ended.cleaned.output]


def test_killed_run_is_cleaned_too(ended: Ended, tmp_path: Path) -> None:
    """A run that was killed has a ledger with a torn last line, and results without an end."""
    digit = Rehearsal(described_url(ended.profile))
    demand = {
        "tenantId": "pb.amritsar", "consumerCode": "CONF-killed-1", "consumerType": "house",
        "businessService": "PT", **period(digit),
        "demandDetails": [{"taxHeadMasterCode": "PT_TAX", "taxAmount": 100}],
    }  # fmt: skip
    created = digit.post("/billing-service/demand/_create", {"Demands": [demand]}, "administrator")
    assert created.status_code == 201, created.text
    digit.http.close()
    folder = tmp_path / "runs" / "killed"
    folder.mkdir(parents=True)
    entry = {"kind": "demand", "key": "CONF-killed-1", "tenant": "pb.amritsar", "rupees": "0"}
    torn = '{"kind": "demand", "key": "CONF-ki'
    (folder / "ledger.jsonl").write_text(f"{json.dumps(entry)}\n{torn}", encoding="utf-8")
    (folder / "results.json").write_text(json.dumps({"target": {"name": "reference"}}))
    assert payable(ended.db) == ["CONF-killed-1"]
    done = clean("killed", ended.profile, tmp_path)
    assert (done.exit_code, payable(ended.db)) == (0, [])
    assert "1 undone, 0 with nothing to do, 0 left to a person" in done.output


def described_url(profile: Path) -> str:
    return str(yaml.safe_load(profile.read_text(encoding="utf-8"))["base_url"])


def period(digit: Rehearsal) -> dict[str, int]:
    """A tax period that the deployment knows."""
    wanted = {"moduleName": "BillingService", "masterDetails": [{"name": "TaxPeriod"}]}
    criteria = {"tenantId": "pb", "moduleDetails": [wanted]}
    response = digit.post("/egov-mdms-service/v1/_search", {"MdmsCriteria": criteria})
    row = response.json()["MdmsRes"]["BillingService"]["TaxPeriod"][4]
    return {"taxPeriodFrom": row["fromDate"], "taxPeriodTo": row["toDate"]}


def test_account_that_was_there_before_is_never_touched(ended: Ended, tmp_path: Path) -> None:
    """Its creation was requested and refused, since somebody has that name already."""
    digit = Rehearsal(described_url(ended.profile))
    digit.system_user("somebody", "pb.jalandhar")
    digit.http.close()
    folder = tmp_path / "runs" / "refused"
    folder.mkdir(parents=True)
    entry = {"key": "somebody", "tenant": "pb.jalandhar", "rupees": "0"}
    requested, refused = entry | {"kind": "account"}, entry | {"kind": "no account"}
    lines = f"{json.dumps(requested)}\n{json.dumps(refused)}\n"
    (folder / "ledger.jsonl").write_text(lines, encoding="utf-8")
    active = "select username from users where active and username = 'somebody'"
    done = clean("refused", ended.profile, tmp_path)
    assert (done.exit_code, ended.rows(active)) == (0, ["somebody"])
    (folder / "ledger.jsonl").write_text(json.dumps(requested) + "\n", encoding="utf-8")
    done = clean("refused", ended.profile, tmp_path)
    assert (done.exit_code, ended.rows(active)) == (0, [])


@pytest.mark.parametrize("lineage", ["digit-2.8", "mseva"])
def test_what_a_lax_line_let_pass_is_undone_too(
    served: Serve, tmp_path: Path, lineage: str
) -> None:
    """These lines let anybody create users, employees too; a reader of one city sees no other."""
    db, profile = tmp_path / "deployment.db", tmp_path / "target.yaml"
    document = described(served(db=db, lineage=lineage).base_url)
    profile.write_text(yaml.safe_dump(document), encoding="utf-8")
    only = ("USR-02", "MDM-08", "TXN-08")
    carry_out(RunConfig(target=profile, reports=tmp_path, only=only, depth="quick"))
    made = "select username from users where username like 'conf%' and active"
    assert len(rows(db, made)) > 2
    done = clean("latest", profile, tmp_path)
    assert rows(db, made) == []
    assert payable(db) == []
    assert "not undone" not in done.output


def test_unknown_run_and_broken_ledger(ended: Ended, tmp_path: Path) -> None:
    unknown = clean("20200101T000000-dead", ended.profile, tmp_path)
    assert (unknown.exit_code, "there is no run '20200101T000000-dead'" in unknown.output) == (
        2, True,
    )  # fmt: skip
    folder = tmp_path / "runs" / "broken"
    folder.mkdir(parents=True)
    (folder / "ledger.jsonl").write_text("{}\n{}\n", encoding="utf-8")
    broken = clean("broken", ended.profile, tmp_path)
    assert (broken.exit_code, "line 1: is not an entry of a ledger" in broken.output) == (2, True)


def test_another_deployment_is_not_touched(ended: Ended, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    text = ended.profile.read_text(encoding="utf-8")
    other.write_text(text.replace("name: reference", "name: elsewhere"), encoding="utf-8")
    done = clean("latest", other, ended.reports)
    assert done.exit_code == 2
    assert "the run was on reference, the profile describes elsewhere" in done.output


def test_inspect_undoes_nothing_and_no_target_means_no_undoing(ended: Ended) -> None:
    inspected = clean("latest", ended.profile, ended.reports, "--mode", "inspect")
    assert (inspected.exit_code, "mode inspect" in inspected.output) == (2, True)
    nowhere = CliRunner().invoke(main, ["clean", "latest", "--reports", str(ended.reports)])
    assert (nowhere.exit_code, "--target" in nowhere.output) == (2, True)


def test_wrong_administrator_undoes_nothing(ended: Ended, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    text = ended.profile.read_text(encoding="utf-8")
    wrong.write_text(text.replace("Admin@2024", "Wrong@2024"), encoding="utf-8")
    done = clean("latest", wrong, ended.reports)
    assert done.exit_code == 2
    assert "the administrator obtains no token" in done.output
    assert "Wrong@2024" not in done.output
