"""Knobs: clock, database file, noise, exchange log, settings that make no sense."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from conformance.cli.main import main
from conformance.reference import BadSetting, Settings, catalogue, serve
from tests.reference.conftest import Rehearsal, speaking
from tests.reference.money import Till

NOON = 1_900_000_000_000


def test_clock_is_put_and_moved(faulty: Callable[..., Rehearsal]) -> None:
    digit = faulty(clock_ms=NOON)
    assert 0 <= digit.http.get("/reference/clock").json()["now"] - NOON < 60_000
    moved = digit.http.post("/reference/clock", json={"advance": 86_400_000}).json()["now"]
    assert 86_400_000 <= moved - NOON < 86_460_000
    assert digit.http.post("/reference/clock", json={"now": NOON}).json()["now"] - NOON < 60_000
    assert digit.http.post("/reference/clock", content=b"soon").status_code == 400


def test_exchange_log_holds_no_body(faulty: Callable[..., Rehearsal], tmp_path: Path) -> None:
    log = tmp_path / "exchanges.jsonl"
    digit = faulty(log_exchanges=log)
    token = digit.token("citizen")
    digit.post("/user/v1/_search", {"tenantId": "pb"}, "citizen")
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [line["status"] for line in lines] == [200, 403]
    assert lines[1] == {
        "method": "POST", "path": "/user/v1/_search", "status": 403, "codes": ["CustomException"],
    }  # fmt: skip
    assert token not in log.read_text(encoding="utf-8")


NOISE = {
    "502 with a page",
    "429 to come back later",
    "a page with 200",
    "JSON cut short",
    "500 of the gateway",
    "RemoteProtocolError",
    "ReadTimeout",
}


def heard(digit: Rehearsal) -> str:
    """What a client makes of one answer on a noisy line."""
    try:
        answer = digit.http.post("/user/oauth/token", data={})
    except httpx.TransportError as fault:
        return type(fault).__name__
    kind = answer.headers.get("content-type", "")
    if kind.startswith("text/html"):
        return "502 with a page" if answer.status_code == 502 else "a page with 200"
    if answer.status_code == 429:
        return "429 to come back later" if "retry-after" in answer.headers else "429"
    if answer.status_code == 500:
        return "500 of the gateway" if "ZuulRuntimeException" in answer.text else answer.text
    try:
        answer.json()
    except ValueError:
        return "JSON cut short" if answer.status_code == 200 else answer.text
    return "the answer"


def test_noise_is_of_every_kind(faulty: Callable[..., Rehearsal]) -> None:
    digit = faulty(noise=1.0, noise_seed=3)
    digit.http.timeout = httpx.Timeout(0.3)
    assert {heard(digit) for _ in range(60)} == NOISE


def test_noise_spoils_a_share(faulty: Callable[..., Rehearsal]) -> None:
    digit = faulty(noise=0.3, noise_seed=3)
    digit.http.timeout = httpx.Timeout(0.3)
    seen = [heard(digit) for _ in range(60)]
    assert 30 < seen.count("the answer") < 55
    assert set(seen) <= NOISE | {"the answer"}


def test_state_survives_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with serve(Settings(db=file)) as deployment, speaking(deployment.base_url) as digit:
        digit.system_user("kept-agent")
    with serve(Settings(db=file)) as deployment, speaking(deployment.base_url) as digit:
        answer = digit.login("kept-agent", "Bbps@2024", "SYSTEM", "pb")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (Settings(faults=("owner-chek-off",)), "owner-check-off"),
        (Settings(lineage="digit-2.9"), "digit-2.8"),
        (Settings(host="203.0.113.1"), "203.0.113.1"),
        (Settings(db=Path("/nonexistent-folder/x.db")), "x.db"),
        (Settings(log_exchanges=Path("/nonexistent-folder/x.log")), "x.log: exchanges cannot be"),
    ],
)
def test_bad_settings_are_reported(settings: Settings, message: str) -> None:
    with pytest.raises(BadSetting, match=message), serve(settings):
        pass


def test_taken_port_is_reported() -> None:
    with serve(Settings()) as deployment:
        port = int(deployment.base_url.rpartition(":")[2])
        with pytest.raises(BadSetting, match="is taken"), serve(Settings(port=port)):
            pass


def test_catalogue_is_large_and_clean() -> None:
    faults = catalogue()
    assert len(faults) >= 70
    for fault in faults:
        assert fault.name == fault.name.lower()
        assert " " not in fault.name


def test_every_fault_starts() -> None:
    """Each alone; several at a time, because a server needs a moment to stop."""

    def health(name: str) -> int:
        with serve(Settings(faults=(name,))) as deployment:
            return httpx.get(f"{deployment.base_url}/reference/health").status_code

    names = [fault.name for fault in catalogue()]
    with ThreadPoolExecutor(8) as pool:
        found = dict(zip(names, pool.map(health, names), strict=True))
    assert {name: status for name, status in found.items() if status != 200} == {}


def test_faults_are_combined(faulty: Callable[..., Rehearsal]) -> None:
    till = Till(faulty("owner-check-off", "receipt-mode-card", "role-listed-twice"))
    transaction = till.created(till.bill())
    assert till.update(transaction, as_="rival").status_code == 200
    (receipt,) = till.receipts_of(transaction)
    assert receipt["paymentMode"] == "CARD"


def test_faults_add_to_those_of_a_lineage(faulty: Callable[..., Rehearsal]) -> None:
    till = Till(faulty("receipt-mode-card", lineage="digit-2.8"))
    transaction = till.created(till.bill())
    assert till.update(transaction, as_="rival").status_code == 200
    (receipt,) = till.receipts_of(transaction)
    assert receipt["paymentMode"] == "CARD"


def test_faults_are_listed_one_a_line() -> None:
    listed = CliRunner().invoke(main, ["serve", "--faults"])
    lines = listed.output.splitlines()
    assert listed.exit_code == 0
    for fault, line in zip(catalogue(), lines, strict=True):
        assert line.startswith(fault.name)
        assert all(id_ in line for id_ in fault.requirements)
        assert line.endswith(fault.sentence)


@pytest.mark.parametrize(
    ("option", "value"),
    [("--port", "99999"), ("--latency", "-1"), ("--lag", "-5"), ("--rate-limit", "0")],
)
def test_serve_refuses_numbers_out_of_range(option: str, value: str) -> None:
    ended = CliRunner().invoke(main, ["serve", option, value])
    assert ended.exit_code == 2
    assert f"Invalid value for '{option}'" in ended.output
