"""What somebody may change in a run, and that it is found and named: file and reason."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import pytest

from conformance.core.errors import ExitCode
from conformance.core.verdicts import Verdict
from conformance.report.writing import write_all
from conformance.results.attestation.keys import private_key, public_key
from conformance.results.attestation.signing import sign
from conformance.results.exchange_store import ExchangeStore
from conformance.results.manifest import write_manifest
from conformance.results.reading import exchanges_of, read_results, recorded
from conformance.results.rehearsal import Rehearsal
from conformance.results.validity import VALID_DAYS, text_of
from conformance.run.examination.proof import Bearing, Proof
from conformance.run.examination.verifying import NotExaminable, attest, examine
from tests.unit.conftest import exchange_of
from tests.unit.run.examination.conftest import CITY, TODAY, made

Change = Callable[[Path], object]
EMBEDDED = Rehearsal(because="embedded", lineage="strict")


def proof_of(run: Path, keys: Path | None = None, key: str = "city.pub") -> Proof:
    return examine(run, key=public_key(keys / key) if keys else None, today=TODAY)


def faults(proof: Proof) -> str:
    return "\n".join(f"{each.subject}: {each.text}" for each in proof.of(Bearing.FAULT))


def edit(file: str, old: str, new: str, count: int = -1) -> Change:
    """Replace a text in a file, which must contain it."""

    def change(run: Path) -> None:
        text = (run / file).read_text("utf-8")
        assert old in text
        (run / file).write_text(text.replace(old, new, count), "utf-8")

    return change


def lines(file: str, keep: Callable[[str], bool]) -> Change:
    """Remove lines of a file, at least one."""

    def change(run: Path) -> None:
        before = (run / file).read_text("utf-8").splitlines(keepends=True)
        after = [each for each in before if keep(each)]
        assert len(after) < len(before)
        (run / file).write_text("".join(after), "utf-8")

    return change


def rewritten(run: Path) -> None:
    """Make results, reports and manifest again from a journal that was changed."""
    results = recorded(run).results
    (run / "results.json").write_text(text_of(results), "utf-8")
    write_all(run, results, exchanges_of(run))


def test_a_whole_run_certifies_its_deployment(run: Path, keys: Path) -> None:
    proof = proof_of(run, keys)
    assert faults(proof) == ""
    assert proof.exit_code is ExitCode.CONFORMANT
    assert proof.conclusion == "It agrees with itself and certifies the deployment."
    unsigned = proof_of(run)
    assert unsigned.exit_code is ExitCode.CONFORMANT
    assert "No signature was checked" in unsigned.conclusion


@pytest.mark.parametrize("way", ["changed", "longer", "missing"])
def test_each_byte_and_file_counts(run: Path, way: str) -> None:
    """One byte of each kind of file changed, one added, each removed: the file is named."""
    missed = []
    files = sorted(each for each in run.rglob("*") if each.is_file())
    kinds = {each.parent.name + each.suffix: each for each in files if each.suffix != ".json"}
    kinds |= {each.name: each for each in files if each.parent == run}
    for path in kinds.values():
        name, content = path.relative_to(run).as_posix(), path.read_bytes()
        if way == "missing":
            path.unlink()
        elif way == "longer":
            path.write_bytes(content + b" ")
        else:
            middle = len(content) // 2
            path.write_bytes(
                content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
            )
        proof = proof_of(run)
        # A run without attestation is one that nobody signed.
        unsigned = way == "missing" and name == "attestation.json"
        if not unsigned and name not in faults(proof):
            missed.append(name)
        path.write_bytes(content)
    assert not missed
    assert len(kinds) > 8


def test_a_file_more_is_named(run: Path) -> None:
    (run / "certificate-2.html").write_text("CONFORMANT")
    assert "certificate-2.html: was added" in faults(proof_of(run))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        pytest.param(
            edit("results.json", '"verdict": "CONFORMANT"', '"verdict": "NON-CONFORMANT"'),
            "results.json: /verdict is 'NON-CONFORMANT'; the findings give 'CONFORMANT'",
            id="verdict in results.json",
        ),
        pytest.param(
            edit("results.json", '"decided": 57', '"decided": 58'),
            "results.json: /summary/decided is 58; the findings give 57",
            id="roll-up",
        ),
        pytest.param(
            edit("results.json", '"planned": ', '"planned": 1'),
            "results.json: /summary/planned",
            id="planned count",
        ),
        pytest.param(
            edit("results.json", '"depth": "standard"', '"depth": "boundless"'),
            "results.json: /depth is not as the schema says",
            id="schema",
        ),
        pytest.param(
            edit("certificate.html", "<h1>", "<h1>VERY "),
            "certificate.html: line ",
            id="verdict in the page",
        ),
        pytest.param(
            edit("certificate.html", "</main>", "<p>Approved by NPCI</p></main>"),
            "certificate.html: line ",
            id="text added to the page",
        ),
        pytest.param(
            edit("summary.md", "CONFORMANT", "PERFECT"),
            "summary.md: is not what the results give",
            id="another report",
        ),
        pytest.param(
            lambda run: (run / "note.txt").write_text("CONFORMANT"),
            "note.txt: is no file of a run",
            id="file added",
        ),
        pytest.param(
            lines("journal.jsonl", lambda line: "sample::txn-08" not in line or "header" in line),
            "its footer counts",
            id="finding removed",
        ),
    ],
)
@pytest.mark.parametrize("signed", [False, True])
def test_a_new_manifest_hides_no_change(
    run: Path, change: Change, named: str, *, signed: bool
) -> None:
    change(run)
    write_manifest(run)
    if not signed:
        (run / "attestation.json").unlink()
    proof = proof_of(run)
    assert named in faults(proof)
    assert proof.exit_code is ExitCode.SUITE_ERROR
    assert ("attestation.json" in faults(proof)) is signed


@pytest.mark.parametrize(
    ("change", "named"),
    [
        pytest.param(
            edit("journal.jsonl", '"level": "MUST"', '"level": "NOTE"', 1),
            "the level of ",
            id="level lowered",
        ),
        pytest.param(
            edit("journal.jsonl", '"exchanges": ["x-TXN-08"]', '"exchanges": ["x-gone"]'),
            "exchanges.jsonl.gz: lacks x-gone",
            id="evidence missing",
        ),
    ],
)
def test_what_all_files_agree_on_is_still_examined(run: Path, change: Change, named: str) -> None:
    change(run)
    rewritten(run)
    assert named in faults(proof_of(run))


def test_a_finding_that_is_left_out_makes_the_run_an_error(run: Path) -> None:
    lines("journal.jsonl", lambda line: "sample::txn-08" not in line or "header" in line)(run)
    footer = re.compile('"findings": ([0-9]+)')
    text = (run / "journal.jsonl").read_text("utf-8")
    text = footer.sub(lambda found: f'"findings": {int(found[1]) - 1}', text)
    (run / "journal.jsonl").write_text(text, "utf-8")
    rewritten(run)
    (run / "attestation.json").unlink()
    proof = proof_of(run)
    assert proof.exit_code is ExitCode.SUITE_ERROR
    assert "planned but not executed: sample::txn-08" in proof.conclusion


def test_a_conformant_run_made_of_a_failed_one_has_another_signature(
    tmp_path: Path, keys: Path
) -> None:
    folder = made(tmp_path, verdict=Verdict.FAILED)
    attest(folder, private_key(keys / "city.key"), today=TODAY)
    genuine = proof_of(folder, keys)
    assert genuine.exit_code is ExitCode.NON_CONFORMANT
    assert faults(genuine) == ""
    edit("journal.jsonl", '"verdict": "failed"', '"verdict": "passed"')(folder)
    rewritten(folder)
    assert "attestation.json: its statement is on another" in faults(proof_of(folder))
    (folder / "attestation.json").unlink()
    assert "attestation.json: is missing" in faults(proof_of(folder, keys))
    attest(folder, private_key(keys / "other.key"), today=TODAY)
    assert "it is signed with the key" in faults(proof_of(folder, keys))
    assert proof_of(folder, keys).exit_code is ExitCode.SUITE_ERROR


def test_a_signature_is_of_one_run_and_one_key(run: Path, keys: Path, tmp_path: Path) -> None:
    other = made(tmp_path, run="20260110T093000-beef")
    envelope = json.loads((run / "attestation.json").read_text())
    attest(other, private_key(keys / "city.key"), today=TODAY)
    (run / "attestation.json").write_bytes((other / "attestation.json").read_bytes())
    assert "its statement is on another journal.jsonl" in faults(proof_of(run, keys))
    envelope["signatures"][0]["sig"] = "A" * 86 + "=="
    (run / "attestation.json").write_text(json.dumps(envelope, indent=1) + "\n")
    assert "does not hold" in faults(proof_of(run, keys))


def test_time_ends_a_certificate(run: Path, keys: Path) -> None:
    last = TODAY + timedelta(days=VALID_DAYS)
    key = public_key(keys / "city.pub")
    for day, code in (
        (last - timedelta(days=1), ExitCode.CONFORMANT),
        (last + timedelta(days=2), ExitCode.POLICY),
        (TODAY - timedelta(days=9), ExitCode.POLICY),
    ):
        proof = examine(run, key=key, today=day)
        assert proof.exit_code is code
        assert faults(proof) == ""


def test_a_rehearsal_is_never_a_certificate(tmp_path: Path, keys: Path) -> None:
    """Genuine, it certifies nothing; without its mark, in any file, it is found."""
    folder = made(tmp_path, rehearsal=EMBEDDED, target={**TARGET, "base_url": "embedded"})
    attest(folder, private_key(keys / "city.key"), today=TODAY)
    proof = proof_of(folder, keys)
    assert faults(proof) == ""
    assert proof.exit_code is ExitCode.POLICY
    assert "it is a rehearsal" in proof.conclusion
    payload = (folder / "attestation.json").read_text()
    assert '"PASSED"' not in payload

    mark = json.dumps(asdict(EMBEDDED))
    page = (folder / "certificate.html").read_text()
    (folder / "certificate.html").write_text(re.sub("(?i)rehearsal", "", page))
    write_manifest(folder)
    assert "certificate.html" in faults(proof_of(folder))
    edit("journal.jsonl", f'"rehearsal": {mark}', '"rehearsal": null')(folder)
    rewritten(folder)
    assert "it hides that it is a rehearsal" in faults(proof_of(folder))
    alone = tmp_path / "alone.html"
    alone.write_bytes((folder / "certificate.html").read_bytes())
    assert "it hides that it is a rehearsal" in faults(proof_of(alone))
    edit("journal.jsonl", '"base_url": "embedded"', f'"base_url": "{CITY}"')(folder)
    exchanges = ExchangeStore()
    for each in exchanges_of(folder):
        exchanges.add(exchange_of(each.id, each.check))
    exchanges.move_to(folder)
    exchanges.seal()
    rewritten(folder)
    assert "exchanges went to this machine" in faults(proof_of(folder))


TARGET = {"name": "city", "base_url": CITY, "fingerprint": "8f1c02bb"}


@pytest.mark.parametrize(
    ("changes", "verdict", "code", "reason"),
    [
        ({"partial": True}, Verdict.PASSED, ExitCode.POLICY, "only a part of the suite ran"),
        ({}, Verdict.INCONCLUSIVE, ExitCode.POLICY, "it is INCONCLUSIVE"),
        ({}, Verdict.ERROR, ExitCode.SUITE_ERROR, "it is ERROR"),
        ({}, Verdict.FAILED, ExitCode.NON_CONFORMANT, "it is NON-CONFORMANT"),
    ],
)
def test_a_genuine_run_may_certify_nothing(
    tmp_path: Path, changes: dict[str, object], verdict: Verdict, code: ExitCode, reason: str
) -> None:
    proof = proof_of(made(tmp_path, verdict=verdict, **changes))
    assert faults(proof) == ""
    assert proof.exit_code is code
    assert reason in proof.conclusion


def test_an_empty_citation_is_no_missing_evidence(run: Path) -> None:
    edit("journal.jsonl", '"exchanges": ["x-TXN-08"]', '"exchanges": ["", "x-TXN-08"]')(run)
    rewritten(run)
    (run / "attestation.json").unlink()
    assert faults(proof_of(run)) == ""


def test_a_run_of_another_version_is_left_to_that_version(tmp_path: Path) -> None:
    folder = made(tmp_path, suite={"name": "digit-bbps-conformance", "version": "9.9.9"})
    proof = proof_of(folder)
    assert proof.exit_code is ExitCode.POLICY
    assert "suite 9.9.9 made it" in proof.conclusion


def page_changes() -> Iterator[tuple[str, Callable[[str], str]]]:
    yield "title", lambda text: text.replace("<h1>", "<h1>VERY ")
    yield "style", lambda text: text.replace("</style>", ".band{display:none}</style>")
    yield "script", lambda text: text.replace("</body>", "<script>1</script></body>")
    yield "data", lambda text: text.replace('<template id="data">\ne', '<template id="data">\nf')
    yield "no data", lambda text: text.replace('id="data"', 'id="other"')
    yield "end", lambda text: text + "\n"


def test_a_certificate_proves_itself_alone(run: Path, tmp_path: Path, keys: Path) -> None:
    page = tmp_path / "city.html"
    text = (run / "certificate.html").read_text("utf-8")
    page.write_text(text, "utf-8")
    proof = proof_of(page)
    assert faults(proof) == ""
    assert proof.exit_code is ExitCode.CONFORMANT
    for name, change in page_changes():
        assert change(text) != text, name
        page.write_text(change(text), "utf-8")
        assert proof_of(page).exit_code is ExitCode.SUITE_ERROR, name
        assert ".html: " in faults(proof_of(page)), name
    page.write_text(text, "utf-8")
    assert "attestation.json: is missing" in faults(proof_of(page, keys))
    (tmp_path / "attestation.json").write_bytes((run / "attestation.json").read_bytes())
    assert proof_of(page, keys).exit_code is ExitCode.CONFORMANT


def test_what_was_changed_is_not_signed(run: Path, keys: Path) -> None:
    edit("summary.md", "CONFORMANT", "PERFECT")(run)
    with pytest.raises(NotExaminable, match=r"summary\.md: was changed"):
        attest(run, private_key(keys / "city.key"), today=TODAY)


def test_nothing_else_is_examined(tmp_path: Path) -> None:
    with pytest.raises(NotExaminable, match="holds no run"):
        proof_of(tmp_path)
    (tmp_path / "text").write_text("hello")
    with pytest.raises(NotExaminable, match="no certificate"):
        proof_of(tmp_path / "text")


def test_a_statement_signed_for_other_results_is_named(run: Path, keys: Path) -> None:
    results = read_results(run / "results.json")
    sign(run, results.__class__.from_json({**results.as_json(), "verdict": "ERROR"}),
         private_key(keys / "city.key"))  # fmt: skip
    assert "says something else of the run than results.json" in faults(proof_of(run, keys))
