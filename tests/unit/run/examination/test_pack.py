"""Packs: the same bytes again, nothing of who packed them, and archives of others refused."""

import gzip
import io
import os
import shutil
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.core.errors import ExitCode, SetupError
from conformance.results.attestation import pack as packing
from conformance.results.attestation.keys import public_key
from conformance.results.attestation.pack import HEAD, PackProblem, pack, unpack
from conformance.results.manifest import checksums
from conformance.run.examination.verifying import examine
from tests.unit.run.examination.conftest import NAME, TODAY

Members = list[tuple[str, bytes]]


@pytest.fixture(scope="module")
def packed(signed_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pack(signed_run, tmp_path_factory.mktemp("pack") / "run.tar.gz")


def member(name: str, content: bytes = b"", **fields: object) -> bytes:
    """Return a member as `pack` writes it, but for some fields."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), 0o644
    for field, value in fields.items():
        setattr(info, field, value)
    return info.tobuf(tarfile.USTAR_FORMAT) + content + bytes(-len(content) % 512)


def zipped(content: bytes) -> bytes:
    """Return a gzip file with the head that `pack` writes."""
    deflate = zlib.compressobj(9, wbits=-15)
    body = deflate.compress(content) + deflate.flush()
    ends = zlib.crc32(content).to_bytes(4, "little") + len(content).to_bytes(4, "little")
    return HEAD + body + ends


def archive(*members: bytes) -> bytes:
    return zipped(b"".join(members) + bytes(1024))


def test_a_pack_holds_the_run_and_nothing_else(
    packed: Path, signed_run: Path, keys: Path, tmp_path: Path
) -> None:
    again = pack(signed_run, tmp_path / "again.tar.gz")
    assert again.read_bytes() == packed.read_bytes()
    assert checksums(unpack(packed, tmp_path / "home")) == checksums(signed_run)
    with tarfile.open(packed) as file:  # as other tools read it
        members = file.getmembers()
    assert [each.name for each in members] == sorted(each.name for each in members)
    assert {(e.mtime, e.uid, e.gid, e.uname, e.gname, e.mode) for e in members} == {
        (0, 0, 0, "", "", 0o644)
    }
    assert f"{NAME}/attestation.json" in {each.name for each in members}
    proof = examine(packed, key=public_key(keys / "city.pub"), today=TODAY)
    assert proof.exit_code is ExitCode.CONFORMANT


def test_a_run_that_was_changed_is_not_packed(run: Path, tmp_path: Path) -> None:
    (run / "summary.md").write_text("PERFECT")
    with pytest.raises(PackProblem, match=r"summary\.md: was changed"):
        pack(run, tmp_path / "run.tar.gz")
    assert not list(tmp_path.glob("*run.tar.gz*"))


def test_a_key_left_in_the_folder_is_not_packed(run: Path, keys: Path, tmp_path: Path) -> None:
    shutil.copyfile(keys / "city.key", run / "city.key")
    with pytest.raises(PackProblem, match=r"city\.key: was added"):
        pack(run, tmp_path / "run.tar.gz")


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "traversal": (lambda: archive(member("../../evil", b"x")), r"\.\./\.\./evil would be written"),
    "traversal within": (lambda: archive(member("run/../../evil")), "would be written outside"),
    "absolute": (lambda: archive(member("/etc/evil", b"x")), "/etc/evil would be written outside"),
    "drive": (lambda: archive(member("run/C:evil", b"x")), "C:evil would be written outside"),
    "backslash": (lambda: archive(member("run/..\\evil", b"x")), "would be written outside"),
    "symbolic link": (
        lambda: archive(member("run/a", type=tarfile.SYMTYPE, linkname="/etc/passwd")),
        "run/a is a link",
    ),
    "hard link": (
        lambda: archive(member("run/a", type=tarfile.LNKTYPE, linkname="run/b")),
        "run/a is a link",
    ),
    "device": (lambda: archive(member("run/a", type=tarfile.CHRTYPE)), "run/a is no plain file"),
    "folder": (lambda: archive(member("run/a", type=tarfile.DIRTYPE)), "run/a"),
    "extension": (lambda: archive(member("run/a", type=tarfile.XHDTYPE)), "run/a is no plain file"),
    "owner": (lambda: archive(member("run/a", uname="somebody")), "another time, owner or right"),
    "time": (lambda: archive(member("run/a", mtime=7)), "another time, owner or right"),
    "twice": (lambda: archive(member("run/a"), member("run/a")), "run/a stands in it twice"),
    "two runs": (lambda: archive(member("run/a"), member("other/b")), "other/b is of another run"),
    "file as folder": (lambda: archive(member("run/a"), member("run/a/b")), "run/a/b has the name"),
    "size": (lambda: zipped(member("run/a", size=2**32)), "run/a is larger than"),
    "size below 0": (lambda: zipped(b"run/a".ljust(124, b"\0") + b"\xff" * 388), "no pack"),
    "no file": (lambda: archive(), "holds no file"),
    "no end": (lambda: zipped(member("run/a", b"x")), "breaks off"),
    "half a file": (lambda: zipped(member("run/a", b"x" * 999)[:700]), "breaks off"),
    "more files": (lambda: zipped(member("run/a") + bytes(1024) + b"x"), "something follows"),
    "more data": (lambda: archive(member("run/a")) + b"x", "something follows its end"),
    "another head": (lambda: gzip.compress(b"x"), "does not begin as one"),
    "no archive": (lambda: zipped(b"hello" * 999), "no pack"),
    "wrong checksum": (lambda: archive(member("run/a"))[:-8] + bytes(8), "is damaged"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_pack_does_not_write_is_refused(name: str, tmp_path: Path) -> None:
    content, reason = HOSTILE[name]
    path, home = tmp_path / "foreign.tar.gz", tmp_path / "inner" / "home"
    path.write_bytes(content())
    with pytest.raises(PackProblem, match=reason):
        unpack(path, home)
    outside = {each for each in tmp_path.rglob("*") if each.is_file()} - {path}
    assert all(each.is_relative_to(home) for each in outside)


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "MOST_BYTES", 1_000_000)
    path = tmp_path / "bomb.tar.gz"
    path.write_bytes(archive(*(member(f"run/{n}", bytes(400_000)) for n in range(9))))
    assert path.stat().st_size < 10_000
    with pytest.raises(PackProblem, match="is larger than"):
        unpack(path, tmp_path / "home")
    assert sum(each.stat().st_size for each in (tmp_path / "home").rglob("*")) < 2_000_000


def test_each_changed_byte_of_a_pack_is_found(packed: Path, tmp_path: Path) -> None:
    content = packed.read_bytes()
    path = tmp_path / "run.tar.gz"
    places = [*range(12), *range(12, len(content), len(content) // 60), len(content) - 1]
    for place in places:
        path.write_bytes(content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :])
        try:
            code = examine(path, today=TODAY).exit_code
        except SetupError as problem:
            code = problem.exit_code
        assert code in (ExitCode.SETUP, ExitCode.SUITE_ERROR), place


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_pack_that_breaks_off_is_refused(packed: Path, tmp_path: Path, share: float) -> None:
    content = packed.read_bytes()
    path = tmp_path / "run.tar.gz"
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(PackProblem, match="breaks off"):
        unpack(path, tmp_path / "home")


def test_a_file_added_to_a_pack_is_named(run: Path, tmp_path: Path) -> None:
    files = {
        each.relative_to(run).as_posix(): each.read_bytes()
        for each in run.rglob("*")
        if each.is_file()
    } | {"approval.html": b"CONFORMANT"}
    path = tmp_path / "run.tar.gz"
    path.write_bytes(archive(*(member(f"{NAME}/{name}", files[name]) for name in sorted(files))))
    proof = examine(path, today=TODAY)
    assert "approval.html" in proof.conclusion
    assert proof.exit_code is ExitCode.SUITE_ERROR


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=3000))
def test_any_archive_ends_in_one_message(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "any.tar.gz"
    path.write_bytes(zipped(content))
    with pytest.raises(PackProblem):
        unpack(path, tmp_path / "home")


def test_the_archive_is_one_that_tar_reads(packed: Path) -> None:
    with gzip.open(packed) as file:
        text = file.read()
    with tarfile.open(fileobj=io.BytesIO(text)) as tar:
        names = tar.getnames()
    assert all(not os.path.isabs(each) for each in names)  # noqa: PTH117  a name in an archive
    assert b"root" not in text[:512]
