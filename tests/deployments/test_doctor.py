"""The doctor on deployments with exactly one fault: it names that one, and blames it once."""

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from conformance.bbps.cleanup import Cleaner
from conformance.cli.main import main
from conformance.contracts.effects import Effect
from conformance.contracts.endpoints import ENDPOINTS
from conformance.core.ledger import read
from conformance.doctor import AREAS, SetupFault, State, require_fit
from conformance.reference.mdms.masters import ACTIONS
from tests.deployments.conftest import Go, Serve, counted, described
from tests.reference.conftest import PEOPLE, Rehearsal

HOUR = 3_600_000
AGENT = {"username": "agent", "password": "Bbps@2024", "type": "SYSTEM", "tenant": "pb"}
RIVAL = {**AGENT, "username": "agent-2"}
READS = {each.name for each in ENDPOINTS.values() if each.effect is Effect.READS} | {"bill.fetch"}


def rows(remedy: str) -> list[dict[str, Any]]:
    """The master data rows that a remedy requires, as JSON that can be pasted."""
    lines = [line.rstrip(",") for line in remedy.splitlines() if line.startswith("{")]
    return [json.loads(line) for line in lines]


def test_a_fit_deployment_has_no_fault(served: Serve, visit: Go) -> None:
    seen = visit(served().base_url)
    assert seen.faults == []
    assert seen.examination.fit
    assert {diagnostic.area for diagnostic in seen.examination.diagnostics} == set(AREAS)
    require_fit(seen.examination)


def test_clock_is_off(served: Serve, visit: Go) -> None:
    later = int(datetime.now(UTC).timestamp() * 1000) + 2 * HOUR
    fault = visit(served(clock_ms=later).base_url).only
    assert fault.area == "clock"
    assert "ahead of ours" in fault.what
    assert "Date:" in fault.evidence
    assert not fault.blocking
    earlier = visit(served(clock_ms=later - 4 * HOUR).base_url).only
    assert "behind ours" in earlier.what


def test_a_virtual_clock_is_no_fault(served: Serve, visit: Go) -> None:
    later = int(datetime.now(UTC).timestamp() * 1000) + 2 * HOUR
    assert visit(served(clock_ms=later).base_url, clock_url="/reference/clock").faults == []


def test_wrong_password_is_tried_once(served: Serve, visit: Go) -> None:
    deployment = served()
    wrong = {"username": "administrator", "password": "Wrong@2024", "tenant": "pb"}
    seen = visit(deployment.base_url, actors={"administrator": wrong})
    assert (seen.only.area, seen.only.what) == (
        "credential",
        "the administrator obtains no token",
    )
    assert seen.only.blocking
    assert "password" in seen.only.cause
    assert "actors.administrator" in seen.only.remedy
    assert "curl -sS -X POST" in seen.only.remedy
    assert "Wrong@2024" not in seen.text
    assert not seen.ledger.exists(), "nothing was sent that could need undoing"
    logins = [each for each in seen.exchanges if each.operation == "token.create"]
    assert [each.actor for each in logins].count("administrator") == 1
    with pytest.raises(SetupFault, match="the administrator obtains no token"):
        require_fit(seen.examination)


def test_account_is_locked(served: Serve, visit: Go) -> None:
    deployment = served()
    digit = Rehearsal(deployment.base_url)
    for _ in range(5):
        digit.login(*PEOPLE["cashier"], password="Wrong@2024")
    digit.http.close()
    fault = visit(deployment.base_url).only
    assert (fault.area, "locked" in fault.cause) == ("credential", True)
    assert "unlock" in fault.remedy


def test_account_is_switched_off(served: Serve, visit: Go) -> None:
    deployment = served()
    digit = Rehearsal(deployment.base_url)
    user = digit.system_user("agent") | {"active": False}
    digit.post("/user/users/_updatenovalidate", {"user": user}, "administrator")
    digit.http.close()
    fault = visit(deployment.base_url, actors={"integrator": AGENT}).only
    assert fault.what == "the integrator obtains no token"
    assert "switched off" in fault.cause


def test_actor_without_password_is_never_sent(served: Serve, visit: Go) -> None:
    nobody = {"username": "cashier", "password": "", "tenant": "pb.amritsar"}
    seen = visit(served().base_url, actors={"cashier": nobody})
    assert (seen.only.area, seen.only.what) == ("credential", "the cashier has no password")
    assert "actors.cashier.password" in seen.only.remedy
    assert not [each for each in seen.exchanges if each.actor == "cashier"]


