"""The file of waivers: only what a person completed is taken, and each mistake has its place."""

from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

import pytest
import yaml

from conformance.core.foreign_files import FileError
from conformance.core.verdicts import Verdict
from conformance.results.waiver_draft import OPEN, condition_of, draft_of
from conformance.results.waivers import Waiver, WaiverRow, load
from tests.unit.conftest import Runner, finding_of

GOOD = {
    "requirement": "TXN-08",
    "check": "sample::*",
    "condition": "the update is refused",
    "reason": "The fix comes in March.",
    "owner": "payments team",
    "link": "https://tickets.digit.org/7",
    "expiry": "2027-03-31",
}


def written(tmp_path: Path, *waivers: dict[str, str]) -> Path:
    path = tmp_path / "waivers.yaml"
    path.write_text(yaml.safe_dump({"waivers": list(waivers)}, sort_keys=False), "utf-8")
    return path


def loaded(path: Path) -> tuple[Waiver, ...]:
    return load(path, ("pg-12", "pg-13"))


def waiver_of(**changes: str) -> Waiver:
    return Waiver.model_validate(GOOD | changes)


def test_a_complete_file_is_read(tmp_path: Path) -> None:
    (waiver,) = loaded(written(tmp_path, GOOD))
    assert waiver == waiver_of()
    assert waiver.expiry == date(2027, 3, 31)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("requirement", "TXN-99", "is not a requirement"),
        ("condition", "the", "would fit almost any failure"),
        ("condition", "", "would fit almost any failure"),
        ("reason", "later", "is no reason"),
        ("reason", "", "is empty"),
        ("reason", OPEN["reason"], "is not completed"),
        ("owner", OPEN["owner"], "is not completed"),
        ("owner", "TODO", "is not completed"),
        ("link", OPEN["link"], "is not completed"),
        ("link", "TICKET-7", "is no address"),
        ("link", "javascript:alert(1)", "is no address"),
        ("expiry", OPEN["expiry"], "is not completed"),
        ("expiry", "31.3.2027", "is no day"),
        ("expiry", "2027-02-30", "is no day"),
        ("expiry", "1800000000", "is no day"),
        ("expiry", "never", "is no day"),
        ("until", "2027-03-31", "is not a known setting"),
    ],
)
def test_each_mistake_names_file_line_and_key(
    tmp_path: Path, name: str, value: str, message: str
) -> None:
    path = written(tmp_path, GOOD, GOOD | {name: value})
    with pytest.raises(FileError, match=message) as caught:
        loaded(path)
    assert f"{path}, line " in str(caught.value)
    assert f"waivers.1.{name}: " in str(caught.value)


@pytest.mark.parametrize("name", [name for name in GOOD if name != "check"])
def test_only_the_check_may_be_left_out(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileError, match=f"waivers.0.{name}: is missing"):
        loaded(written(tmp_path, {key: value for key, value in GOOD.items() if key != name}))


@pytest.mark.parametrize("text", ["", "waivers: []", "waivers: x", "- a", "waiver:\n- a"])
def test_a_file_without_waivers_is_one_clear_message(tmp_path: Path, text: str) -> None:
    path = tmp_path / "waivers.yaml"
    path.write_text(text)
    with pytest.raises(FileError, match=r"waivers\.yaml"):
        loaded(path)


def test_all_mistakes_are_reported_together(tmp_path: Path) -> None:
    with pytest.raises(FileError) as caught:
        loaded(written(tmp_path, GOOD | {"owner": "", "expiry": "soon"}, GOOD | {"link": "x"}))
    assert len(caught.value.mistakes) == 3


