"""Each style of signalling an outcome, end to end on the reference, and each way it fails."""

import gzip
import socket
import sys
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from conformance.bbps.flow import FAILURE, SUCCESS
from conformance.bbps.outcome_channels.http_server import ChannelRequest, ChannelResponse
from conformance.core.verdicts import Inconclusive, RunVerdict, Verdict
from conformance.run.certify import carry_out
from conformance.run.config import RunConfig
from tests.deployments.conftest import Go, Serve, described, free_port
from tests.faults.collected import SETTLE_SECONDS, limits

HASTY = {"settle_seconds": SETTLE_SECONDS}
ONLY = ("TXN-05", "TXN-06", "TXN-12", "RCP-01")
EVERYTHING = (*ONLY, "TXN-08", "RCP-05", "RCP-06")  # with refusals, open outcomes, scenarios
MERCHANTS: dict[str, dict[str, str]] = {  # what the reference presents
    "AXIS": {"vpc_User": "reference", "vpc_Password": "Reference@2024"},
    "PAYU": {"key": "REFKEY", "salt": "REFERENCESALT"},
    "PAYTM": {"MID": "REFERENCE000001"},
}
# Sets an outcome at the reference's own simulator, as somebody's program would at a sandbox.
PROGRAM = """
import json, socket, sys
port, transaction, outcome, amount = sys.argv[1:]
report = json.dumps({"txnId": transaction, "says": outcome, "amount": amount})
with socket.create_connection(("127.0.0.1", int(port))) as line:
    head = "POST /control HTTP/1.1\\r\\nHost: sandbox\\r\\nContent-Length: %d\\r\\n\\r\\n"
    line.sendall((head % len(report) + report).encode())
    sys.exit(b" 200 " not in line.recv(100))
"""


def simulated(gateway: str, port: int, **settings: Any) -> dict[str, Any]:
    return {
        "style": "gateway-simulator",
        "gateway": gateway,
        "inactive_gateway": "PHONEPE",
        "simulator": {"port": port, **settings},
    }


def relay_to(
    sandbox: str, keys: set[str] | None = None
) -> Callable[[ChannelRequest], ChannelResponse]:
    """Set at a sandbox what a hook receives, as somebody's service would."""

    def relay(asked: ChannelRequest) -> ChannelResponse:
        presented = dict(asked.presented)
        if keys is not None:
            keys.update(presented)
        says = {
            "txnId": presented["transaction"],
            "says": presented["outcome"],
            "amount": presented["amount"],
        }
        return ChannelResponse(status=httpx.post(f"{sandbox}/control", json=says).status_code)

    return relay


def certified(
    base_url: str, outcome: dict[str, Any], folder: Path, only: tuple[str, ...] = ONLY
) -> tuple[str, Path]:
    """Certify the requirements that rest on outcomes; return the verdict and the run's folder."""
    profile = folder / "target.yaml"
    document = described(base_url, outcome=outcome, clock_url="/reference/clock")
    profile.write_text(yaml.safe_dump(document), encoding="utf-8")
    run, _ = carry_out(RunConfig(target=profile, only=only, reports=folder))
    assert run.results is not None
    verdicts = {row.id: row.verdict for row in run.results.requirements if row.id in only}
    assert verdicts == dict.fromkeys(only, Verdict.PASSED)
    return run.results.verdict, run.folder


def text_of(file: Path) -> str:
    content = file.read_bytes()
    return (gzip.decompress(content) if file.suffix == ".gz" else content).decode()


@pytest.mark.parametrize("gateway", MERCHANTS)
def test_certified_through_the_simulator(served: Serve, tmp_path: Path, gateway: str) -> None:
    port = free_port()
    deployment = served(simulator_url=f"http://127.0.0.1:{port}")
    outcome = simulated(gateway, port, merchant=MERCHANTS[gateway])
    only = EVERYTHING if gateway == "PAYU" else ONLY
    verdict, folder = certified(deployment.base_url, outcome, tmp_path, only)
    assert verdict == RunVerdict.PARTIAL
    files = [(each, each.read_bytes()) for each in folder.rglob("*.json*")]
    texts = [gzip.decompress(raw) if path.suffix == ".gz" else raw for path, raw in files]
    kept = b"".join(texts).decode("utf-8")
    assert "REFERENCESALT" not in kept
    assert "Reference@2024" not in kept


def test_certified_by_a_command(served: Serve, sandbox: str, tmp_path: Path) -> None:
    words = [sys.executable, "-I", "-S", "-c", PROGRAM, sandbox.rpartition(":")[2]]
    words += ["{transaction}", "{outcome}", "{amount}"]
    outcome = {"style": "command", "gateway": "AXIS", "command": {"words": words}}
    deployment = served(simulator_url=sandbox)
    verdict, _ = certified(deployment.base_url, outcome | {"inactive_gateway": "PHONEPE"}, tmp_path)
    assert verdict == RunVerdict.PARTIAL