def test_oauth_client_is_unknown(served: Serve, visit: Go) -> None:
    seen = visit(served(client_secret="Secret@2024").base_url)
    text = seen.examination.faults
    assert {diagnostic.area for diagnostic in text} == {"credential"}
    assert all("oauth.client_secret" in diagnostic.remedy for diagnostic in text)


def test_account_lacks_the_role(served: Serve, visit: Go) -> None:
    deployment = served()
    digit = Rehearsal(deployment.base_url)
    user = digit.system_user("agent") | {"roles": [{"code": "AUDITOR", "tenantId": "pb"}]}
    digit.post("/user/users/_updatenovalidate", {"user": user}, "administrator")
    digit.post("/user/_logout", {"access_token": digit.token("agent")}, "administrator")
    digit.http.close()
    fault = visit(deployment.base_url, actors={"integrator": AGENT}).only
    assert (fault.area, fault.what) == ("role", "the integrator does not hold BBPS_USER")
    assert '"roles": [{"code": "BBPS_USER", "tenantId": "pb"}]' in fault.remedy


def test_role_is_missing(served: Serve, visit: Go) -> None:
    fault = visit(served(faults=("role-not-listed",)).base_url).only
    assert (fault.area, fault.what) == ("role", "roles.json has BBPS_USER 0 times")
    assert [row["code"] for row in rows(fault.remedy)] == ["BBPS_USER"]


def test_one_row_of_roleactions_is_missing(served: Serve, visit: Go) -> None:
    fault = visit(served(faults=("grant-missing",)).base_url).only
    assert fault.area == "role"
    assert fault.what.endswith("/pg-service/transaction/v1/_update")
    assert rows(fault.remedy) == [
        {"rolecode": "BBPS_USER", "actionid": 1572, "actioncode": "", "tenantId": "pb"}
    ]
    assert "ACCESSCONTROL-ROLEACTIONS/roleactions.json" in fault.remedy
    assert "restart the MDMS service" in fault.remedy


def test_action_is_missing_too(served: Serve, visit: Go) -> None:
    fault = visit(served(faults=("action-with-another-url",)).base_url).only
    action, grant = rows(fault.remedy)
    assert action["url"] == "/collection-services/payments/_create"
    assert action["id"] == grant["actionid"] == max(ACTIONS) + 1


def test_rows_are_not_in_effect(served: Serve, visit: Go) -> None:
    faults = visit(served(faults=("state-role-stays-at-state",)).base_url).faults
    assert ("role", "the integrator may not fetch bills, although the role and its rows exist") in (
        faults
    )


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"business_service": "WS"}, "the master BillingService/BusinessService has no WS"),
        ({"tax_head": "PT_TAXX"}, "the master BillingService/TaxHeadMaster has no PT_TAXX"),
        ({"partial": {"business_service": "PT", "tax_head": "PT_TAX"}},
         "PT does not allow part payment"),
        ({"restricted": {"business_service": "PT", "tax_head": "PT_TAX"}},
         "PT disallows none of the five modes"),
    ],
    ids=["business service", "tax head", "partial", "restricted"],
)  # fmt: skip
def test_master_data_do_not_fit(
    served: Serve, visit: Go, changes: dict[str, Any], what: str
) -> None:
    fault = visit(served().base_url, bills=changes).only
    assert (fault.area, fault.what) == ("master data", what)


def test_online_is_not_allowed(served: Serve, visit: Go) -> None:
    alone = {"business_service": "CTR", "tax_head": "CTR_TAX", "restricted": None, "partial": None}
    fault = visit(served().base_url, bills=alone, payment_modes=["CASH", "CHEQUE"]).only
    assert "takes no ONLINE payment" in fault.what


def test_modes_are_those_that_the_masters_leave_open(served: Serve, visit: Go) -> None:
    base_url = served().base_url
    alone = {"business_service": "CTR", "tax_head": "CTR_TAX", "restricted": None, "partial": None}
    listed = visit(base_url, bills=alone, payment_modes=["CASH", "CHEQUE", "DD", "ONLINE"])
    faults = {each.what: each for each in listed.examination.faults}
    fault = faults["no certified business service takes DD, ONLINE"]
    assert "leave DD, ONLINE out of payment_modes" in fault.remedy
    assert "PAY-03, PAY-04 is then not applicable, and rightly: the masters prove" in fault.remedy
    assert "SMP is billed under SMP_TAX, and takes CASH" in visit(base_url).text
    left_out = visit(base_url, payment_modes=["CASH", "CHEQUE", "ONLINE"]).only
    assert left_out.what == "the profile leaves out DD, CARD, and the masters do not"


