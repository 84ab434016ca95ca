"""Drift on whole deployments: each line of DIGIT follows the corrected form, wherever it shows."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest
import yaml

from conformance.contracts import all_errata
from conformance.core.exchange import Exchange
from conformance.run.certify import carry_out
from conformance.run.config import ReferenceOptions, RunConfig

FACTS = Path(__file__).parents[4] / "shared/digit"
# What only one fork adds shows where it has water or property data, which no rehearsal has.
FORKS_OWN = {"billing-mseva-2"}
SHEETS = yaml.safe_load(Path(__file__).with_name("digit_2_8.yaml").read_text(encoding="utf-8"))
ROWS = {"collection-services": 67, "pg-service": 15, "others": 14}


Sight = tuple[str, dict[str, str], Sequence[Exchange]]  # line, form of each erratum, exchanges


@pytest.fixture(scope="module", params=["strict", "digit-2.8", "mseva"])
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Sight:
    """The drift report of a run against one line, and the exchanges on the way."""
    chosen = "lineage:mseva" if request.param == "mseva" else "auto"
    config = RunConfig(
        reference=ReferenceOptions(lineage=request.param),
        settings={"contract": {"errata": [chosen]}},
        only=("CON-04",),
        reports=tmp_path_factory.mktemp("drift"),
        written=False,
    )
    run, _ = carry_out(config)
    assert run.results is not None
    return request.param, {each["id"]: each["form"] for each in run.results.errata}, run.exchanges


def rows() -> Iterator[tuple[str, dict[str, str]]]:
    """Each row of the sheets: its place, and its errata with the form in which they show."""
    for sheet in ROWS:
        for number, row in SHEETS[sheet].items():
            yield f"{sheet} {number}", {key: row[key] for key in row if key not in {"about", "why"}}


def expected(line: str, errata: Iterable[str]) -> dict[str, str]:
    """The forms that the sheets foretell of a line."""
    forms_of = SHEETS["beyond"] | {id_: form for _, row in rows() for id_, form in row.items()}
    forms_of |= SHEETS["masters closed"] if line == "digit-2.8" else {}
    return {id_: forms_of[id_] for id_ in errata if forms_of[id_] != "unseen"}


def test_drift_of_each_line_is_what_the_sheets_say(seen: Sight) -> None:
    line, forms, _ = seen
    stock = {id_: form for id_, form in forms.items() if "mseva" not in id_}
    own = {id_: form for id_, form in forms.items() if id_ not in stock}
    foretold = [id_ for id_, each in all_errata().items() if line in each.lineages]
    assert stock == expected(line, [id_ for id_ in foretold if "mseva" not in id_])
    assert own == {
        id_: "not seen" if id_ in FORKS_OWN else "corrected"
        for id_, erratum in all_errata().items()
        if line == "mseva" and "mseva" in id_ and erratum.observable
    }


def test_every_row_of_the_sheets_is_accounted_for() -> None:
    for sheet, count in ROWS.items():
        assert list(SHEETS[sheet]) == list(range(1, count + 1))
    for place, errata in rows():
        sheet, _, number = place.partition(" ")
        assert errata, place
        hidden = {"not seen", "unseen"} & set(errata.values())
        assert bool(hidden) == ("why" in SHEETS[sheet][int(number)]), place
    assert set(SHEETS["beyond"].values()) <= {"corrected", "not seen", "unseen"}


def test_every_erratum_of_the_line_stands_in_a_row() -> None:
    forms_of = [*SHEETS["beyond"], *(id_ for _, errata in rows() for id_ in errata)]
    assert len(forms_of) == len(set(forms_of))
    known = {id_: each for id_, each in all_errata().items() if "digit-2.8" in each.lineages}
    assert set(forms_of) == set(known)
    unseen = {id_ for id_ in forms_of if id_ not in expected("digit-2.8", forms_of)}
    assert unseen == {id_ for id_, erratum in known.items() if not erratum.observable}


@pytest.mark.skipif(not FACTS.is_dir(), reason="the fact sheets are not at hand")
def test_sheets_have_as_many_rows() -> None:
    sheet = (FACTS / "pg-and-collections.md").read_text(encoding="utf-8")
    collections, _, pg = sheet.partition("\n## 4.")[2].partition("\n## ")[0].partition("\n### 4.1")
    others = (FACTS / "billing-user-gateway-mdms.md").read_text(encoding="utf-8")
    others = others.partition("\n## 12.")[2].partition("\n## ")[0]
    found = [len(re.findall(r"(?m)^\| \d+ \|", part)) for part in (collections, pg)]
    found.append(len(re.findall(r"(?m)^\| (?!contract|---)", others)))
    assert found == list(ROWS.values())


def test_no_answer_departs_from_the_contract(seen: Sight) -> None:
    _, _, exchanges = seen
    departing = [
        (each.operation, each.status, violation)
        for each in exchanges
        for violation in each.violations
        if violation.side == "response"
        and each.check != "set-up"  # the doctor sends odd requests on purpose
    ]
    assert departing == []
