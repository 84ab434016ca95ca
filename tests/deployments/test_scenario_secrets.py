"""What a scenario takes from the environment reaches no artefact, wherever it is sent."""

from typing import Final

import pytest

from conformance.core.curl import curl
from conformance.core.verdicts import Verdict
from conformance.results.secret_scan import scan
from conformance.run.certify import carry_out
from conformance.run.config import RunConfig
from conformance.run.session import Run
from tests.faults.collected import limits

KEY, TOKEN, PIN = "Sec ret/Key+77", "t0ken-of-somebody", "pin-4711"
SENDING: Final = """
name: sending
title: Secrets are sent in every way
requirements: [MDM-01]
values:
  api_key: {generate: environment}
  token: {generate: environment, variable: BBPS_SOMEBODYS_TOKEN}
  pin: {generate: environment}
steps:
  - name: As headers and in a body
    call: mdms.search
    as: administrator
    headers: {X-Api-Key: "{{pin}}", Client-Key: "k={{token}}", X-Note: "of {{pin}}"}
    query: {pin: "{{pin}}", note: "{{api_key}}"}
    body:
      note: "a {{api_key}} b"
      password: "{{token}}"
      MdmsCriteria: {tenantId: "{{state_tenant}}", moduleDetails: []}
    expect: {present: [/MdmsRes]}
  - name: Of {{pin}} as a text and a path
    request: {method: POST, path: "/user/{{pin}}/{{token}}"}
    as: anonymous
    text: '{"cvv": "{{pin}}", "note": "{{api_key}}"}'
    content_type: application/json
    expect: {status: [2xx, 4xx]}
  - name: As a form
    call: token.create
    as: anonymous
    form: {username: "{{pin}}", password: "{{api_key}}", grant_type: password}
    expect: {status: [2xx, 4xx]}
  - name: As what is required
    request: {method: GET, path: /egov-mdms-service/v1/_get}
    as: administrator
    headers: {Authorization: "Bearer {{token}}"}
    foreach: [{row: "{{pin}}"}]
    expect: {status: [2xx, 4xx], equals: {/nothing: "{{api_key}} {{token}} {{row}}"}}
"""


@pytest.fixture(scope="module")
def sending(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("sending")
    path = folder / "sending.yaml"
    path.write_text(SENDING, encoding="utf-8")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("BBPS_API_KEY", KEY)
        environment.setenv("BBPS_SOMEBODYS_TOKEN", TOKEN)
        environment.setenv("BBPS_PIN", PIN)
        run, _ = carry_out(
            RunConfig(
                settings={"limits": limits()}, scenarios=(path,), scenarios_only=True,
                reports=folder / "reports",
            )
        )  # fmt: skip
    return run


def test_no_artefact_holds_one(sending: Run) -> None:
    assert sending.results is not None
    (check,) = sending.results.checks
    assert check.verdict == Verdict.FAILED, check.reason
    assert "${BBPS_API_KEY}" in (check.required or "")
    written = [path for path in sending.folder.rglob("*") if path.is_file()]
    assert {"results.json", "junit.xml", "exchanges.har"} <= {path.name for path in written}
    assert scan(sending.folder, [KEY, TOKEN, PIN]) == []


def test_what_repeats_a_step_names_the_variables(sending: Run) -> None:
    lines = {each.step: curl(each) for each in sending.exchanges if each.step}
    assert len(lines) == 4
    for step, names in {
        "As headers and in a body": ("API_KEY", "SOMEBODYS_TOKEN", "PIN"),
        "As a form": ("API_KEY", "PIN"),
        "As what is required (${BBPS_PIN})": ("SOMEBODYS_TOKEN",),
    }.items():
        for name in names:
            assert f"'\"${{BBPS_{name}}}\"'" in lines[step], lines[step]
    assert not any("_SECRET}" in line for step, line in lines.items() if "body" not in step)
