"""Pools of consumer codes: each code is taken once, whoever takes it, on whatever day."""

import fcntl
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from conformance.bbps.bill_pool import BillPool
from conformance.core.verdicts import Inconclusive

PT = {"service": "PT", "tenant": "pb.amritsar"}
TAKE_ALL = """
import sys
from conformance.bbps.bill_pool import BillPool
from conformance.core.verdicts import Inconclusive
pool = BillPool(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
while True:
    try:
        print(pool.take(service="PT", tenant="pb.amritsar", run=sys.argv[2]), flush=True)
    except Inconclusive:
        break
"""


def pool_of(tmp_path: Path, text: str) -> BillPool:
    path = tmp_path / "codes.csv"
    path.write_text(text, encoding="utf-8")
    return BillPool(path)


def test_codes_are_taken_in_order_and_stay_taken(tmp_path: Path) -> None:
    pool = pool_of(tmp_path, "consumer_code\nA\nB\n")
    assert pool.take(run="r1", **PT) == "A"
    assert BillPool(tmp_path / "codes.csv").take(run="r2", **PT) == "B"
    with pytest.raises(Inconclusive, match="no unused consumer code left for PT"):
        pool.take(run="r3", **PT)
    remembered = pool.used_file.read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[:2] for line in remembered] == [
        ["consumer_code", "run"], ["A", "r1"], ["B", "r2"],
    ]  # fmt: skip


def test_dry_pool_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Inconclusive) as dry:
        pool_of(tmp_path, "consumer_code\n").take(run="r1", **PT)
    assert "add codes with an unpaid bill" in dry.value.remedy
    assert "codes.csv.used" in dry.value.remedy


def test_service_and_tenant_must_fit_where_they_are_told(tmp_path: Path) -> None:
    text = (
        "consumer_code, business_service, tenant\n"
        "W,WS,pb.amritsar\nJ,PT,pb.jalandhar\n\nANY,,\nP,PT,pb.amritsar\n"
    )
    pool = pool_of(tmp_path, text)
    assert pool.unused(**PT) == ["ANY", "P"]
    assert pool.take(service="WS", tenant="pb.amritsar", run="r1") == "W"
    assert pool.unused(service="PT", tenant="pb.jalandhar") == ["J", "ANY"]


def test_looking_takes_nothing(tmp_path: Path) -> None:
    pool = pool_of(tmp_path, "consumer_code\nA\n")
    assert pool.unused(**PT) == pool.unused(**PT) == ["A"]
    assert not pool.used_file.exists()


def test_two_processes_never_take_the_same_bill(tmp_path: Path) -> None:
    codes = [f"PT-{number:03d}" for number in range(60)]
    path = tmp_path / "codes.csv"
    path.write_text("consumer_code\n" + "\n".join(codes) + "\n", encoding="utf-8")
    takers = [
        subprocess.Popen(
            [sys.executable, "-c", TAKE_ALL, str(path), run],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for run in ("r1", "r2")
    ]  # fmt: skip
    for taker in takers:  # both stand ready before either begins
        assert taker.stdout is not None
        assert taker.stdout.readline() == "ready\n"
    for taker in takers:
        assert taker.stdin is not None
        taker.stdin.write("\n")
        taker.stdin.flush()
    taken = [code for taker in takers for code in taker.communicate(timeout=60)[0].split()]
    assert sorted(taken) == codes


def test_threads_never_take_the_same_bill(tmp_path: Path) -> None:
    codes = [f"PT-{number:02d}" for number in range(40)]
    pool = pool_of(tmp_path, "consumer_code\n" + "\n".join(codes) + "\n")
    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(lambda _: pool.take(run="r1", **PT), codes))
    assert sorted(taken) == codes


def test_lock_file_of_a_killed_run_stops_nobody(tmp_path: Path) -> None:
    pool = pool_of(tmp_path, "consumer_code\nA\n")
    lock = tmp_path / "codes.csv.lock"
    holder = subprocess.Popen(
        [sys.executable, "-c",
         "import fcntl, sys, time\n"
         "file = open(sys.argv[1], 'w'); fcntl.flock(file, fcntl.LOCK_EX)\n"
         "print('held', flush=True); time.sleep(600)", str(lock)],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with lock.open("w") as file, pytest.raises(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    holder.kill()
    holder.communicate()
    assert lock.exists()
    assert pool.take(run="r1", **PT) == "A"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "has no column consumer_code"),
        (b"PT-1\nPT-2\n", "has no column consumer_code"),
        (b"consumer code\nPT-1\n", "has no column consumer_code"),
        (b"consumer_code\nPT-1\n\xff\xfe\n", "line 3"),
        (b'consumer_code\nPT-1\n"PT-2\n', "line 3"),
        (b"consumer_code,tenant\nPT-1,pb.amritsar\nPT-2,pb,amritsar\n", "line 3"),
        (b"consumer_code,tennant\nPT-1,pb.amritsar\n", "line 1"),
        (b"consumer_code\nPT-1\nPT-2\nPT-1\n", "line 4"),
    ],
    ids=["empty", "no heading", "misspelt", "not UTF-8", "open quote", "too many cells",
         "unknown column", "twice"],
)  # fmt: skip
def test_mistakes_in_the_file_are_told_with_their_line(
    tmp_path: Path, content: bytes, told: str
) -> None:
    path = tmp_path / "codes.csv"
    path.write_bytes(content)
    with pytest.raises(Inconclusive) as problem:
        BillPool(path).take(run="r1", **PT)
    assert told in problem.value.reason
    assert str(path) in problem.value.reason
    assert problem.value.remedy


def test_absent_pool_and_folder_without_write_permission(tmp_path: Path) -> None:
    with pytest.raises(Inconclusive, match="cannot be read"):
        BillPool(tmp_path / "absent.csv").unused(**PT)
    with pytest.raises(Inconclusive, match="cannot be locked"):
        BillPool(tmp_path / "no-folder" / "codes.csv").take(run="r1", **PT)


def test_spreadsheets_form_is_read(tmp_path: Path) -> None:
    path = tmp_path / "codes.csv"
    path.write_bytes("\ufeffconsumer_code,tenant\r\n PT-1 ,pb.amritsar\r\n".encode())
    assert BillPool(path).unused(**PT) == ["PT-1"]