@pytest.mark.parametrize(
    ("changes", "fits"),
    [
        ({}, True),
        ({"check": ""}, True),
        ({"check": "sample::txn-08"}, True),
        ({"check": "sample::txn"}, False),
        ({"check": "sample::[a-z]*"}, False),  # only `*` stands for anything
        ({"condition": "The  UPDATE is\nrefused"}, True),
        ({"condition": "it was accepted"}, True),
        ({"condition": "the update is lost"}, False),
        ({"requirement": "TXN-09"}, False),
    ],
)
def test_a_waiver_fits_one_failure(changes: dict[str, str], fits: bool) -> None:
    finding = finding_of(
        "TXN-08",
        Verdict.FAILED,
        required="The update is refused.",
        observed="It was accepted.",
    )
    assert waiver_of(**changes).fits(finding) is fits
    passed = finding_of("TXN-08", required="The update is refused.")
    assert not waiver_of(**changes).fits(passed)


@pytest.mark.parametrize(
    ("observed", "erratum", "fits"),
    [
        ("pg-13: in neither form", "pg-13", True),
        ("pg-12: in neither form; pg-13: in neither form", "pg-13", True),
        ("pg-12: in neither form", "pg-13", False),
        ("pg-131: in neither form", "pg-13", False),
        ("common-pg-13: in neither form", "pg-13", False),
        ("in neither form", "pg-13", False),
        ("in neither form", "", True),
    ],
)
def test_an_erratum_narrows_a_waiver_to_failures_that_name_it(
    observed: str, erratum: str, fits: bool
) -> None:
    finding = finding_of("TXN-08", Verdict.FAILED, observed=observed)
    waiver = waiver_of(condition="in neither form", erratum=erratum)
    assert waiver.fits(finding) is fits


def test_an_unknown_erratum_is_a_mistake_with_place_and_remedy(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD | {"erratum": "pg-13"}, GOOD | {"erratum": "pg-14"})
    with pytest.raises(FileError, match="'pg-14' is no erratum") as caught:
        loaded(path)
    assert (
        f"{path}, line {path.read_text('utf-8').splitlines().index('  erratum: pg-14') + 1}: "
        in str(caught.value)
    )
    assert "did you mean pg-1" in str(caught.value)


def test_results_keep_the_erratum(a_run: Runner) -> None:
    row = a_run()[1].waivers[0]
    kept = WaiverRow.from_json(asdict(replace(row, erratum="pg-13")))
    assert kept.waiver.erratum == "pg-13"


def test_the_draft_is_refused_until_it_is_completed(a_run: Runner, tmp_path: Path) -> None:
    failed = [
        finding_of("TXN-08", Verdict.FAILED, check=f"sample::rival[{n}]", required="Is refused: no")
        for n in range(3)
    ]
    _, results, _ = a_run([*failed, finding_of("USR-01")])
    path = tmp_path / "draft.yaml"
    path.write_text(draft_of(results), "utf-8")
    with pytest.raises(FileError) as caught:
        loaded(path)
    assert len(caught.value.mistakes) == len(OPEN)
    document = yaml.safe_load(path.read_text("utf-8"))
    assert len(document["waivers"]) == 1
    document["waivers"][0] |= {name: GOOD[name] for name in OPEN}
    (waiver,) = loaded(written(tmp_path, *document["waivers"]))
    assert all(waiver.fits(each) for each in failed)


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("an update by a rival is refused", "an update by a rival is refused"),
        ("the bill stays: ACTIVE, ₹ 100.00, created 17960", "the bill stays: ACTIVE"),
        ("a receipt of 2026-01-01 is there", "a receipt of"),
        ("a bill 7 of today", "a bill 7 of today"),  # too little would be left
    ],
)
def test_the_draft_leaves_out_what_differs_between_runs(text: str, condition: str) -> None:
    assert condition_of(text) == condition


def test_one_way_to_fail_is_one_waiver_whichever_checks_found_it(a_run: Runner) -> None:
    failed = [
        finding_of("TXN-08", Verdict.FAILED, check=f"sample::{n}", required="It is refused.")
        for n in ("rival", "cashier")
    ]
    _, results, _ = a_run(failed)
    (one,) = yaml.safe_load(draft_of(results))["waivers"]
    assert "check" not in one
    assert one["condition"] == "It is refused."


def test_nothing_is_suggested_where_nothing_failed(a_run: Runner) -> None:
    _, results, _ = a_run([finding_of("USR-01")])
    assert draft_of(results) == ""
