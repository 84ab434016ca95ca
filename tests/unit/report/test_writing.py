"""Reports written again: the same bytes for a run that ended, and marked for one that did not."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from conformance.cli.main import main
from conformance.core.errors import SetupError
from conformance.core.requirements import Register
from conformance.core.verdicts import Verdict
from conformance.report.writing import FORMS, OF_A_RUN, write_again, write_all
from conformance.results.exchange_store import ExchangeStore
from conformance.results.journal import Journal
from conformance.results.model import Results
from conformance.results.reading import exchanges_of, read
from conformance.run.choices import REPORT_FORMS
from tests.unit.conftest import MIXED, Runner, exchange_of, finding_of, header_of, planned_of

ROLES = {"roles": [{"code": "BBPS_USER", "name": "B", "description": "b"}, {"name": "nobody"}]}
SERVED = exchange_of(
    "x000-0001", "set-up", operation="mdms.search",
    request_body='{"MdmsCriteria": {"tenantId": "pb"}}',
    response_body=json.dumps({"MdmsRes": {"ACCESSCONTROL-ROLES": ROLES}}),
)  # fmt: skip
SETTINGS = {"settings": {"state_tenant": "pb"}, "origins": {}}


@pytest.fixture
def killed(tmp_path: Path, register: Register) -> Path:
    """Return the folder of a run that was killed: a journal and exchanges, and no results."""
    folder = tmp_path / "reports/runs/killed"
    header = header_of(run="killed", profile=SETTINGS)
    journal = Journal(folder, header, register, planned_of(MIXED))
    journal.exchanges.add(SERVED)
    for finding in MIXED[:-1]:
        for id_ in finding.exchanges:
            journal.exchanges.add(exchange_of(id_, finding.check))
        journal.finding(finding)
    (folder / "results.json").unlink()
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_command_knows_each_format() -> None:
    assert tuple(FORMS) == REPORT_FORMS
    assert set(OF_A_RUN) <= set(FORMS)


def test_a_run_that_ended_gives_the_same_bytes_again(a_run: Runner, tmp_path: Path) -> None:
    folder, results, exchanges = a_run()
    write_all(folder, results, exchanges)
    written = files(folder)
    again = tmp_path / "again"
    write_again(again, read(folder), exchanges_of(folder), ())
    made = files(again)
    assert {"certificate.html", "results.json", "junit.xml", "exchanges.har"} <= made.keys()
    shared = made.keys() & written.keys()
    assert {name for name in shared if made[name] != written[name]} == set()
    assert made.keys() - shared == {"postman_collection.json", "annotations.txt", "mdms.sarif"}
    twice = tmp_path / "twice"
    write_again(twice, read(folder), exchanges_of(folder), ())
    assert files(twice) == made
    assert files(folder) == written


def test_each_report_of_a_killed_run_says_so(killed: Path, tmp_path: Path) -> None:
    results, exchanges = read(killed), exchanges_of(killed)
    assert [check.id for check in results.checks] == [each.check for each in MIXED[:-1]]
    write_again(tmp_path / "out", results, exchanges, ())
    made = files(tmp_path / "out")
    assert "certificate.html" not in made
    line = results.verdict_line
    assert line.startswith("INCOMPLETE RUN, no certificate")
    assert json.loads(made["results.json"])["complete"] is False
    assert made["summary.md"].decode().startswith(f"# {line}")
    assert line in json.loads(made["exchanges.har"])["log"]["creator"]["comment"]
    assert "INCOMPLETE" in json.loads(made["postman_collection.json"])["info"]["name"]
    (invocation,) = json.loads(made["mdms.sarif"])["runs"][0]["invocations"]
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == line
    assert made["annotations.txt"].decode().startswith("::error title=The run is not complete::")
    suite = ElementTree.fromstring(made["junit.xml"])  # noqa: S314  our own file
    assert [each.attrib["name"] for each in suite.iter("testcase")][-1] == "complete-0"
    environment = made["allure-results/environment.properties"].decode()
    assert "INCOMPLETE RUN, no certificate" in environment


def test_sarif_shows_what_is_wrong_with_the_masters_that_were_served(
    killed: Path, tmp_path: Path
) -> None:
    (path,) = write_again(tmp_path, read(killed), exchanges_of(killed), ("sarif",))
    (found,) = json.loads(path.read_text("utf-8"))["runs"][0]["results"]
    assert found["ruleId"] == "key-missing"
    assert "row 2" in found["message"]["text"]
    (place,) = found["locations"]
    uri = place["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "ACCESSCONTROL-ROLES/roles.json"


@pytest.mark.parametrize("partial", [True, False])
def test_a_certificate_that_a_run_does_not_get_is_refused(
    a_run: Runner, killed: Path, tmp_path: Path, partial: bool
) -> None:
    results: Results = a_run(partial=True)[1] if partial else read(killed)
    with pytest.raises(SetupError, match="there is no certificate of this run"):
        write_again(tmp_path / "out", results, ExchangeStore(), ("junit", "certificate"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("killed",), 0, "INCOMPLETE RUN, no certificate"),
        (("killed", "--format", "junit", "--out", "here"), 0, "written: here/junit.xml"),
        (("killed", "--format", "certificate"), 2, "there is no certificate of this run"),
        (("killed", "--out", "reports/runs/killed"), 2, "is the folder of the run"),
        (("killed", "--out", "reports/runs/killed/more"), 2, "is the folder of the run"),
        (("killed", "--format", "pdf"), 2, "'pdf' is not one of"),
        (("killed", "txn-08"), 2, "go with --postman"),
        (("absent",), 2, "there is no run 'absent'"),
        (("empty",), 2, "holds no run"),
        (("cut",), 2, "has no header"),
    ],
)
def test_the_command_writes_or_refuses(
    killed: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    code: int,
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    before = files(killed)
    (tmp_path / "empty").mkdir()
    (tmp_path / "cut").mkdir()
    (tmp_path / "cut/journal.jsonl").write_bytes((killed / "journal.jsonl").read_bytes()[:40])
    done = CliRunner().invoke(main, ["report", *arguments])
    assert done.exit_code == code, done.output
    assert says in " ".join(done.output.split())
    assert files(killed) == before


def test_what_was_decided_is_all_there_after_a_kill(killed: Path) -> None:
    verdicts = {check.id: check.verdict for check in read(killed).checks}
    assert verdicts == {each.check: each.verdict for each in MIXED[:-1]}
    assert finding_of("TXN-08", Verdict.FAILED).check in verdicts
