"""Filters of MDMS masters: which rows pass, and what is no filter."""

from decimal import Decimal
from typing import Any

import pytest

from conformance.reference.mdms.filters import filtered
from conformance.reference.platform.errors import Unhandled

ROWS: list[dict[str, Any]] = [
    {"id": 1, "code": "A", "active": True, "note": None},
    {"id": 2, "code": "B or C", "active": False, "kind": "x && y"},
    {"id": 30, "code": "C", "active": True, "share": Decimal("0.5")},
]

FILTERS: list[tuple[Any, list[int]]] = [
    (None, [1, 2, 30]),
    ("", [1, 2, 30]),
    ("[?(@.code == 'A')]", [1]),
    ("$.[?(@.code=='A')]", [1]),
    ("$[?(@.code=='A')]", [1]),
    ('[?(@.code == "A")]', [1]),
    ("[?(@['code'] == 'A')]", [1]),
    ("[?(@.code != 'A')]", [2, 30]),
    ("[?(@.id == 30)]", [30]),
    ("[?(@.id == '30')]", [30]),
    ("[?(@.id == 3)]", []),
    ("[?(@.share == 0.5)]", [30]),
    ("[?(@.active == true)]", [1, 30]),
    ("[?(@.active == 'true')]", []),
    ("[?(@.note == null)]", [1]),
    ("[?(@.absent == null)]", []),
    ("[?(@.absent != 'A')]", []),
    ("[?(@.id in [1, 30])]", [1, 30]),
    ("[?(@.code in ['A', \"C\"])]", [1, 30]),
    ("[?(@.code in 'A')]", []),
    ("[?(@.active == true && @.code == 'C')]", [30]),
    ("[?(@.code == 'A' || @.id == 2)]", [1, 2]),
    ("[?(@.code == 'A' && @.id == 2 || @.id == 30)]", [30]),
    ("[?(@.kind == 'x && y')]", [2]),
    ("[?(@.code == 'B or C')]", [2]),
]


@pytest.mark.parametrize(("condition", "ids"), FILTERS, ids=str)
def test_rows_that_pass(condition: Any, ids: list[int]) -> None:
    assert [row["id"] for row in filtered(ROWS, condition)] == ids


BROKEN: list[tuple[Any, str]] = [
    ("[0]", "ClassCastException"),
    ("$.[1].code", "ClassCastException"),
    ("[?(1", "InvalidPathException"),
    ("[?()]", "InvalidPathException"),
    ("code == 'A'", "InvalidPathException"),
    ("[?(@.code == A)]", "InvalidPathException"),
    ("[?(@.code ~ 'A')]", "InvalidPathException"),
    ("[?(@.code == 'A' && )]", "InvalidPathException"),
    ("[?(@.code == 'it's')]", "InvalidPathException"),
    ("[?(@.id in [a])]", "InvalidPathException"),
    (f"[?(@.code == '{'x' * 500}')]", "InvalidPathException"),
    (7, "InvalidPathException"),
    ({"code": "A"}, "InvalidPathException"),
]


@pytest.mark.parametrize(("condition", "kind"), BROKEN, ids=str)
def test_no_filters(condition: Any, kind: str) -> None:
    with pytest.raises(Unhandled) as refused:
        filtered(ROWS, condition)
    assert refused.value.kind == kind
