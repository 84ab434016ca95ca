"""Whatever stands in a file of others, its reader reads it or refuses it by a documented error."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.bbps.bill_pool import BillPool
from conformance.contracts import Contracts
from conformance.core.errors import ConformanceError
from conformance.core.foreign_files import read
from conformance.core.ledger import read as read_ledger
from conformance.core.resources import PACKAGE
from conformance.mdms.checkout import checked_out
from conformance.mdms.flaws import flaws_of
from conformance.profile.loading import load
from conformance.results.journal import JOURNAL
from conformance.results.manifest import verify
from conformance.results.reading import RESULTS, exchanges_of, keep
from conformance.results.reading import read as read_run
from conformance.scenarios import catalogue
from conformance.scenarios.postman.importer import imported
from conformance.scenarios.postman.reader import read_collection
from tests.unit.conftest import Runner
from tests.unit.foreign.documents import any_bytes, changed, written

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")
fuzzed = settings(
    max_examples=60, suppress_health_check=[*HealthCheck], database=None, derandomize=True
)
SHOWN = {"a": [1, {"b": "c"}], "d": None, "e": 1.5}
PROFILE = yaml.safe_load((PACKAGE / "examples" / "rehearsal.yaml").read_text("utf-8"))
SCENARIO = yaml.safe_load(
    (PACKAGE.parent / "scenarios" / "transactions" / "online-bill-payment.yaml").read_text("utf-8")
)
STEP = {
    "name": "Update",
    "request": {
        "method": "POST",
        "url": {"raw": "{{host}}/pg-service/transaction/v1/_update?transactionId={{id}}"},
        "header": [{"key": "a", "value": "b"}],
        "body": {"mode": "raw", "raw": '{"RequestInfo": {}}'},
    },
    "event": [{"listen": "test", "script": {"exec": ["pm.test('a', () => {});", "tests[1] = 2;"]}}],
    "response": [{"code": 200, "body": "{}"}],
}
COLLECTION = {"info": {"name": "x"}, "item": [STEP, {"item": [STEP]}], "variable": [{"key": "id"}]}
CONTRACT = yaml.safe_load("""
openapi: 3.0.0
info: {title: x, version: '1'}
paths:
  /transaction/v1/_create:
    post:
      parameters: [{name: a, in: query, schema: {type: string}}]
      responses: {'200': {description: x, content: {'*/*': {schema: {$ref: '#/info'}}}}}
