"""What is unclean about master data: each with file and line, and what that leaves decided."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.core.verdicts import Inconclusive
from conformance.mdms.checkout import checked_out
from conformance.mdms.flaws import flaws_of
from conformance.mdms.masters import FOUR_URLS, PLACES, MasterRows, Masters, Spot

ROLE, STATE = "BANK", "zz"
GOOD: dict[str, list[Any]] = {
    "roles.json": [{"code": ROLE, "name": "n"}, {"code": "CLERK", "name": "n"}],
    "roleactions.json": [
        {"rolecode": ROLE, "actionid": number, "actioncode": "", "tenantId": STATE}
        for number, _ in enumerate(FOUR_URLS, 1)
    ],
    "actions-test.json": [
        {"id": number, "url": url, "name": "n", "displayName": "d", "enabled": False}
        for number, url in enumerate(FOUR_URLS, 1)
    ],
}


def written(folder: Path, file: str = "", text: str = "", **changes: Any) -> Masters:
    """A checkout, one row to a line from line 5 on; `text` is all that one of its files holds."""
    for name, (module, key) in PLACES.items():
        rows = ",\n".join(json.dumps(row) for row in GOOD[name] + changes.get(key[:5], []))
        header = {"tenantId": STATE, "moduleName": module} | changes.get("header", {})
        lines = ",\n".join(f"{json.dumps(each)}: {json.dumps(header[each])}" for each in header)
        whole = f'{{\n{lines},\n"{key}": [\n{rows}\n]}}'
        path = folder / module / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text if name == file else whole, encoding="utf-8")
    return checked_out(folder)


def test_clean_rows_have_no_flaw(tmp_path: Path) -> None:
    assert flaws_of(written(tmp_path), ROLE, STATE) == []


GRANT = {"rolecode": ROLE, "actionid": 1, "actioncode": "", "tenantId": STATE}
FLAWED: dict[str, tuple[dict[str, Any], str, int]] = {
    "pair twice": ({"rolea": [GRANT]}, "the pair BANK-1 stands already in line 5", 9),
    "no action": ({"rolea": [GRANT | {"actionid": 9}]}, "id 9 of BANK resolves to no action", 9),
    "other state": ({"rolea": [GRANT | {"actionid": 2, "tenantId": "yy"}]}, "of tenant 'yy'", 9),
    "comma in a key": ({"rolea": [{"rolecode": ROLE, "actionid": 2, "actioncode,": ""}]},
                       "the key 'actioncode,' is misspelt", 9),
    "blank in a key": ({"rolea": [{"rolecode": ROLE, "actionid": 2, "tenantId ": STATE}]},
                       "the key 'tenantId ' is misspelt", 9),
    "key of the code": ({"rolea": [{"roleCode": ROLE, "actionid": 2}]},
                        "has no rolecode, but 'roleCode'", 9),
    "key of the id": ({"rolea": [{"rolecode": ROLE, "action_id": 2}]},
                      "has no actionid, but 'action_id'", 9),
    "key of the URL": ({"actio": [{"id": 5, "Url": "/x"}]}, "has no url, but 'Url'", 9),
    "key of an action": ({"actio": [{"id": 1, "url": FOUR_URLS[0], "servicecode": ""}]},
                         "the key 'servicecode' is misspelt", 9),
    "id twice": ({"actio": [{"id": 1, "url": "/other"}]}, "action id 1 stands for /other, too", 9),
    "empty code": ({"rolea": [GRANT | {"rolecode": " "}]}, "the role code is empty", 9),
    "code of no kind": ({"rolea": [GRANT | {"rolecode": 7}]}, "the role code is empty", 9),
    "unknown code": ({"rolea": [GRANT | {"rolecode": "Bank"}]}, "has no role 'Bank'", 9),
    "null row": ({"rolea": [None]}, "is null, which is no row", 9),
    "text row": ({"actio": ["x"]}, 'is "x", which is no row', 9),
    "row of a role": ({"roles": [{"Code": "A"}]}, "has no code, but 'Code'", 7),
    "empty role": ({"roles": [{"code": ""}]}, "the code of the role is empty", 7),
    "file of another state": ({"header": {"tenantId": "yy"}}, "its tenantId is 'yy'", 0),
    "file of another module": ({"header": {"moduleName": "tenant"}}, "moduleName is 'tenant'", 0),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "flaw", "line"), FLAWED.values(), ids=list(FLAWED))
def test_flaw_is_named_with_its_line(
    tmp_path: Path, changes: dict[str, Any], flaw: str, line: int
) -> None:
    found = [each for each in flaws_of(written(tmp_path, **changes), ROLE, STATE) if flaw in each]
    assert found
    assert all(f".json, line {line}: " in each for each in found if line)


@pytest.mark.parametrize("number", [2.0, "2"])
def test_an_id_in_another_form_is_the_same(tmp_path: Path, number: Any) -> None:
    """As a spreadsheet writes it, and as a service reads it."""
    plain = written(tmp_path).rows("roleactions.json")
    (flaw,) = flaws_of(written(tmp_path, rolea=[GRANT | {"actionid": number}]), ROLE, STATE)
    assert flaw.endswith(f"the pair BANK-{number} stands already in line 6")
    other = written(tmp_path, rolea=[GRANT | {"rolecode": "CLERK", "actionid": number}])
    assert other.rows("roleactions.json") - plain == {"CLERK may 2": 1}


def test_rows_of_other_roles_are_theirs(tmp_path: Path) -> None:
    others = [{"rolecode": "CLERK", "actionid": 99, "whatever": 1, "tenantId": "yy"}] * 2
    assert flaws_of(written(tmp_path, rolea=others), ROLE, STATE) == []


def test_the_first_row_of_an_id_counts(tmp_path: Path) -> None:
    masters = written(tmp_path, actio=[{"id": 1, "url": "/other"}])
    assert masters.url_of(1) == FOUR_URLS[0]
    assert masters.ids_of("/other") == []


@pytest.mark.parametrize("file", PLACES)
def test_a_broken_file_leaves_the_flaws_of_the_others(tmp_path: Path, file: str) -> None:
    with pytest.raises(Inconclusive, match=rf"{file}, line 2, column \d+: not JSON"):
        flaws_of(written(tmp_path, file, '{"a": 1\n"b": 2}'), ROLE, STATE)
    changes = {"roles": [None], "rolea": [None]}
    assert flaws_of(written(tmp_path, file, "{", **changes), ROLE, STATE)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["rolecode", "actionid", "id", "url", "code", "tenantId"])
            | st.text(max_size=8),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=60, derandomize=True, database=None)
@given(st.lists(VALUES, max_size=5), st.lists(VALUES, max_size=5), st.lists(VALUES, max_size=5))
def test_no_rows_break_anything(roles: list[Any], grants: list[Any], actions: list[Any]) -> None:
    rows = {"roles.json": roles, "roleactions.json": grants, "actions-test.json": actions}
    masters = Masters(lambda file: MasterRows(rows=rows[file], spot=lambda *_: Spot(row="x")))
    for file in PLACES:
        assert masters.rows(file).total() == len(rows[file])
    assert all(isinstance(each, str) for each in flaws_of(masters, ROLE, STATE))
    assert len(masters.urls_of(ROLE)) <= len(grants)