def test_certified_by_a_hook(
    served: Serve, sandbox: str, listening: Callable[..., str], tmp_path: Path
) -> None:
    keys: set[str] = set()
    hook = {
        "url": listening(relay_to(sandbox, keys)) + "/set?token=Hidden@2024",
        "headers": {"X-Key": "Hidden@2024"},
    }
    outcome = {"style": "hook", "gateway": "PAYU", "inactive_gateway": "PHONEPE", "hook": hook}
    verdict, folder = certified(served(simulator_url=sandbox).base_url, outcome, tmp_path)
    assert verdict == RunVerdict.PARTIAL
    assert keys == {"transaction", "outcome", "amount", "gateway", "token"}
    assert not [each for each in folder.rglob("*") if each.is_file() and b"Hidden" in
                each.read_bytes()]  # fmt: skip


# What the doctor reports ------------------------------------------------------------------------


@pytest.mark.parametrize("gateway", MERCHANTS)
def test_the_doctor_lets_a_transaction_fail(served: Serve, visit: Go, gateway: str) -> None:
    port = free_port()
    deployment = served(simulator_url=f"http://127.0.0.1:{port}")
    seen = visit(deployment.base_url, outcome=simulated(gateway, port))
    assert seen.faults == []
    assert "outcomes by gateway-simulator: the deployment learnt" in seen.text
    assert {each.status for each in seen.bbps.transactions()} == {"FAILURE"}


def test_port_is_taken(served: Serve, visit: Go, listening: Callable[..., str]) -> None:
    port = int(listening(lambda _: ChannelResponse()).rpartition(":")[2])
    fault = visit(served().base_url, outcome=simulated("AXIS", port)).only
    assert (fault.area, fault.blocking) == ("outcome", True)
    assert f"cannot listen on 127.0.0.1:{port}" in fault.evidence
    assert "outcome.simulator.bind and .port" in fault.remedy


def test_address_is_none_of_ours(served: Serve, visit: Go) -> None:
    there = simulated("AXIS", free_port(), bind="192.0.2.1")
    fault = visit(served().base_url, outcome=there).only
    assert "cannot listen on 192.0.2.1" in fault.evidence


@pytest.mark.parametrize("gateway", MERCHANTS)
def test_the_deployment_asks_elsewhere(served: Serve, visit: Go, gateway: str) -> None:
    deployment = served(simulator_url=f"http://127.0.0.1:{free_port()}")
    seen = visit(deployment.base_url, outcome=simulated(gateway, free_port()))
    assert (seen.only.area, seen.only.blocking) == ("outcome", True)
    assert "the deployment never called the simulator at http://127.0.0.1:" in seen.only.evidence
    assert f"set the status address of {gateway}" in seen.only.remedy


@pytest.mark.parametrize(
    ("gateway", "merchant", "evidence"),
    [
        ("AXIS", {"vpc_Password": "Another@2024"}, "another vpc_Password"),
        ("PAYU", {"key": "OTHERKEY"}, "another key"),
        ("PAYU", {"salt": "Another@2024"}, "a hash made with another salt"),
        ("PAYTM", {"MID": "OTHER"}, "another MID"),
    ],
)
def test_the_deployment_presents_another_merchant(
    served: Serve, visit: Go, gateway: str, merchant: dict[str, str], evidence: str
) -> None:
    port = free_port()
    deployment = served(simulator_url=f"http://127.0.0.1:{port}")
    seen = visit(deployment.base_url, outcome=simulated(gateway, port, merchant=merchant))
    assert f"presented {evidence}" in seen.only.evidence
    assert "Another@2024" not in seen.text


COMMANDS: dict[str, tuple[list[str], str]] = {
    "missing": (["no-such-program-of-ours", "{outcome}"], "there is no program no-such-program"),
    "fails": ([sys.executable, "-c", "print('no {outcome}'); raise SystemExit(3)"],
              "ended with code 3: no failure"),
    "hangs": ([sys.executable, "-c", "import threading; threading.Event().wait()"],
              "was not done after 0.5 s"),
}  # fmt: skip


@pytest.mark.parametrize("case", COMMANDS)
def test_command_does_not_work(served: Serve, visit: Go, case: str) -> None:
    words, evidence = COMMANDS[case]
    command = {"words": words, "timeout_seconds": 0.5 if case == "hangs" else 30}
    outcome = {"style": "command", "gateway": "AXIS", "command": command}
    fault = visit(served().base_url, outcome=outcome).only
    assert (fault.area, fault.blocking) == ("outcome", True)
    assert evidence in fault.evidence
    assert "outcome.command.words" in fault.remedy


def test_command_that_does_nothing_is_no_blame(served: Serve, visit: Go, sandbox: str) -> None:
    outcome = {"style": "command", "gateway": "AXIS", "command": {"words": ["true"]}}
    seen = visit(served(simulator_url=sandbox).base_url, outcome=outcome)
    assert (seen.only.area, seen.only.blocking) == ("outcome", False)
    assert "state FAILURE did not show" in seen.only.evidence
    assert seen.only.cause.startswith("(1) the program does not do its work; (2) pg-service got")


