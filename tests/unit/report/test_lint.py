"""What `mdms lint` prints: text, JSON, SARIF 2.1.0, annotations of GitHub Actions."""

import json
from pathlib import Path

import pytest

from conformance.mdms.masters import Spot
from conformance.mdms.rules import RULES, Flaw, flaw
from conformance.report.lint import FORMS, as_annotations, as_json, as_sarif, as_text

LEVELS = {"error", "warning", "note", "none"}  # of SARIF


@pytest.fixture
def flaws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Flaw]:
    """Two flaws in a folder below the current one, and one elsewhere without a line."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "a b" / "roles.json"
    return [
        flaw("role-twice", "A stands already\nin 100%\x1b", Spot(path, 7)),
        flaw("grant-twice", "so does: that, too", Spot(path, 9)),
        flaw("action-unused", "nobody has it", Spot(tmp_path.parent / "x.json")),
    ]


def test_text_has_place_level_rule_and_remedy(flaws: list[Flaw]) -> None:
    lines = as_text(flaws, 4).splitlines()
    path = flaws[0].spot.path
    assert f"{path}:9: warning grant-twice: so does: that, too" in lines
    assert f"error       1 x {'role-twice':<24} {RULES['role-twice'].title}; leave one row" in lines
    assert (
        lines[-1] == "1 error, 1 warning, 1 note found. 4 less grave ones not shown: see --level."
    )
    assert "\x1b" not in as_text(flaws, 0)
    assert as_text([], 0) == "Nothing found.\n"


def test_json_has_everything_of_a_flaw(flaws: list[Flaw]) -> None:
    document = json.loads(as_json(flaws, 4))
    assert document["counts"] == {"error": 1, "warning": 1, "note": 1}
    assert document["hidden"] == 4
    first, _, last = document["flaws"]
    assert first == {
        "rule": "role-twice", "level": "error", "file": str(flaws[0].spot.path), "line": 7,
        "message": flaws[0].message, "title": RULES["role-twice"].title, "remedy": "leave one row",
    }  # fmt: skip
    assert last["line"] == 0


def test_sarif_has_the_form_of_2_1_0(flaws: list[Flaw]) -> None:
    log = json.loads(as_sarif(flaws, 0))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert run["tool"]["driver"]["name"]
    assert [rule["id"] for rule in rules] == list(RULES)
    for rule in rules:
        assert rule["shortDescription"]["text"]
        assert rule["help"]["text"]
        assert rule["defaultConfiguration"]["level"] in LEVELS
    for result, each in zip(run["results"], flaws, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == each.rule.id
        assert result["level"] in LEVELS
        assert result["message"]["text"].startswith(each.message)
    places = [result["locations"][0]["physicalLocation"] for result in run["results"]]
    assert places[0] == {
        "artifactLocation": {"uri": "a%20b/roles.json"}, "region": {"startLine": 7},
    }  # fmt: skip
    assert places[2]["artifactLocation"]["uri"].startswith("file:///")
    assert "region" not in places[2]


def test_annotations_are_one_line_each_and_escaped(flaws: list[Flaw]) -> None:
    first, second, third, last = as_annotations(flaws, 0).splitlines()
    assert first == (
        "::error file=a b/roles.json,title=role-twice,line=7::"
        "A stands already%0Ain 100%25\\u001b; leave one row"
    )
    assert second.startswith("::warning ")
    assert third.startswith("::notice ")
    assert "line=" not in third
    assert last == "1 error, 1 warning, 1 note found."


def test_properties_of_annotations_hide_no_comma(tmp_path: Path) -> None:
    text = as_annotations([flaw("role-twice", "m", Spot(tmp_path / "a,b:c.json", 1))], 0)
    assert "a%2Cb%3Ac.json,title=" in text


@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_a_document_too(form: str) -> None:
    assert FORMS[form]([], 0).endswith("\n")
