"""Scenarios of somebody else's own: what they may say, and what becomes of it."""

from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import yaml
from click.testing import CliRunner

from conformance.bbps.clock import DAY
from conformance.cli.main import main
from conformance.core.errors import SetupError
from conformance.core.verdicts import Verdict
from conformance.run.certify import carry_out
from conformance.run.config import ReferenceOptions, RunConfig
from conformance.run.opening import earlier_of
from conformance.run.session import Run
from tests.deployments.conftest import Serve, described
from tests.faults.collected import limits

CREATE: Final = """
  - name: Create
    call: transaction.create
    given: true
    body:
      Transaction:
        tenantId: "{{tenant}}"
        billId: "{{bill.id}}"
        consumerCode: "{{bill.consumer_code}}"
        module: "{{bill.business_service}}"
        txnAmount: "{{bill.amount}}"
        taxAndPayments: [{billId: "{{bill.id}}", amountPaid: "{{bill.amount}}"}]
        productInfo: "{{what}}"
        gateway: "{{gateway}}"
        callbackUrl: "{{callback_url}}"
        user: {name: A, userName: "98", mobileNumber: "9876543210", tenantId: "{{state_tenant}}"}
    save: {id: /Transaction/txnId}
"""
WHOLE: Final = f"""
name: whole
title: Whatever a scenario can say
requirements: [TXN-06]
values:
  bill: {{generate: bill, valid_days: 3}}
  what: {{generate: text, prefix: what}}
foreach:
  - {{code: CONF-NONE}}
  - {{code: CONF-NOWHERE}}
steps:
  - name: Masters
    request: {{method: POST, path: "/egov-mdms-service/v1/_search"}}
    as: administrator
    body: {{MdmsCriteria: {{tenantId: "{{{{state_tenant}}}}", moduleDetails: []}}}}
    expect:
      verifies: [MDM-01]
      status: 2xx
      matches: {{"header:Content-Type": json}}
      type: {{/MdmsRes: object}}
  - name: Fetch
    call: bill.fetch
    foreach: [{{city: "{{{{tenant}}}}"}}, {{city: "{{{{state_tenant}}}}"}}]
    query:
      {{tenantId: "{{{{city}}}}", businessService: "{{{{module}}}}", consumerCode: "{{{{code}}}}"}}
    expect: {{verifies: [BIL-03], status: [accepted, refused], absent: [/Bill/0]}}
{CREATE}
  - name: Search
    call: transaction.search
    as: readers.transactions
    eventually: true
    query: {{txnId: "{{{{id}}}}"}}
    expect: {{length: {{"$.Transaction[*]": 1}}, contains: {{text: "{{{{what}}}}"}}}}
  - name: Fail
    call: transaction.update
    as: rival
    query: {{"{{{{id_parameter}}}}": "{{{{id}}}}", "{{{{status_parameter}}}}": "{{{{failure}}}}"}}
    expect: {{verifies: [TXN-08], status: kept-out}}
    control: {{as: integrator}}
  - name: No receipt
    call: payment.module-search
    as: readers.payments
    path: {{module: "{{{{module}}}}"}}
    query: {{tenantId: "{{{{tenant}}}}", transactionNumber: "{{{{id}}}}"}}
    never: {{verifies: [RCP-05], present: [/Payments/0]}}
"""
READING: Final = """
name: reading
title: Nothing is changed
requirements: [MDM-01]
steps:
  - name: Masters
    call: mdms.search
    as: administrator
    body: {MdmsCriteria: {tenantId: "{{state_tenant}}", moduleDetails: []}}
    expect: {present: [/MdmsRes]}
"""
Found = dict[str, tuple[str, str]]  # check -> its verdict, and why


def played(
    folder: Path, *texts: str, faults: tuple[str, ...] = (), **settings: Any
) -> tuple[Run, Found]:
    """Play scenarios alone on the embedded reference."""
    for number, text in enumerate(texts):
        (folder / f"{number}.yaml").write_text(text, encoding="utf-8")
    run, _ = carry_out(
        RunConfig(
            settings={"limits": limits(), **settings},
            reference=ReferenceOptions(faults=faults),
            scenarios=tuple(folder / f"{number}.yaml" for number in range(len(texts))),
            scenarios_only=True,
            reports=folder,
            written=False,
        )
    )
    return run, found(run)