def test_gateway_that_is_not_active_is_named(served: Serve, visit: Go) -> None:
    fault = visit(served(gateways=("AXIS",)).base_url).only
    assert (fault.area, fault.what) == ("outcome", "no transaction can be created")
    assert "INVALID_PAYMENT_GATEWAY" in fault.evidence
    assert "not active in pg-service" in fault.cause
    assert "outcome.gateway" in fault.remedy


def test_update_that_states_by_other_names_is_named(served: Serve, visit: Go) -> None:
    outcome = {"parameters": {"status": "paymentStatus"}}
    fault = visit(served().base_url, outcome=outcome, limits=HASTY).only
    assert fault.what == "a failure that was set by update-parameters does not show"
    assert fault.cause.startswith("(1) updates state the outcome by other parameters")


def test_hook_refuses_or_is_absent(served: Serve, visit: Go, listening: Callable[..., str]) -> None:
    base_url = served().base_url
    hook = {"url": listening(lambda _: ChannelResponse(status=500)) + "/set?token=Hidden@2024"}
    fault = visit(base_url, outcome={"style": "hook", "gateway": "AXIS", "hook": hook}).only
    assert "/set answered 500" in fault.evidence
    assert "Hidden" not in fault.describe()
    hook = {"url": f"http://127.0.0.1:{free_port()}"}
    fault = visit(base_url, outcome={"style": "hook", "gateway": "AXIS", "hook": hook}).only
    assert "gave no answer (ConnectError)" in fault.evidence


def test_mode_inspect_sets_no_outcome(served: Serve, visit: Go) -> None:
    port = free_port()
    seen = visit(served().base_url, mode="inspect", outcome=simulated("AXIS", port))
    assert seen.faults == []
    assert "in mode inspect no transaction is finished" in seen.text
    with closing(socket.socket()) as probe:  # nobody listens there
        assert probe.connect_ex(("127.0.0.1", port)) != 0


# What checks conclude ----------------------------------------------------------------------------


def test_outcome_that_cannot_be_set_decides_nothing(served: Serve, visit: Go) -> None:
    bbps = visit(served().base_url, outcome={"style": "none"}, mode="full").bbps
    transaction = bbps.create_transaction(bbps.new_bill())
    with pytest.raises(Inconclusive, match="gives no means to set"):
        bbps.update(transaction, SUCCESS)
    assert bbps.transaction(transaction.id).status == "PENDING"


def test_refusals_count_once_the_simulator_was_asked(served: Serve, visit: Go) -> None:
    port = free_port()
    deployment = served(simulator_url=f"http://127.0.0.1:{port}")
    bbps = visit(deployment.base_url, outcome=simulated("AXIS", port)).bbps
    transaction = bbps.create_transaction(bbps.new_bill(amount=Decimal(70)))
    refused = bbps.update(transaction, SUCCESS, as_="rival")
    assert (refused.status, refused.codes) == (400, ("TXN_UPDATE_NOT_OWNER",))
    assert bbps.finish(transaction, SUCCESS).amount == Decimal(70)
    again = bbps.update(transaction, FAILURE)
    assert again.codes == ("TXN_ALREADY_FINAL",)


def test_gateway_that_went_away_is_no_blame(served: Serve, visit: Go) -> None:
    port = free_port()
    deployment = served(simulator_url=f"http://127.0.0.1:{port}")
    bbps = visit(deployment.base_url, outcome=simulated("PAYTM", port)).bbps
    transaction = bbps.create_transaction(bbps.new_bill())
    # The line between them breaks: pg-service reaches nobody under the old address any more.
    bbps.outcome_channel.close()
    bbps.outcome_channel._settings = bbps.outcome_channel._settings.model_copy(
        update={"port": free_port()}
    )
    with pytest.raises(Inconclusive, match="never called the simulator"):
        bbps.update(transaction, SUCCESS)
    assert bbps.transaction(transaction.id).status == "PENDING"


@pytest.mark.parametrize(
    ("fault", "only"),
    [
        ("other-amount-succeeds", "TXN-12"),
        ("success-ignored", "TXN-05"),
        ("owner-check-of-one-id", "TXN-08"),  # the gateway is asked about the second id
    ],
)
def test_fault_is_found_through_the_simulator(
    served: Serve, tmp_path: Path, fault: str, only: str
) -> None:
    port = free_port()
    deployment = served(simulator_url=f"http://127.0.0.1:{port}", faults=(fault,))
    profile = tmp_path / "target.yaml"
    document = described(deployment.base_url, outcome=simulated("PAYTM", port), limits=limits())
    profile.write_text(yaml.safe_dump(document), encoding="utf-8")
    run, _ = carry_out(RunConfig(target=profile, only=(only,), depth="quick", reports=tmp_path))
    assert run.results is not None
    assert {row.id: row.verdict for row in run.results.requirements}[only] is Verdict.FAILED
