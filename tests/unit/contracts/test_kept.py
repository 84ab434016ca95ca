"""The contracts that are linked beforehand are those that linking gives, or are left alone."""

from pathlib import Path
from typing import Any

import pytest

from conformance.contracts import Contracts, Erratum, all_errata, kept, loading
from conformance.contracts.documents import Tree
from conformance.contracts.loading import COMMON, PUBLISHED, SERVICES
from conformance.core import resources
from conformance.run.indexing import contracts_text

FILE = resources.folder("contracts") / kept.NAME


def test_file_is_current() -> None:
    assert FILE.read_text(encoding="utf-8") == contracts_text(), "run `make index`"


@pytest.mark.parametrize("service", SERVICES)
def test_contract_is_the_same(service: str) -> None:
    contracts = Contracts.load()
    beforehand = kept.beforehand()["services"][service]
    assert contracts.bundled(service) == loading.with_paths_inline(contracts.linked(service))
    assert list(beforehand["components"]) == list(contracts.linked(service)["components"])


def test_errata_are_the_same() -> None:
    known = [Erratum.of_row(row) for row in kept.beforehand()["known"]]
    assert known == [*loading.read_all_errata().values()] == [*all_errata().values()]


def test_no_shipped_file_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    contracts = Contracts.load()
    anew = [contracts.described_now(service) for service in (*SERVICES, COMMON)]
    monkeypatch.setattr(Contracts, "_document", lambda *_: pytest.fail("read again"))
    assert contracts.described() == anew


def test_given_document_is_described_as_it_is(tmp_path: Path) -> None:
    given = tmp_path / "mine.yaml"
    given.write_bytes(resources.file("contracts", "user.yaml").read_bytes())
    rows = {each["service"]: each for each in Contracts.load(documents={"user": given}).described()}
    assert (rows["user"]["file"], rows["user"]["source"]) == ("mine.yaml", "given")
    assert (rows["mdms"]["file"], rows["mdms"]["source"]) == ("mdms.yaml", "shipped")


@pytest.mark.parametrize(
    "choices",
    [
        {"form": PUBLISHED},
        {"errata": []},
        {"errata": ["auto", "lineage:mseva"]},
        {"documents": {"user": resources.file("contracts", "user.yaml")}},
    ],
    ids=lambda choices: next(iter(choices)),
)
def test_other_contracts_are_linked_anew(
    choices: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    contracts = Contracts.load(**choices)
    linked: list[str] = []
    monkeypatch.setattr(Contracts, "linked", lambda _, service: noted(linked, service))
    contracts._bundle("mdms")
    assert linked == ["mdms"]


@pytest.mark.parametrize(
    "content",
    ["", "{}", "{", '{"sha256": "0", "services": {}}', "[]", "null", "\ud800"],
    ids=["empty", "object", "broken", "outdated", "list", "null", "half-character"],
)
def test_file_that_does_not_fit_is_left_alone(
    content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = tmp_path / kept.NAME
    damaged.write_text(content, encoding="utf-8", errors="surrogatepass")
    monkeypatch.setattr(resources, "file", lambda *_: damaged)
    assert kept.beforehand() == {}


def test_changed_contract_has_another_fingerprint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = kept.fingerprint()
    for path in resources.folder("contracts").glob("**/*.yaml"):
        copy = tmp_path / path.relative_to(resources.folder("contracts"))
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(path.read_bytes())
    monkeypatch.setattr(resources, "folder", lambda _: tmp_path)
    assert kept.fingerprint() == before
    with (tmp_path / "errata" / "user.overlay.yaml").open("a") as overlay:
        overlay.write("# another line\n")
    assert kept.fingerprint() != before


def noted(linked: list[str], service: str) -> Tree:
    linked.append(service)
    return {"components": {}}