def found(run: Run) -> Found:
    assert run.results is not None
    assert run.results.header.partial
    return {
        each.id.removeprefix("scenarios::scenario[").removesuffix("]"): (
            str(each.verdict),
            each.reason or f"{each.required} / {each.observed}",
        )
        for each in run.results.checks
    }


def test_each_row_and_each_requirement_has_a_verdict_of_its_own(tmp_path: Path) -> None:
    run, verdicts = played(tmp_path, WHOLE)
    ids = ["", ", MDM-01", ", BIL-03", ", TXN-08", ", RCP-05"]
    names = {f"whole, {row}{id_}" for row in ("CONF-NONE", "CONF-NOWHERE") for id_ in ids}
    assert verdicts.keys() == names
    assert {verdict for verdict, _ in verdicts.values()} == {Verdict.PASSED}
    steps = [each.step for each in run.exchanges if each.step]
    assert steps[0] == "Masters"
    assert {"Fetch (pb.amritsar)", "Fail", "Fail (control)", "No receipt"} <= set(steps)


def test_failure_names_step_and_expectation_and_blames_nothing_else(tmp_path: Path) -> None:
    run, verdicts = played(tmp_path, WHOLE, faults=("owner-check-off",))
    assert verdicts["whole, CONF-NONE, TXN-08"] == (
        Verdict.FAILED,
        "step 'Fail': the call is refused / it was accepted with HTTP 200",
    )
    assert verdicts["whole, CONF-NONE, BIL-03"][0] == Verdict.PASSED
    verdict, why = verdicts["whole, CONF-NONE, RCP-05"]
    assert verdict == Verdict.INCONCLUSIVE
    assert "step 'Fail' did not hold" in why
    assert run.results is not None
    failed = next(each for each in run.results.checks if each.verdict == Verdict.FAILED)
    last = run.exchanges.get(failed.exchanges[-1])
    assert last is not None
    assert last.step == "Fail"


def test_what_must_never_happen_is_watched_for(tmp_path: Path) -> None:
    _, verdicts = played(tmp_path, WHOLE, faults=("receipt-on-failure",))
    verdict, why = verdicts["whole, CONF-NONE, RCP-05"]
    assert verdict == Verdict.FAILED
    assert "step 'No receipt': " in why
    assert "no answer has present /Payments/0" in why


def test_preparation_that_does_not_hold_decides_nothing(tmp_path: Path) -> None:
    other = "    expect: {equals: {/MdmsRes: nothing}}\n  - name: Again\n    call: mdms.get\n"
    given = READING.replace("    expect: {present: [/MdmsRes]}\n", f"    given: true\n{other}")
    where = given.replace("given: true", "where: true").replace("reading", "elsewhere")
    _, verdicts = played(tmp_path, given, where)
    assert verdicts["reading"][0] == Verdict.INCONCLUSIVE
    assert "step 'Masters': it has {}" in verdicts["reading"][1]
    assert verdicts["elsewhere"][0] == Verdict.NOT_APPLICABLE


def test_what_was_judged_shows_nothing_if_something_given_later_does_not_hold(
    tmp_path: Path,
) -> None:
    later = (
        "  - {name: Nothing, call: mdms.get, as: anonymous, given: true, expect: {status: 418}}\n"
    )
    _, verdicts = played(tmp_path, READING + later)
    assert verdicts["reading"][0] == Verdict.INCONCLUSIVE


def test_only_reading_runs_in_mode_inspect(tmp_path: Path) -> None:
    run, verdicts = played(tmp_path, READING, WHOLE, mode="inspect")
    assert verdicts["reading"][0] == Verdict.PASSED
    verdict, why = verdicts["whole, CONF-NONE"]
    assert verdict == Verdict.INCONCLUSIVE
    assert "inspect" in why
    assert not [each for each in run.exchanges if each.operation == "transaction.create"]


