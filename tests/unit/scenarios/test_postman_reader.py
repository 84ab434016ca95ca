"""Postman files of every format are read, with what their requests inherit."""

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.core.foreign_files import FileError
from conformance.scenarios.postman.reader import read_collection, read_environment
from tests.unit.scenarios.importing import imported, item

UPDATE = "/pg-service/transaction/v1/_update"


def written(folder: Path, document: Any, name: str = "collection.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_version_1_follows_its_lists(tmp_path: Path) -> None:
    request = {"method": "POST", "url": "{{host}}" + UPDATE, "headers": "Accept: a\n//X: off\n"}
    collection = {
        "name": "One",
        "order": ["r2", "r1"],
        "folders": [
            {"id": "f1", "name": "outer", "order": ["r3"], "folders_order": ["f2"]},
            {"id": "f2", "name": "inner", "order": []},
        ],
        "requests": [
            {**request, "id": "r1", "name": "first"},
            {**request, "id": "r2", "name": "second", "dataMode": "raw", "rawModeData": "{}"},
            {**request, "id": "r3", "name": "third", "tests": "tests['a'] = true;"},
            {**request, "id": "r4", "name": "fourth", "folder": "f2",
             "currentHelper": "bearerAuth", "helperAttributes": {"token": "{{t}}"}},
        ],
    }  # fmt: skip
    read = read_collection(written(tmp_path, collection))
    assert [each.place for each in read.requests] == [
        "outer / inner / fourth",
        "outer / third",
        "second",
        "first",
    ]
    fourth, third, second, _ = read.requests
    assert fourth.auth is not None
    assert (fourth.auth.type, fourth.auth.get("token")) == ("bearer", "{{t}}")
    assert third.scripts[0].source == "tests['a'] = true;"
    assert second.body.raw == "{}"
    assert [each.key for each in second.header if each.used] == ["Accept"]


def test_version_2_inherits(tmp_path: Path) -> None:
    event = {"listen": "test", "script": {"exec": ["a", "b"]}}
    auth = {"type": "apikey", "apikey": [{"key": "key", "value": "X-Key"}]}
    collection = {
        "info": {"name": "Two"},
        "auth": auth,
        "event": [event],
        "variable": [{"key": "a", "value": "1"}],
        "item": [
            {
                "name": "pg",
                "variable": [{"key": "b", "value": "2"}],
                "event": [{"listen": "prerequest", "script": "c"}],
                "item": [
                    {"name": "inherits", "request": {"url": UPDATE, "method": "post"}},
                    {"name": "own", "request": {"url": UPDATE, "auth": {"type": "noauth"}}},
                ],
            },
            {"name": "Page", "request": "https://example.org/page"},
        ],
    }
    inherits, own, page = read_collection(written(tmp_path, collection)).requests
    assert inherits.auth is not None
    assert inherits.auth.get("key") == "X-Key"
    assert own.auth is not None
    assert own.auth.type == "noauth"
    assert inherits.variables == {"a": "1", "b": "2"}
    assert [(each.listen, each.source) for each in inherits.scripts] == [
        ("test", "a\nb"),
        ("prerequest", "c"),
    ]
    assert (inherits.method, page.method) == ("POST", "GET")


def test_what_is_odd_is_left_out_and_said(tmp_path: Path) -> None:
    items = [None, 7, {"name": "empty"}, {"name": "off", "disabled": True, "request": UPDATE},
             {"name": "bad", "request": {"url": UPDATE, "body": {"raw": ["x"]}, "header": 9}},
             {"name": "folder", "item": None}]  # fmt: skip
    read = read_collection(written(tmp_path, {"collection": {"info": None, "item": items}}))
    assert read.name == "collection"
    assert [each.name for each in read.requests] == ["bad"]
    assert len(read.left_out) == 4


def test_deep_folders_are_read(tmp_path: Path) -> None:
    item: dict[str, Any] = {"name": "leaf", "request": UPDATE}
    for number in range(200):
        item = {"name": str(number), "item": [item]}
    read = read_collection(written(tmp_path, {"item": [item]}))
    assert len(read.requests[0].folders) == 200


@pytest.mark.parametrize(
    "content",
    [b"[]", b"{", b"{}", b'{"item": [],\n"item": []}', b"<html>",
     b'{"values": []}', b'{"item": ' + b"[" * 5000 + b"]" * 5000 + b"}"],
    ids=["a list", "broken off", "nothing", "a key twice", "a page", "an environment",
         "too deep"],
)  # fmt: skip
def test_what_is_no_collection(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "collection.json"
    path.write_bytes(content)
    with pytest.raises(FileError, match=r"collection\.json"):
        read_collection(path)


def test_environments(tmp_path: Path) -> None:
    values = [{"key": "a", "value": 1}, {"key": "b", "enabled": False, "value": "x"}]
    for document in ({"values": values}, values):
        found = read_environment(written(tmp_path, document, "environment.json"))
        assert {name: pair.value for name, pair in found.items()} == {"a": "1"}
    for other in ({"item": []}, {"a": 1}):
        with pytest.raises(FileError, match="no environment"):
            read_environment(written(tmp_path, other, "environment.json"))


def test_a_byte_order_mark_is_no_problem(tmp_path: Path) -> None:
    path = tmp_path / "collection.json"
    path.write_text(json.dumps({"item": [{"name": "a", "request": UPDATE}]}), encoding="utf-8-sig")
    assert len(read_collection(path).requests) == 1


def test_text_in_latin_1_is_read_and_said(tmp_path: Path) -> None:
    path = tmp_path / "collection.json"
    path.write_bytes(b'{"item": [{"name": "caf\xe9", "request": "http://h/x"}]}')
    read = read_collection(path)
    assert read.requests[0].name == "caf\ufffd"
    assert read.mended == (1,)


def test_parts_that_a_request_of_v1_keeps_apart(tmp_path: Path) -> None:
    request = {
        "id": "a", "name": "A", "method": "POST", "url": "{{h}}/x/:p",
        "queryParams": [
            {"key": "q", "value": "1", "enabled": True},
            {"key": "off", "value": "2", "enabled": False},
        ],
        "pathVariableData": [{"key": "p", "value": "5"}],
        "dataMode": "graphql", "graphqlModeData": {"query": "{a}"},
    }  # fmt: skip
    found, done = imported(tmp_path, {"name": "C", "order": ["a"], "requests": [request]})
    step = found["c"]["steps"][0]
    assert step["request"]["path"] == "/x/5"
    assert step["query"] == {"q": "1"}
    assert step["body"] == {"query": "{a}"}
    assert "the parameter off is disabled" in done.output


def test_an_item_that_is_neither_request_nor_folder_is_said(tmp_path: Path) -> None:
    items = [item("A", "{{h}}/x"), {"name": "B", "item": {"name": "C"}}]
    assert (
        "left out: B: it has no request"
        in imported(tmp_path, {"info": {"name": "C"}, "item": items})[1].output
    )


def test_a_dump_of_all_data(tmp_path: Path) -> None:
    done = imported(tmp_path, {"version": 1, "collections": [], "environments": []})[1]
    assert done.exit_code != 0
    assert "export each collection by itself" in done.output