""")
MASTERS = PACKAGE / "examples" / "mdms" / "pb"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("foreign")


def refused(*others: type[Exception]) -> "suppress":
    """Let the documented errors pass; any other one fails the test."""
    return suppress(ConformanceError, *others)


@fuzzed
@given(
    content=st.one_of(any_bytes(), written(st.one_of(changed(SHOWN)))),
    name=st.sampled_from(["a.yaml", "a.json"]),
)
def test_any_file(content: bytes, name: str, folder: Path) -> None:
    path = folder / name
    path.write_bytes(content)
    with refused():
        file = read(path)
        file.line(("a", 1, "b"))
        str(file.error(("a",), "is odd"))


@given(name=st.text(max_size=20))
@fuzzed
def test_any_path(name: str) -> None:
    with refused():
        read(Path(name))


@fuzzed
@given(content=written(changed(PROFILE)))
def test_a_profile(content: bytes, folder: Path) -> None:
    path = folder / "profile.yaml"
    path.write_bytes(content)
    with refused():
        load(path, environ={"X": "\ud83d"})


@fuzzed
@given(content=any_bytes())
def test_a_secrets_file(content: bytes, folder: Path) -> None:
    (folder / "secret").write_bytes(content)
    path = folder / "profile.json"
    actors = {"integrator": {"username": "a", "password": "file:secret", "type": "SYSTEM"}}
    path.write_text(json.dumps(PROFILE | {"actors": actors}), "utf-8")
    with refused():
        load(path, environ={})


@fuzzed
@given(content=written(changed(COLLECTION)))
def test_a_collection(content: bytes, folder: Path) -> None:
    path = folder / "collection.json"
    path.write_bytes(content)
    with refused():
        imported(read_collection(path), {}, {})


@fuzzed
@given(content=written(changed(SCENARIO)))
def test_a_scenario(content: bytes, folder: Path) -> None:
    path = folder / "scenario.yaml"
    path.write_bytes(content)
    with refused():
        catalogue.read(path)


@pytest.mark.parametrize(
    "name",
    ["ACCESSCONTROL-ROLES/roles.json", "ACCESSCONTROL-ROLEACTIONS/roleactions.json",
     "ACCESSCONTROL-ACTIONS-TEST/actions-test.json"],
)  # fmt: skip
def test_masters(name: str, tmp_path: Path) -> None:
    original = json.loads((MASTERS / name).read_text("utf-8"))
    few = {key: value[:4] if isinstance(value, list) else value for key, value in original.items()}
    for each in MASTERS.glob("*/*.json"):
        copied = tmp_path / each.relative_to(MASTERS)
        copied.parent.mkdir(exist_ok=True)
        copied.write_bytes(each.read_bytes())

    @settings(fuzzed, max_examples=40)
    @given(content=written(changed(few)))
    def judged(content: bytes) -> None:
        (tmp_path / name).write_bytes(content)
        masters = checked_out(tmp_path)
        for judge in (
            lambda: flaws_of(masters, "BBPS_USER", "pb"),
            lambda: masters.rows(Path(name).name),
            lambda: masters.urls_of("BBPS_USER"),
        ):
            with refused():
                judge()

    judged()


@fuzzed
@given(content=st.one_of(any_bytes(), st.just(b"consumer_code,amount\nPT-1,5\n")))
def test_a_pool_of_bills(content: bytes, folder: Path) -> None:
    path = folder / "pool.csv"
    path.write_bytes(content)
    with refused():
        BillPool(path).unused(service="PT", tenant="pb.amritsar")


@fuzzed
@given(content=any_bytes(), number=st.integers(0, 3))
def test_a_ledger(content: bytes, number: int, folder: Path) -> None:
    path = folder / "ledger.jsonl"
    path.write_bytes(b'{"kind": "demand", "rupees": "1"}\n' * number + content)
    with refused(ValueError, OSError):
        read_ledger(path)


def _of_lines(change: Callable[[Any], st.SearchStrategy[Any]], lines: list[str]) -> Any:
    """Draw the lines of a journal with one of them changed."""

    @st.composite
    def drawn(draw: st.DrawFn) -> bytes:
        at = draw(st.integers(0, len(lines) - 1))
        other = draw(written(change(json.loads(lines[at]))))
        return b"\n".join([*map(str.encode, lines[:at]), other, *map(str.encode, lines[at + 1 :])])

    return drawn()


def test_a_journal(a_run: Runner) -> None:
    folder, _, _ = a_run()
    lines = (folder / JOURNAL).read_text("utf-8").splitlines()
    (folder / RESULTS).unlink()

    @fuzzed
    @given(content=st.one_of(any_bytes(), _of_lines(changed, lines)))
    def reread(content: bytes) -> None:
        (folder / JOURNAL).write_bytes(content)
        for reader in (read_run, keep, exchanges_of):
            with refused():
                reader(folder)

    reread()


def test_results_and_manifest(a_run: Runner) -> None:
    folder, _, _ = a_run()
    original = json.loads((folder / RESULTS).read_text("utf-8"))

    @fuzzed
    @given(content=st.one_of(any_bytes(), written(changed(original))))
    def reread(content: bytes) -> None:
        (folder / RESULTS).write_bytes(content)
        (folder / "manifest.json").write_bytes(content)
        for reader in (read_run, verify):
            with refused():
                reader(folder)

    reread()


@pytest.mark.parametrize("place", [0, 100, -40, -3])
def test_exchanges_that_were_damaged(a_run: Runner, place: int) -> None:
    folder, _, _ = a_run()
    path = folder / "exchanges.jsonl.gz"
    content = bytearray(path.read_bytes())

    @settings(fuzzed, max_examples=20)
    @given(other=st.binary(min_size=1, max_size=3))
    def reread(other: bytes) -> None:
        changed_ = bytearray(content)
        changed_[place : place + len(other) or None] = other
        path.write_bytes(changed_)
        for reader in (keep, exchanges_of):
            with refused():
                store = reader(folder)
                [*getattr(store, "exchanges", store)]

    reread()


@settings(fuzzed, max_examples=12)
@given(content=st.one_of(any_bytes(), written(changed(CONTRACT))))
def test_a_contract(content: bytes, folder: Path) -> None:
    path = folder / "contract.yaml"
    path.write_bytes(content)
    with refused():
        Contracts.load(documents={"pg-service": path})
