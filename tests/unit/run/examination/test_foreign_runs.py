"""Runs that nobody wrote as a whole: examined to the end, without an error of the suite."""

import json
import random
import zlib
from pathlib import Path
from typing import Any

import pytest

from conformance.core.errors import ExitCode
from conformance.results import packed_lines
from conformance.results.attestation.pack import PackProblem, pack
from conformance.results.journal import Journal, keep
from conformance.results.reading import exchanges_of
from conformance.run.examination.proof import Bearing
from conformance.run.examination.verifying import examine
from tests.unit.conftest import exchange_of, finding_of, header_of, planned_of
from tests.unit.run.examination.conftest import CITY, TODAY, made

ODD = (None, 0, -1, "", "x", [], {}, [None], {"a": 1}, True, "9999-99-99", "\ud800")


def mutated(document: Any, draw: random.Random) -> Any:
    """Replace or remove one value somewhere in a document, in place."""
    node = document
    for _ in range(6):
        if not isinstance(node, dict | list) or not node:
            break
        place = draw.choice(list(node)) if isinstance(node, dict) else draw.randrange(len(node))
        if isinstance(node[place], dict | list) and node[place] and draw.random() < 0.7:
            node = node[place]
            continue
        if draw.random() < 0.3:
            del node[place]
        else:
            node[place] = draw.choice(ODD)
        break
    return document


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("name", ["journal.jsonl", "results.json", "manifest.json"])
def test_any_value_is_found_or_harmless(run: Path, name: str, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311  no secret
    if name == "journal.jsonl":
        lines = (run / name).read_text("utf-8").splitlines()
        line = 0 if seed % 2 else len(lines) - 1
        lines[line] = json.dumps(mutated(json.loads(lines[line]), draw))
        text = "\n".join(lines) + "\n"
    else:
        text = json.dumps(mutated(json.loads((run / name).read_text("utf-8")), draw))
    changed = text != (run / name).read_text("utf-8")
    (run / name).write_text(text, "utf-8")
    proof = examine(run, today=TODAY)
    assert json.dumps(proof.as_json())
    assert proof.exit_code is (ExitCode.SUITE_ERROR if changed else ExitCode.CONFORMANT)


def a_journal(folder: Path) -> Journal:
    """Begin a run of one check; it has one finding."""
    finding = finding_of("USR-01")
    header = header_of(target={"name": "city", "base_url": CITY, "fingerprint": "8f1c02bb"})
    journal = Journal(folder, header, (), planned_of([finding]))
    journal.exchanges.add(exchange_of("x-USR-01", finding.check, url=CITY))
    journal.finding(finding)
    return journal


def test_a_contract_of_the_operator_is_named(tmp_path: Path) -> None:
    given = {"service": "collection-services", "file": "own.yml", "sha256": "ab", "source": "given"}
    contract = {"form": "published", "documents": [given, {**given, "source": "shipped"}]}
    folder = made(tmp_path, contract={**contract, "errata": []})
    for place in (folder, folder / "certificate.html"):
        shown = [each.text for each in examine(place, today=TODAY).lines if "own.yml" in each.text]
        assert len(shown) == 1
        assert "a file of the operator" in shown[0]


def test_a_run_that_was_killed_certifies_nothing(tmp_path: Path) -> None:
    a_journal(tmp_path / "run")
    proof = examine(tmp_path / "run", today=TODAY)
    assert proof.exit_code is not ExitCode.CONFORMANT
    assert "it did not come to its end" in {each.text for each in proof.of(Bearing.LIMIT)}


def test_a_run_that_was_killed_is_not_packed_and_the_reason_is_said(tmp_path: Path) -> None:
    a_journal(tmp_path / "run")
    with pytest.raises(PackProblem, match="did not come to its end"):
        pack(tmp_path / "run", tmp_path / "run.tar.gz")


def test_a_run_that_continues_loses_what_proved_it(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    journal = a_journal(folder)
    for name in ("manifest.json", "attestation.json"):
        (folder / name).write_text("{}")
    kept = keep(folder)
    Journal(folder, kept.header, kept.register, kept.planned, kept=kept)
    assert len(exchanges_of(folder)) == len(journal.exchanges) == 1
    assert [each.name for each in folder.glob("*.json")] == ["results.json"]


def test_exchanges_that_grow_without_end_are_refused(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed_lines, "LARGEST", 100_000)
    packer = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    content = packer.compress(b" " * 5_000_000) + packer.flush()
    (run / "exchanges.jsonl.gz").write_bytes(content)
    proof = examine(run, today=TODAY)
    texts = [e.text for e in proof.of(Bearing.FAULT) if e.subject == "exchanges.jsonl.gz"]
    assert any("cannot be unpacked" in each for each in texts)