@pytest.mark.parametrize(("zone", "ends"), [("UTC", "05:30 in Asia/Kolkata"), (None, "")])
def test_day_of_a_bill_ends_in_another_zone(
    served: Serve, visit: Go, zone: str | None, ends: str
) -> None:
    seen = visit(served(zone=zone).base_url)
    if not ends:
        assert "the day of a bill ends at midnight of Asia/Kolkata" in seen.text
        return
    assert seen.only.area == "clock"
    assert seen.only.what == f"the day of a bill ends at midnight of UTC, {ends}"
    assert "TZ=Asia/Kolkata" in seen.only.remedy
    assert "the deployment learnt that a transaction failed" in seen.text  # all the same


def test_tenant_is_misspelt(served: Serve, visit: Go) -> None:
    fault = visit(served().base_url, other_tenant="pb.jalandar").only
    assert fault.what == "there is no tenant pb.jalandar"
    assert "pb.jalandhar" in fault.evidence
    assert "other_tenant" in fault.remedy


def test_pool_is_dry(served: Serve, visit: Go, tmp_path: Path) -> None:
    pool = tmp_path / "codes.csv"
    pool.write_text("consumer_code,business_service\nWS-1,WS\n", encoding="utf-8")
    fault = visit(served().base_url, bills={"provision": "pool", "pool": str(pool)}).only
    assert (fault.area, fault.what) == ("bill", "the bill pool is empty")
    assert "codes.csv.used" in fault.remedy


def test_code_of_the_pool_has_no_bill(served: Serve, visit: Go, tmp_path: Path) -> None:
    pool = tmp_path / "codes.csv"
    pool.write_text("consumer_code\nPT-NEVER\n", encoding="utf-8")
    fault = visit(served().base_url, bills={"provision": "pool", "pool": str(pool)}).only
    assert fault.area == "bill"
    assert "PT-NEVER" in fault.what
    assert "curl" in fault.remedy


def test_outcome_cannot_be_set(served: Serve, visit: Go) -> None:
    base_url = served().base_url
    fault = visit(base_url, outcome={"style": "none"}).only
    assert (fault.area, "outcome.style" in fault.remedy) == ("outcome", True)
    assert visit(base_url, outcome={"style": "none"}, mode="inspect").faults == []
    gateway = visit(base_url, outcome={"gateway": "BBPZ"}).only
    assert gateway.what == "the payment gateway BBPZ is not registered"
    assert "BBPS" in gateway.evidence


def test_own_address_is_wrong(served: Serve, visit: Go) -> None:
    fault = visit(served().base_url, network={"own_address": "203.0.113.5"}).only
    assert (fault.area, fault.what) == ("address", "we call from 127.0.0.1, not from 203.0.113.5")
    assert "network.own_address to 127.0.0.1" in fault.remedy


def test_we_are_not_on_the_white_list(served: Serve, visit: Go) -> None:
    fault = visit(served(allowed_addresses=("127.0.0.9",)).base_url).only
    assert fault.area == "address"
    assert "white list" in fault.cause
    exchanged = visit(served(allowed_addresses=("127.0.0.2",)).base_url).only
    assert exchanged.blocking
    assert "swap network.egress and network.second_egress" in exchanged.remedy


@pytest.mark.parametrize(
    ("egress", "what"),
    [
        ("local:127.0.0.1", "the second address is the first one"),
        ("http://127.0.0.1:9", "the deployment is not reached from the second address"),
    ],
    ids=["the same", "dead proxy"],
)
def test_second_address_is_none(served: Serve, visit: Go, egress: str, what: str) -> None:
    network = {"second_egress": egress}
    fault = visit(served().base_url, network=network, limits={"retries": 0}).only
    assert (fault.area, fault.what) == ("address", what)


def test_several_faults_are_all_named(served: Serve, visit: Go, tmp_path: Path) -> None:
    deployment = served(lineage="digit-lts", faults=("grant-missing", "role-listed-twice"))
    pool = tmp_path / "codes.csv"
    pool.write_text("consumer_code\n", encoding="utf-8")
    seen = visit(
        deployment.base_url,
        actors={
            "cashier": {"username": "cashier", "password": "", "tenant": "pb.amritsar"},
            "citizen": {"username": "9876543210", "password": "654321", "type": "CITIZEN"},
        },
        bills={"provision": "pool", "pool": str(pool)},
        outcome={"gateway": "BBPZ"},
        network={"own_address": "203.0.113.5"},
        other_tenant="pb.jalandar",
    )
    assert [area for area, _ in seen.faults] == [
        "credential", "credential", "role", "role", "master data", "bill", "outcome", "address",
    ]  # fmt: skip
    assert seen.examination.detected.startswith("gateway: Spring Cloud Gateway; ")


