"""The run's folder as a whole: what is written, its manifest, and the search for secrets."""

import base64
import gzip
import json
import os
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.core.wording import plural
from conformance.report.plain import printable, shortened
from conformance.report.writing import write_all
from conformance.results.manifest import ManifestProblem, verify, write_manifest
from conformance.results.packed_lines import PackedLines
from conformance.results.secret_scan import CHUNK, scan
from tests.unit.conftest import Runner, finding_of

SECRET = 'pa/ss+wörd&"<1>'


def names(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


def test_a_closed_run_leaves_every_report(a_run: Runner) -> None:
    folder, results, exchanges = a_run()
    write_all(folder, results, exchanges)
    assert names(folder) == {
        "allure-results", "certificate.html", "exchanges.har", "exchanges.jsonl.gz",
        "journal.jsonl", "junit.xml", "manifest.json", "results.json",
        "results.schema.json", "summary.md",
    }  # fmt: skip
    assert verify(folder) == []


def test_a_partial_run_leaves_no_certificate(a_run: Runner) -> None:
    folder, results, exchanges = a_run([finding_of("USR-01")], partial=True)
    write_all(folder, results, exchanges)
    assert "certificate.html" not in names(folder)
    assert "junit.xml" in names(folder)


def test_the_manifest_notices_change_loss_and_addition(tmp_path: Path) -> None:
    for name in ("kept", "changed", "lost"):
        (tmp_path / name).write_text(name)
    write_manifest(tmp_path)
    (tmp_path / "changed").write_text("otherwise")
    (tmp_path / "lost").unlink()
    (tmp_path / "new").write_text("new")
    assert verify(tmp_path) == ["lost: is missing", "new: was added", "changed: was changed"]


def test_what_is_no_file_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").write_text("kept")
    (tmp_path / ".lock").write_text("pid17")
    write_manifest(tmp_path)
    assert verify(tmp_path) == []
    (tmp_path / ".lock").write_text("CONFORMANT")
    (tmp_path / "empty").mkdir()
    (tmp_path / "leads-nowhere").symlink_to("absent")
    os.mkfifo(tmp_path / "pipe")
    assert verify(tmp_path) == [
        "empty: was added, an empty folder",
        "leads-nowhere: was added, and is no file",
        "pipe: was added, and is no file",
        ".lock: was changed",
    ]


def test_a_missing_or_spoilt_manifest_is_one_clear_message(tmp_path: Path) -> None:
    with pytest.raises(ManifestProblem, match="cannot be read"):
        verify(tmp_path)
    for content, message in (
        ("nonsense", "not JSON"),
        ("[]", "no sha256 checksums"),
        ('{"files": {"a": "1", "a": "2"}}', "the key 'a' is given twice"),
    ):
        (tmp_path / "manifest.json").write_text(content)
        with pytest.raises(ManifestProblem, match=message):
            verify(tmp_path)


@pytest.mark.parametrize(
    ("written", "form"),
    [
        (SECRET, "plain"),
        (quote(SECRET, safe=""), "percent-encoded"),
        (quote(SECRET, safe="").lower(), "percent-encoded"),
        (base64.b64encode(f"user:{SECRET}".encode()).decode(), "base64"),
        (base64.urlsafe_b64encode(f"id:{SECRET}!".encode()).decode(), "base64"),
        ('"pa/ss+w\\u00f6rd&\\"<1>"', "JSON-escaped"),
        ("pa/ss+wörd&amp;&#34;&lt;1&gt;", "HTML-escaped"),
    ],
)
def test_finds_a_secret_in_any_disguise(tmp_path: Path, written: str, form: str) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file.txt").write_text(f"before {written} after", "utf-8")
    (tmp_path / "clean.txt").write_text("nothing here")
    hits = scan(tmp_path, [SECRET])
    assert {(str(hit.path), hit.form) for hit in hits} == {("deep/file.txt", form)}
    assert SECRET not in str(hits[0])


@given(
    secret=st.text(st.characters(codec="utf-8"), min_size=8, max_size=20),
    before=st.binary(max_size=4),
    after=st.binary(max_size=4),
)
def test_base64_is_found_at_any_alignment(
    tmp_path_factory: pytest.TempPathFactory, secret: str, before: bytes, after: bytes
) -> None:
    folder = tmp_path_factory.mktemp("scan")
    (folder / "file").write_bytes(base64.b64encode(before + secret.encode() + after))
    assert scan(folder, [secret])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ab123456cd", False),  # of a checksum
        ("1763123456789", False),  # a time in epoch milliseconds
        ('{"otp": 123456}', True),
        ("username=9876543210&password=123456&scope=read", True),
    ],
)
def test_a_one_time_password_is_found_where_it_stands_alone(
    tmp_path: Path, text: str, found: bool
) -> None:
    (tmp_path / "file").write_text(text)
    assert bool(scan(tmp_path, ["123456"])) is found


@pytest.mark.parametrize("name", ["file", "file.gz"])
@pytest.mark.parametrize("before", [0, CHUNK - 20, CHUNK - 3, 3 * CHUNK - 9])
def test_a_secret_is_found_wherever_it_stands(tmp_path: Path, name: str, before: int) -> None:
    for text, found in (
        (SECRET, True),
        (" 123456 ", True),
        ("ab123456", False),
        ("123456c", False),
    ):
        content = b"x" * before + text.encode() + b"y" * 50
        (tmp_path / name).write_bytes(gzip.compress(content) if "gz" in name else content)
        assert bool(scan(tmp_path, [SECRET, "123456"])) is found


def test_a_compressed_file_that_was_cut_short_is_searched(tmp_path: Path) -> None:
    lines = PackedLines()
    lines.move_to(tmp_path / "lines.gz")
    lines.add(json.dumps({"body": json.dumps({"echo": SECRET})}).encode())
    assert {hit.form for hit in scan(tmp_path, [SECRET])} == {"JSON-escaped"}


def test_a_clean_folder_and_an_empty_secret_give_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("text")
    assert scan(tmp_path, [SECRET, ""]) == []


def test_text_that_steers_a_display_becomes_visible() -> None:
    assert printable("a\x1b[31m\u202eb\r\nc\td") == "a\\u001b[31m\\u202eb\nc\td"
    assert shortened("abcdef", 3) == "abc… (3 more characters in the full record)"
    assert (plural(1, "check"), plural(2, "check")) == ("1 check", "2 checks")


def test_all_reports_can_be_written_again_as_they_were(a_run: Runner, tmp_path: Path) -> None:
    folder, results, exchanges = a_run()
    write_all(folder, results, exchanges)
    again = tmp_path / "again"
    again.mkdir()
    write_all(again, results, exchanges)
    written = [path.relative_to(again) for path in again.rglob("*") if path.is_file()]
    assert len(written) > len(results.checks)
    for name in written:
        if name.name != "manifest.json":
            assert (again / name).read_bytes() == (folder / name).read_bytes(), name
