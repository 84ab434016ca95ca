"""Addresses and bodies of Postman requests, as people write them and as old versions keep them."""

from typing import Any

import pytest

from conformance.scenarios.postman.address import address, operation_at
from conformance.scenarios.postman.body import document
from conformance.scenarios.postman.format import Url

TEMPLATES = {
    "search": "/payments/_search",
    "module": "/payments/{module}/_search",
    "create": "/payments/_create",
}


def read(url: Any) -> Any:
    return address(Url.model_validate(url if isinstance(url, dict) else {"raw": url}), str)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("http://city.example/payments/_create", "/payments/_create"),
        ("city.example:8080/payments/_create", "/payments/_create"),
        ("localhost/payments/_create", "/payments/_create"),
        ("[::1]:8080/payments/_create", "/payments/_create"),
        ("{{scheme}}://{{host}}:{{port}}/payments/_create", "/payments/_create"),
        ("{{host}}{{prefix}}//payments/_create/", "/payments/_create"),
        ("payments/_create", "/payments/_create"),
        ("/payments/_create", "/payments/_create"),
        ("{{host}}/payments/:service/_search", "/payments/{{service}}/_search"),
        ("{{host}}/a%20b", "/a b"),
        ("{{host}}", "/"),
        ("http://[::1/payments/_create", ""),
        ("", ""),
    ],
)
def test_path_of_a_text(text: str, path: str) -> None:
    assert read(text).path == path
    assert read(f"{text}?a=1&b=#part").path == path


@pytest.mark.parametrize(
    ("parts", "path"),
    [
        (["payments", "_create"], "/payments/_create"),
        (["", "payments", "_create"], "/payments/_create"),
        ([{"type": "string", "value": "payments"}, None, "_create"], "/payments/_create"),
        ("payments/_create", "/payments/_create"),
        (["payments", ":module", "_search"], "/payments/PT/_search"),
    ],
)
def test_path_in_parts_comes_before_the_text(parts: Any, path: str) -> None:
    variable = [{"key": "module", "value": "PT"}]
    url = {"raw": "http://old.example/stale", "path": parts, "variable": variable}
    assert read(url).path == path


def test_query_in_parts_comes_before_the_text() -> None:
    query = [
        {"key": "off", "value": "1", "disabled": True}, {"key": "empty", "value": None},
        {"key": None, "value": "x"}, {"key": "new", "value": "2"},
    ]  # fmt: skip
    assert read({"raw": "{{h}}/a?off=1&old=1", "query": query}).query == {"empty": "", "new": "2"}
    assert read({"raw": "{{h}}/a?old=1", "path": ["a"]}).query == {"old": "1"}
    assert read({"raw": "{{h}}/a?old=1", "path": ["a"], "query": []}).query == {}
    assert read("{{h}}/a?b=&c=1#d=2").query == {"b": "", "c": "1"}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/payments/_search", ("search", {})),
        ("/payments/PT/_search", ("module", {"module": "PT"})),
        ("/egov/v2/payments/_create", ("create", {})),
        ("/payments", None),
        ("/payments/PT/_create", None),
        ("", None),
    ],
)
def test_operation_of_a_path(path: str, found: Any) -> None:
    assert operation_at(path, TEMPLATES) == found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        ('{"a": "// no /* comment */"} // one', {"a": "// no /* comment */"}),
        (r'{"a": "\" // b"} // c', {"a": '" // b'}),
        ('{\n // one\n "a": /* two\n lines */ 1}', {"a": 1}),
        ('{"a": {{amount}}, "b": "{{name}}"}', {"a": "{{amount}}", "b": "{{name}}"}),
        ("[1]", [1]),
        ("<a/>", None),
        ('{"a": ', None),
    ],
)  # fmt: skip
def test_body_as_people_write_it(text: str, value: Any) -> None:
    assert document(text) == value
