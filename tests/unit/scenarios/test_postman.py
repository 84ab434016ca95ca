"""Postman files of every format are read; the catalogue is written as one."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from conformance.cli.main import main
from conformance.core.foreign_files import FileError
from conformance.scenarios.catalogue import load
from conformance.scenarios.postman import read_collection

UPSTREAM = Path(__file__).parents[3].parent / "shared" / "digit" / "upstream" / "postman"
UPDATE = "/pg-service/transaction/v1/_update"
V1 = {
    "name": "One",
    "requests": [
        {"name": "Update", "method": "POST", "url": "{{host}}" + UPDATE + "?transactionId={{id}}",
         "headers": "Accept: a\nX: b", "rawModeData": '{"RequestInfo": {}, "a": 1}'},
    ],
}  # fmt: skip
LOGIN = {
    "mode": "urlencoded",
    "urlencoded": [
        {"key": "username", "value": "u"},
        {"key": "off", "value": "1", "disabled": True},
    ],
}
V2 = {
    "info": {"name": "Two"},
    "variable": [{"key": "id", "value": "T-{{number}}"}, {"key": "number", "value": "7"}],
    "item": [
        {
            "name": "pg",
            "item": [
                {
                    "name": "Update",
                    "event": [{"listen": "test"}],
                    "request": {
                        "method": "POST",
                        "url": {"raw": "{{host}}" + UPDATE + "?transactionId={{id}}"},
                        "body": {"raw": "{}"},
                    },
                },
                {
                    "name": "Login",
                    "request": {
                        "method": "POST",
                        "url": "{{host}}/user/oauth/token",
                        "body": LOGIN,
                    },
                },
                {"name": "Page", "request": "https://example.org/page"},
            ],
        },
    ],
}


def written(folder: Path, document: Any, name: str = "collection.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_version_1(tmp_path: Path) -> None:
    environment = {"values": [{"key": "id", "value": "T1"}, {"key": "host", "value": "http://h"}]}
    collection = read_collection(
        written(tmp_path, V1), written(tmp_path, environment, "environment.json")
    )
    (request,) = collection.requests
    assert (request.path, request.query) == (UPDATE, {"transactionId": "T1"})
    assert request.headers == {"Accept": "a", "X": "b"}


def test_version_2(tmp_path: Path) -> None:
    collection = read_collection(written(tmp_path, V2))
    update, login, page = collection.requests
    assert update.query == {"transactionId": "T-7"}
    assert update.folders == ("pg",)
    assert login.form == {"username": "u"}
    assert page.method == "GET"
    assert collection.scripts == 1


def test_gaps_are_left_out(tmp_path: Path) -> None:
    update = {
        "name": "Update",
        "request": {"url": "{{host}}" + UPDATE + "?a={{a}}&b={{b}}&c={{c}}"},
    }
    broken = {"name": "Broken", "request": "http://[::1/x"}
    variables = [
        {"id": "a", "value": 1},
        {"key": "b", "value": None},
        {"key": "c", "value": "x", "disabled": True},
    ]
    items = [None, {"name": "folder", "item": None}, {"request": None}, broken, update]
    response = {"collection": {"info": None, "variable": variables, "item": items}}
    collection = read_collection(written(tmp_path, response))
    assert collection.name == "collection"
    assert [each.path for each in collection.requests] == ["", UPDATE]
    assert collection.requests[1].query == {"a": "1", "b": "", "c": "{{c}}"}


def test_mistake_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "collection.json"
    path.write_text('{"item": [\n {"request": {"url": "a"}},\n 7\n]}', encoding="utf-8")
    with pytest.raises(FileError, match=r"line 3: item\.1: 7 is not a mapping"):
        read_collection(path)


@pytest.mark.parametrize(
    "text",
    ["[]", "{", "{}", '{"item": [],\n"item": []}'],
    ids=["a list", "no JSON", "no collection", "a key twice"],
)
def test_what_is_no_collection_is_reported(tmp_path: Path, text: str) -> None:
    path = tmp_path / "collection.json"
    path.write_text(text, encoding="utf-8")
    done = CliRunner().invoke(main, ["scenarios", "import", str(path)])
    assert done.exit_code == 2
    assert str(path) in done.output
    with pytest.raises(FileError):
        read_collection(path)


def test_import_makes_a_skeleton_and_tells_what_it_leaves_out(tmp_path: Path) -> None:
    out = tmp_path / "skeleton.yaml"
    done = CliRunner().invoke(
        main, ["scenarios", "import", str(written(tmp_path, V2)), "-o", str(out)]
    )
    assert done.exit_code == 0, done.output
    steps = yaml.safe_load(out.read_text(encoding="utf-8"))["steps"]
    assert [step["call"] for step in steps] == ["transaction.update", "token.create"]
    assert "left out: 'Page': no operation has the path /page" in done.output
    assert "left out: the form of 'Login' with username" in done.output
    assert "scripts of 1 request" in done.output


def test_names_have_no_power_over_the_terminal(tmp_path: Path) -> None:
    page = {"name": "Red \x1b[31m\x07", "request": "{{host}}/page"}
    path = written(tmp_path, {"item": [page, *V2["item"]]})
    done = CliRunner().invoke(main, ["scenarios", "import", str(path)])
    assert done.exit_code == 0
    assert "\x1b" not in done.output
    assert "\x07" not in done.output


def test_query_in_one_text_is_read(tmp_path: Path) -> None:
    url = {"path": ["pg-service", "transaction", "v1", "_update"], "query": "a=1&b="}
    items = [{"name": "Update", "request": {"url": url}}]
    (request,) = read_collection(written(tmp_path, {"item": items})).requests
    assert request.query == {"a": "1", "b": ""}


def test_collection_without_any_step_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, {"item": [{"name": "Page", "request": "{{host}}/page"}]})
    done = CliRunner().invoke(main, ["scenarios", "import", str(path)])
    assert done.exit_code == 2
    assert "no request of it becomes a step" in done.output


def test_body_that_is_no_object_is_reported(tmp_path: Path) -> None:
    request = {"url": "{{host}}" + UPDATE, "body": {"raw": "[1]"}}
    done = CliRunner().invoke(
        main,
        [
            "scenarios",
            "import",
            str(written(tmp_path, {"item": [{"name": "U", "request": request}]})),
        ],
    )
    assert "left out: the body of 'U', which is no JSON object" in done.output


def test_export_is_read_back(tmp_path: Path) -> None:
    out = tmp_path / "export.json"
    done = CliRunner().invoke(main, ["scenarios", "export", "-o", str(out)])
    assert done.exit_code == 0, done.output
    assert "{{base_url}}" in out.read_text(encoding="utf-8")
    again = CliRunner().invoke(main, ["scenarios", "import", str(out)])
    steps = yaml.safe_load(again.stdout)["steps"]
    shipped = [step for scenario in load() for step in scenario.steps]
    assert [(each["call"], each.get("path", {})) for each in steps] == [
        (step.call, dict(step.path)) for step in shipped
    ]


def test_the_shipped_scenario_stems_from_the_published_collections() -> None:
    if not UPSTREAM.is_dir():
        pytest.skip("the published collections are not next to this checkout")
    found = [read_collection(path) for path in UPSTREAM.glob("*collection.json")]
    names = {each.name: {request.name for request in each.requests} for each in found}
    for scenario in load():
        for source in scenario.derived_from:
            assert set(source.requests) <= names[source.collection]


def test_list_tells_name_and_requirements() -> None:
    done = CliRunner().invoke(main, ["scenarios", "list"])
    assert done.exit_code == 0
    assert "online-bill-payment" in done.output
