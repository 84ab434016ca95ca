"""What --only, --skip and --area select: ids, lists and patterns of them, in any case."""

from typing import Any

import pytest

from conformance.core.errors import SetupError
from conformance.core.requirements import Register
from conformance.run.selection import selected

ALL = [each.id for each in Register.load()]


def ids(start: str) -> list[str]:
    return [each for each in ALL if each.startswith(start)]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ({}, []),
        ({"only": ["TXN-08"]}, ["TXN-08"]),
        ({"only": ["txn-08", " Rcp-04 "]}, ["TXN-08", "RCP-04"]),
        ({"only": ["RCP-04,TXN-08,"]}, ["TXN-08", "RCP-04"]),
        ({"only": ["txn-*"]}, ids("TXN")),
        ({"only": ["TXN-0[89]"]}, ["TXN-08", "TXN-09"]),
        ({"skip": ["TXN-*"]}, [each for each in ALL if not each.startswith("TXN")]),
        ({"only": ["TXN-*"], "skip": ["TXN-0?"]}, ids("TXN-1")),
        ({"areas": ["receipt"]}, ids("RCP")),
        ({"only": ["*-01"], "areas": ["Receipt,bill"]}, ["BIL-01", "RCP-01"]),
    ],
)
def test_words_select_requirements(words: dict[str, Any], found: list[str]) -> None:
    assert list(selected(**words)) == found


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"only": ["TXN-8"]}, "did you mean TXN-08"),
        ({"skip": ["TXN-8"]}, "did you mean TXN-08"),
        ({"only": ["TXM-*"]}, "--only 'TXM-*' matches no requirement"),
        ({"areas": ["reciept"]}, "did you mean Receipt?"),
        ({"areas": ["x"]}, "write one of Identity and access, Master data"),
        ({"only": ["TXN-08"], "skip": ["TXN-*"]}, "leave no requirement to check"),
        ({"only": ["TXN-08"], "areas": ["Bill"]}, "leave no requirement to check"),
    ],
)
def test_words_that_select_nothing_are_refused(words: dict[str, Any], message: str) -> None:
    with pytest.raises(SetupError, match=r".") as refused:
        selected(**words)
    assert message in str(refused.value)
