"""`mdms plan`: the diff is minimal and applies, what it adds makes the data clean, once."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from conformance.core.errors import SetupError
from conformance.mdms.checkout import Checkout
from conformance.mdms.lint import Expectations, lint
from conformance.mdms.masters import FOUR_URLS, MASTERS
from conformance.mdms.plan import planned, unified
from tests.unit.mdms.clean import CLEAN, ROLE, STATE, TODAY, action, changed, grant, written

UPSTREAM = Path(__file__).parents[4] / "shared/digit/upstream/mdms"
NEW = "NEW_ROLE"
FILES = ("roles.json", "actions-test.json", "roleactions.json")


def plan(folder: Path, role: str = NEW, *urls: str) -> dict[str, Any]:
    """What is planned: file -> the rows that it gets."""
    changes = planned(Checkout(folder), role, urls or FOUR_URLS)
    return {change.path.name: list(change.rows) for change in changes}


def apply(folder: Path, role: str = NEW, *urls: str) -> None:
    for change in planned(Checkout(folder), role, urls or FOUR_URLS):
        change.path.write_bytes(change.after.encode())


def rules(folder: Path, role: str) -> set[str]:
    meant = Expectations(role=role, day=TODAY)
    return {each.rule.id for each in lint(Checkout(folder), meant)}


def test_what_is_planned_makes_the_data_clean_and_is_planned_once(tmp_path: Path) -> None:
    written(tmp_path)
    assert rules(tmp_path, NEW) == {"bbps-role-missing"}
    rows = plan(tmp_path)
    assert [each["code"] for each in rows.pop("roles.json")] == [NEW]
    assert rows == {"roleactions.json": [grant(NEW, number) for number in range(1, 5)]}
    apply(tmp_path)
    assert rules(tmp_path, NEW) == set()
    assert plan(tmp_path) == {}


def test_what_is_there_is_not_planned(tmp_path: Path) -> None:
    assert plan(written(tmp_path), ROLE) == {}
    written(tmp_path, changed(lambda rows: rows["roleactions.json"].pop(1)))
    assert plan(tmp_path, ROLE) == {"roleactions.json": [grant(ROLE, 2)]}


def test_an_action_that_is_missing_gets_an_id_that_no_grant_names(tmp_path: Path) -> None:
    def change(rows: dict[str, list[Any]]) -> None:
        rows["actions-test.json"].pop(0)
        rows["roleactions.json"].append(grant("CLERK", 77))  # of no action: 6 would do, 77 not

    written(tmp_path, changed(change))
    rows = plan(tmp_path)
    (made,) = rows["actions-test.json"]
    assert (made["id"], made["url"]) == (78, FOUR_URLS[0])
    assert rows["roleactions.json"][0] == grant(NEW, 78)
    apply(tmp_path)
    assert "grant-unknown-action" in rules(tmp_path, NEW)  # that of before; it still grants nothing
    assert plan(tmp_path) == {}


def test_an_id_counts_for_its_first_url_only(tmp_path: Path) -> None:
    def change(rows: dict[str, list[Any]]) -> None:
        rows["actions-test.json"].insert(0, action(1, "/other"))

    written(tmp_path, changed(change))
    (made,) = plan(tmp_path)["actions-test.json"]
    assert (made["id"], made["url"]) == (6, FOUR_URLS[0])


def test_other_urls_can_be_planned(tmp_path: Path) -> None:
    rows = plan(written(tmp_path), "CLERK", "/egov-hrms/employees/_search", "/x/_get", "/x/_get")
    assert [each["url"] for each in rows["actions-test.json"]] == ["/x/_get"]
    assert rows["roleactions.json"] == [grant("CLERK", 6)]


def test_broken_files_are_refused_with_their_line(tmp_path: Path) -> None:
    written(tmp_path)
    (path,) = tmp_path.rglob("roleactions.json")
    path.write_text('{"a": 1,\n}')
    with pytest.raises(SetupError, match=r"roleactions.json, line 2, column \d+: not JSON"):
        plan(tmp_path)
    path.unlink()
    with pytest.raises(SetupError, match="cannot be read"):
        plan(tmp_path)
    path.write_text('{"roleactions": []}', encoding="utf-16")
    with pytest.raises(SetupError, match="is not written in UTF-8"):
        plan(tmp_path)


# -- as a diff ----------------------------------------------------------------------------------

PLAIN = {file: CLEAN[file] for file in FILES}


def texts(**options: Any) -> dict[str, str]:
    """The files of clean data, as json.dumps writes them."""
    return {
        file: json.dumps({"tenantId": STATE, "moduleName": MASTERS[file][0],
                          MASTERS[file][1]: PLAIN[file]}, **options)
        for file in FILES
    }  # fmt: skip


def empty(file: str, text: str) -> str:
    """A file in which no row is left."""
    return json.dumps(json.loads(text) | {MASTERS[file][1]: []}, indent=2)


INDENTED = texts(indent=2)
STYLES = {
    "indented": {file: f"{text}\n" for file, text in INDENTED.items()},
    "no end of the last line": INDENTED,
    "tabs": {file: f"{text}\n" for file, text in texts(indent="\t").items()},
    "one line": texts(),
    "small": texts(separators=(",", ":")),
    "Windows": {file: text.replace("\n", "\r\n") for file, text in INDENTED.items()},
    "byte order mark": {file: f"\ufeff{text}\n" for file, text in INDENTED.items()},
    "no rows": {file: empty(file, text) for file, text in INDENTED.items()},
    "other ends of lines": {
        file: f"{text}\n".replace('"n"', '"a\u2028b\x85"') for file, text in INDENTED.items()
    },
}


def lay(folder: Path, files: dict[str, str]) -> Path:
    for file, text in files.items():
        path = folder / "data" / STATE / MASTERS[file][0] / file
        path.parent.mkdir(parents=True)
        path.write_bytes(text.encode())
    return folder


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not here")
@pytest.mark.parametrize("style", STYLES)
def test_git_applies_the_diff(tmp_path: Path, style: str) -> None:
    folder, other = lay(tmp_path / "a b", STYLES[style]), lay(tmp_path / "other", STYLES[style])
    checkout = Checkout(folder)
    changes = planned(checkout, NEW, [*FOUR_URLS, "/new/_get"])
    diff = "".join(unified(each, each.path.relative_to(folder).as_posix()) for each in changes)
    done = subprocess.run(
        ["git", "apply", "-p1", "-"], cwd=other, input=diff.encode(), capture_output=True,
        check=False, env=os.environ | {"GIT_CEILING_DIRECTORIES": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for change in changes:
        change.path.write_bytes(change.after.encode())
    for file in FILES:
        path = Path("data") / STATE / MASTERS[file][0] / file
        assert (other / path).read_bytes() == (folder / path).read_bytes()
    assert planned(Checkout(other), NEW, [*FOUR_URLS, "/new/_get"]) == []


def test_the_diff_shows_the_new_rows_only(tmp_path: Path) -> None:
    (_, grants) = planned(Checkout(lay(tmp_path, STYLES["indented"])), NEW, FOUR_URLS[:1])
    assert unified(grants, "roleactions.json") == (
        "--- a/roleactions.json\n+++ b/roleactions.json\n@@ -31,6 +31,12 @@\n"
        '       "actionid": 5,\n       "actioncode": "",\n       "tenantId": "zz"\n'
        '+    },\n+    {\n+      "rolecode": "NEW_ROLE",\n+      "actionid": 1,\n'
        '+      "actioncode": "",\n+      "tenantId": "zz"\n'
        "     }\n   ]\n }\n"
    )


@pytest.mark.skipif(not UPSTREAM.is_dir(), reason="the data of Punjab is not here")
def test_punjab_needs_a_role_and_its_four_grants() -> None:
    role, grants = planned(Checkout(UPSTREAM), "BBPS_USER", FOUR_URLS)
    assert [each["actionid"] for each in grants.rows] == [1862, 1571, 1572, 1863]
    assert {each["tenantId"] for each in grants.rows} == {"pb"}
    for change, lines in ((role, 5), (grants, 24)):
        shown = unified(change, "x").splitlines()
        assert len([line for line in shown[3:] if line.startswith("+")]) == lines
        assert not [line for line in shown[2:] if line.startswith("-")]
