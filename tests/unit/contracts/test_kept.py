"""The contracts that are linked beforehand are those that linking gives, or are left alone."""

from pathlib import Path
from typing import Any

import pytest

from conformance.contracts import Contracts, kept, loading
from conformance.contracts.documents import Tree
from conformance.contracts.loading import PUBLISHED, SERVICES
from conformance.core import resources
from conformance.run.indexing import contracts_text

FILE = resources.folder("contracts") / kept.NAME


def test_file_is_current() -> None:
    assert FILE.read_text(encoding="utf-8") == contracts_text(), "run `make index`"


@pytest.mark.parametrize("service", SERVICES)
def test_contract_is_the_same(service: str) -> None:
    contracts = Contracts.load()
    beforehand = kept.linked_beforehand(contracts.errata)[service]
    assert contracts.bundled(service) == loading.with_paths_inline(contracts.linked(service))
    assert list(beforehand["components"]) == list(contracts.linked(service)["components"])


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
    assert kept.linked_beforehand(Contracts.load().errata) == {}


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