def test_mode_inspect_changes_nothing(served: Serve, visit: Go, tmp_path: Path) -> None:
    db = tmp_path / "deployment.db"
    deployment = served(db=db)
    pool = tmp_path / "codes.csv"
    pool.write_text("consumer_code\nPT-1\n", encoding="utf-8")
    before = counted(db)
    seen = visit(deployment.base_url, mode="inspect")
    pooled = visit(
        deployment.base_url, mode="inspect", bills={"provision": "pool", "pool": str(pool)}
    )
    assert counted(db) == before
    assert seen.faults == pooled.faults == []
    assert {each.operation for each in seen.exchanges + pooled.exchanges} <= READS
    assert not seen.ledger.exists()
    assert not pool.with_name("codes.csv.used").exists()


def test_what_the_doctor_creates_is_in_the_ledger(served: Serve, visit: Go, tmp_path: Path) -> None:
    db = tmp_path / "deployment.db"
    deployment = served(db=db)
    before = counted(db)
    seen = visit(deployment.base_url, mode="sandbox")
    entries = read(seen.ledger)
    assert sorted(entry.kind for entry in entries) == [
        "account",
        "account",
        "demand",
        "transaction",
    ]
    new = {table: count - before[table] for table, count in counted(db).items()}
    assert new == {"users": 2, "demands": 1, "bills": 1, "transactions": 1, "payments": 0}
    fates = [str(trace.state) for trace in Cleaner(seen.bbps).clean(entries)]
    assert fates == ["undone"] * 3


def test_nothing_is_asked_of_who_does_not_answer(visit: Go) -> None:
    seen = visit("http://127.0.0.1:9", limits={"retries": 0})
    unseen = [
        diagnostic
        for diagnostic in seen.examination.diagnostics
        if diagnostic.state is State.UNSEEN
    ]
    assert {diagnostic.area for diagnostic in unseen} == set(AREAS) - {"network"}


def test_command_tells_and_leaves_nothing(served: Serve, tmp_path: Path) -> None:
    db = tmp_path / "deployment.db"
    profile = tmp_path / "target.yaml"
    document = described(served(db=db, faults=("grant-missing",)).base_url)
    profile.write_text(yaml.safe_dump(document), encoding="utf-8")
    done = CliRunner().invoke(main, ["doctor", "-t", str(profile), "--reports", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert '"rolecode": "BBPS_USER", "actionid": 1572' in done.output
    assert "It looks like this: gateway: Zuul, which refuses" in done.output
    assert "because of the faults above, some will fail or decide nothing." in done.output
    assert "The test data was removed again." in done.output
    with sqlite3.connect(db) as books:
        assert books.execute("select status from demands").fetchall() == [("CANCELLED",)]
        active = "select username from users where active and username like 'conf%'"
        assert books.execute(active).fetchall() == []


def test_refused_certification_tells_every_fault_and_leaves_nothing(
    served: Serve, tmp_path: Path
) -> None:
    db = tmp_path / "deployment.db"
    deployment = served(db=db, faults=("grant-missing",))
    profile = tmp_path / "target.yaml"
    cashier = {"username": "cashier", "password": "", "tenant": "pb.amritsar"}
    document = described(deployment.base_url, actors={"cashier": cashier})
    profile.write_text(yaml.safe_dump(document), encoding="utf-8")
    done = CliRunner().invoke(main, ["certify", "-t", str(profile), "--reports", str(tmp_path)])
    assert done.exit_code == 2
    assert "the cashier has no password" in done.output
    assert "roleactions.json does not map BBPS_USER" in done.output
    with sqlite3.connect(db) as books:
        assert books.execute("select status from demands").fetchall() == [("CANCELLED",)]
        active = "select username from users where active and username like 'conf%'"
        assert books.execute(active).fetchall() == []


@pytest.mark.parametrize("command", ["doctor", "certify"])
def test_reports_have_no_place(tmp_path: Path, command: str) -> None:
    (tmp_path / "reports").write_text("a file\n", encoding="utf-8")
    done = CliRunner().invoke(main, [command, "--reports", str(tmp_path / "reports" / "here")])
    assert done.exit_code == 2
    assert "give --reports another folder" in done.output


def test_outcomes_are_examined_where_the_day_of_a_bill_ends_elsewhere(
    served: Serve, visit: Go
) -> None:
    seen = visit(served(zone="UTC").base_url)
    assert [fault.area for fault in seen.examination.faults] == ["clock"]
    assert "no transaction is made" not in seen.text
