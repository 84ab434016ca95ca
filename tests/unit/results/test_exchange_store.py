"""Exchanges on disk: each is there once it is recorded, and none stays in memory."""

import gc
import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import zlib
from pathlib import Path

import pytest

from conformance.core.exchange import Exchange
from conformance.results import packed_lines
from conformance.results.exchange_store import FILE, ExchangeStore
from conformance.results.packed_lines import DamagedLines, PackedLines
from tests.unit.conftest import exchange_of

LONG = '{"Bill": "' + "x" * 4000 + '"}'
WRITER = """
import sys
from pathlib import Path
from conformance.results.packed_lines import PackedLines
lines = PackedLines()
lines.move_to(Path(sys.argv[1]))
for number in range(500):
    lines.add(b"%d " % number * 200)
    print(number, flush=True)
input()
"""


def store_in(folder: Path, count: int = 0) -> ExchangeStore:
    store = ExchangeStore()
    store.move_to(folder)
    for number in range(count):
        store.add(exchange_of(f"x001-{number:04d}", "sample::one", response_body=LONG))
    return store


def ids(store: ExchangeStore) -> list[str]:
    return [each.id for each in store]


def test_no_exchange_stays_in_memory(tmp_path: Path) -> None:
    gc.collect()
    before = sum(isinstance(each, Exchange) for each in gc.get_objects())
    store = store_in(tmp_path, 500)
    gc.collect()
    assert sum(isinstance(each, Exchange) for each in gc.get_objects()) == before
    assert len(store) == len(list(store)) == 500


def test_what_is_read_back_is_what_was_recorded(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    added = [exchange_of(f"x{number}", "a", response_body=f"{number} é \ud800") for number in "312"]
    for each in added:
        store.add(each)
    assert list(store) == sorted(added, key=lambda each: each.id)
    assert (store.get("x3"), store.get("x4")) == (added[0], None)


def test_every_place_can_be_read_while_others_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed_lines, "MEMBER_SIZE", 100)
    lines, added = PackedLines(), {}
    for number in range(200):
        if number == 77:
            lines.move_to(tmp_path / "lines.gz")
        text = f"line {number}".encode()
        added[lines.add(text)] = text
        assert lines.line((0, 0)) == b"line 0"
        assert list(lines) == list(added.items())
    lines.seal()
    assert gzip.decompress((tmp_path / "lines.gz").read_bytes()).splitlines() == list(
        added.values()
    )


def test_readers_and_writers_do_not_disturb_each_other(tmp_path: Path) -> None:
    store = store_in(tmp_path)

    def write(worker: int) -> None:
        for number in range(60):
            store.add(exchange_of(f"x{worker}-{number:02d}", f"check {worker}", request_body=LONG))
            assert sum(1 for _ in store.where("filed_under = ?", f"check {worker}")) == number + 1

    threads = [threading.Thread(target=write, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.counts() == {f"check {worker}": 60 for worker in range(4)}
    assert store.latest_of("check 2") == "x2-59"


def test_a_killed_writer_loses_no_line(tmp_path: Path) -> None:
    path = tmp_path / "lines.gz"
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, stdin=subprocess.PIPE
    )
    assert writer.stdout is not None
    seen = 0
    for printed in writer.stdout:
        seen = int(printed) + 1
        if seen == 321:
            break
    os.kill(writer.pid, signal.SIGKILL)
    writer.communicate()
    kept = [text for _, text in PackedLines(path)]
    assert len(kept) >= seen
    assert kept == [b"%d " % number * 200 for number in range(len(kept))]


@pytest.mark.parametrize("lost", [1, 7, 900])
def test_what_was_cut_short_is_gone_on_with(tmp_path: Path, lost: int) -> None:
    store_in(tmp_path, 150)
    path = tmp_path / FILE
    path.write_bytes(path.read_bytes()[:-lost])
    before = path.read_bytes()

    later = ExchangeStore(tmp_path)

    kept = len(later)
    assert 100 < kept <= 150 - (lost > 100)  # one byte short, the last line is whole all the same
    later.add(exchange_of("x002-0001", "sample::two"))
    assert path.read_bytes() == before  # reading changes nothing
    later.move_to(tmp_path)
    later.add(exchange_of("x002-0002", "sample::two"))
    later.seal()
    expected = [f"x001-{number:04d}" for number in range(kept)] + ["x002-0001", "x002-0002"]
    assert ids(later) == ids(ExchangeStore(tmp_path)) == expected
    texts = gzip.decompress(path.read_bytes()).splitlines()
    assert [json.loads(text)["id"] for text in texts] == expected


def test_a_full_disk_takes_nothing_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = store_in(tmp_path, 3)

    def refuse(self: PackedLines, data: bytes) -> None:
        with (tmp_path / FILE).open("ab") as file:
            file.write(data[: len(data) // 2])
        raise OSError("No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(PackedLines, "_write", refuse)
        for _ in range(2):
            with pytest.raises(OSError, match="No space"):
                store.add(exchange_of("x9", "sample::one"))
    store.add(exchange_of("x9", "sample::one"))
    store.seal()
    assert ids(store) == ids(ExchangeStore(tmp_path)) == [*(f"x001-000{n}" for n in range(3)), "x9"]


def test_a_changed_file_is_named_with_the_place(tmp_path: Path) -> None:
    store_in(tmp_path, 80).seal()
    path = tmp_path / FILE
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(DamagedLines, match=f"{FILE}: cannot be unpacked after byte 0"):
        ExchangeStore(tmp_path)


def test_a_killed_file_reads_with_any_gzip(tmp_path: Path) -> None:
    store_in(tmp_path, 3)
    text = zlib.decompressobj(wbits=31).decompress((tmp_path / FILE).read_bytes())
    found = [json.loads(line)["id"] for line in text.splitlines()]
    assert found == [f"x001-000{number}" for number in range(3)]


def test_what_is_not_judged_is_not_fair_game(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    for number, judged in enumerate((True, False)):
        store.add(exchange_of(f"x001-{number:04d}", "sample::one", judged=judged))
    assert [each.id for each in store.where("fair")] == ["x001-0000"]
