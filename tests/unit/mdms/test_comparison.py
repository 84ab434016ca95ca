"""`mdms diff`: rows of two sides, compared whole and both ways, whatever their order."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from conformance.mdms.comparison import IDENTITY, RowDifference, Side, differences
from conformance.mdms.masters import MASTERS, MasterRows, Spot
from tests.unit.mdms.clean import CLEAN, grant

GRANTS = "roleactions.json"


def side(rows: list[Any], *, path: Path | None = None) -> MasterRows:
    def spot(index: int, *_: str) -> Spot:
        return Spot(path, index + 5) if path else Spot(row=f"row {index + 1}")

    return MasterRows(rows=rows, spot=spot)


def compared(file: str, own: list[Any], served: list[Any]) -> list[RowDifference]:
    return list(differences(file, side(own, path=Path(file)), side(served)))


@pytest.mark.parametrize("file", MASTERS)
def test_the_same_rows_in_another_order_are_the_same(file: str) -> None:
    assert compared(file, CLEAN[file], CLEAN[file][::-1]) == []


@pytest.mark.parametrize("file", MASTERS)
def test_a_row_that_one_side_lacks_is_found(file: str) -> None:
    (lost,) = compared(file, CLEAN[file], CLEAN[file][1:])
    assert (lost.side, lost.spot) == (Side.REPOSITORY, Spot(Path(file), 5))
    (more,) = compared(file, CLEAN[file][1:], CLEAN[file])
    assert (more.side, str(more.spot)) == (Side.SERVED, "row 1")
    assert more.row == lost.row


@pytest.mark.parametrize("file", MASTERS)
def test_any_other_value_is_found(file: str) -> None:
    for key in CLEAN[file][0].keys() - set(IDENTITY[file]):
        other = [CLEAN[file][0] | {key: ["other"]}, *CLEAN[file][1:]]
        (found,) = compared(file, CLEAN[file], other)
        assert (found.side, found.fields.keys()) == (Side.BOTH, {key})
        assert found.fields[key][1] == '["other"]'


def test_a_difference_says_both_values() -> None:
    (found,) = compared(GRANTS, [grant("A", 1)], [{"rolecode": "A", "actionid": 1, "x": True}])
    assert str(found) == (
        "roleactions.json, line 5: not the same: rolecode A, actionid 1 "
        '(actioncode: "", served absent; tenantId: "zz", served absent; x: absent, served true)'
    )


def test_rows_are_counted() -> None:
    (found,) = compared(GRANTS, [grant("A", 1)] * 3, [grant("A", 1)] * 2)
    assert (found.side, found.spot.line) == (Side.REPOSITORY, 7)
    rows = [grant("A", 1), grant("A", 1, actioncode="x")]
    (found,) = compared(GRANTS, rows, [rows[1], rows[1]])
    assert found.fields == {"actioncode": ('""', '"x"')}


def test_how_a_number_is_written_does_not_matter_but_its_kind_does() -> None:
    own = [{"code": "A", "minAmountPayable": Decimal("100.0")}]
    assert compared("BusinessService.json", own, [{"code": "A", "minAmountPayable": 100}]) == []
    assert compared("BusinessService.json", own, [{"code": "A", "minAmountPayable": "100"}])
    assert compared(GRANTS, [grant("A", 1, x=1)], [grant("A", 1, x=True)])
    assert compared(GRANTS, [grant("A", 1)], [grant("A", "1")])


def test_what_is_no_row_is_compared_too() -> None:
    assert compared(GRANTS, [None, 7], [7, None]) == []
    (found,) = compared(GRANTS, [None], [])
    assert found.row == "no row: null"