def test_nothing_is_called_only_to_tell_lines_of_digit_apart(tmp_path: Path) -> None:
    run, _ = played(tmp_path, READING)
    called = {each.operation for each in run.exchanges}
    assert {"token.create", "transaction.update"} <= called, "the doctor examines all the same"
    assert "{" not in {each.request_body for each in run.exchanges}, "as no service wants it"
    assert run.examination.detected == ""


def test_money_is_not_moved_in_another_spelling(tmp_path: Path) -> None:
    raw = READING.replace("    call: mdms.search\n", "    request: {method: POST, path: PATH}\n")
    spelt = raw.replace("PATH", "/collection-services//payments/_create")
    capped = raw.replace("PATH", "/collection-services/payments/_create").replace(
        "reading", "capped"
    )
    body = '{MdmsCriteria: {tenantId: "{{state_tenant}}", moduleDetails: []}}'
    payment = "{Payment: {totalAmountPaid: 100000000, paymentDetails: [{billId: some-bill}]}}"
    run, verdicts = played(tmp_path, spelt, capped.replace(body, payment))
    assert verdicts["reading"][0] == verdicts["capped"][0] == Verdict.INCONCLUSIVE
    assert "write `call: payment.create`" in verdicts["reading"][1]
    assert "limits.rupees_per_run" in verdicts["capped"][1]
    assert not [each for each in run.exchanges if each.step]


def test_broken_file_ends_everything_before_anything_is_sent(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text(READING.replace("title:", "titel:"), encoding="utf-8")
    config = RunConfig(scenarios=(broken,), reports=tmp_path)
    with pytest.raises(SetupError, match=r"broken\.yaml: 2 mistakes"):
        carry_out(config)
    assert not (tmp_path / "runs").exists()
    for command in (["certify", "--scenarios"], ["scenarios", "run"]):
        done = CliRunner().invoke(main, [*command, str(broken)])
        assert done.exit_code == 2
        assert "line 3: titel: is not a known setting; did you mean title?" in done.output


def test_requirement_that_no_scenario_verifies_ends_before_anything_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "reading.yaml"
    path.write_text(READING, encoding="utf-8")
    arguments = ["scenarios", "run", str(path), "--only", "CON-07", "--reports", str(tmp_path)]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 2
    assert "no scenario of these files verifies CON-07" in done.output
    assert not (tmp_path / "runs").exists()


def test_another_day_is_awaited_where_the_clock_cannot_be_moved(
    served: Serve, tmp_path: Path
) -> None:
    text = WHOLE.replace("    control: {as: integrator}\n", "").replace(
        "  - name: No receipt\n",
        "  - name: Late\n    call: transaction.update\n    day: 2\n"
        '    query: {"{{id_parameter}}": "{{id}}", "{{status_parameter}}": "{{failure}}"}\n'
        "  - name: No receipt\n",
    )
    (tmp_path / "late.yaml").write_text(text, encoding="utf-8")
    base_url = served().base_url
    profile = tmp_path / "target.yaml"
    profile.write_text(
        yaml.safe_dump(described(base_url, clock_url="", limits=limits())), encoding="utf-8"
    )
    config = RunConfig(
        target=profile,
        scenarios=(tmp_path / "late.yaml",),
        scenarios_only=True,
        only=("TXN-06", "RCP-05"),
        reports=tmp_path,
        written=False,
        split=True,
    )
    run, _ = carry_out(config)
    verdict, why = found(run)["whole, CONF-NONE"]
    assert verdict == Verdict.INCONCLUSIVE
    assert "prepared today" in why
    httpx.post(f"{base_url}/reference/clock", json={"advance": DAY + DAY // 24})
    later = RunConfig(
        target=profile,
        scenarios=config.scenarios,
        scenarios_only=True,
        reports=tmp_path,
        written=False,
        earlier=run.folder,
        settle=True,
    )
    run, _ = carry_out(later, earlier=earlier_of(later))
    assert {verdict for verdict, _ in found(run).values()} == {Verdict.PASSED}
