"""Master data in a checkout: a file that cannot be read hides no other."""

from pathlib import Path

import pytest

from conformance.core.verdicts import Inconclusive
from conformance.mdms.checkout import checked_out

FILES = {
    "ACCESSCONTROL-ROLES/roles.json": '{"roles": [{"code": "A"}]}',
    "ACCESSCONTROL-ROLEACTIONS/roleactions.json": '{"roleactions": []}',
    "ACCESSCONTROL-ACTIONS-TEST/actions-test.json": '{"actions-test": [{"id": 1, "url": "/x"}]}',
}
ROLE_ACTIONS = "ACCESSCONTROL-ROLEACTIONS/roleactions.json"


def checkout(folder: Path, **changed: bytes) -> Path:
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True)
        path.write_bytes(changed.get(path.stem, text.encode()))
    return folder


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    masters = checked_out(checkout(tmp_path, roles=b'\xef\xbb\xbf{"roles": [{"code": "B"}]}'))
    assert masters.rows("roles.json") == {"B": 1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b'{"roleactions": [\n{"a": 1},\n{"a": 2,}]}', r"line 3, column \d: not JSON"),
        (b'{"roleactions": [\n{"a": 1,\n"a": 2}]}', "line 3: the key 'a' is given twice"),
        (b'{"roleactions": {}}', "line 1: roleactions: is not a list"),
        (b'{"roles": []}', "line 1: roleactions: is not a list"),
        (b"[]", "holds a list where a mapping"),
    ],
)
def test_a_broken_file_hides_no_other(tmp_path: Path, text: bytes, message: str) -> None:
    masters = checked_out(checkout(tmp_path, roleactions=text))
    assert masters.url_of(1) == "/x"
    assert masters.rows("roles.json") == {"A": 1}
    with pytest.raises(Inconclusive, match=message) as problem:
        masters.rows_of("A")
    assert str(tmp_path / ROLE_ACTIONS) in str(problem.value)
