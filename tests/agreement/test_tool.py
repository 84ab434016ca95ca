"""The command: what it reads, how it compares, how it ends."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.agreement.__main__ import main
from tests.agreement.comparison import compared
from tests.agreement.recording import Answer, BadRecording, recorded
from tests.agreement.scenes import scene_of

EXCHANGE: dict[str, Any] = {
    "method": "POST",
    "path": "/pg-service/gateway/v1/_search",
    "actor": "anonymous",
    "check": "set-up",
    "request": {"RequestInfo": {"ts": 1_795_889_911_660}, "tenantId": "pb.amritsar"},
    "status": 401,
    "response": {
        "ResponseInfo": None,
        "Errors": [
            {
                "code": "CustomException",
                "message": "You are not authorized to access this resource",
                "description": "You are not authorized to access this resource",
                "params": None,
            }
        ],
    },
    "deployment": "digit-2.8",
}
STRANGER: dict[str, Any] = EXCHANGE | {
    "actor": "stranger",
    "request": {"RequestInfo": {"ts": 1_795_889_911_660, "authToken": "***"}},
}
FETCHED: dict[str, Any] = {
    "path": "/billing-service/bill/v2/_fetchbill?consumerCode=CONF-a8ac182632-0003",
    "status": 201,
}


def nested(depth: int) -> Any:
    """A request of its time that is nested too deeply to be sent again."""
    value: Any = 1
    for _ in range(depth):
        value = {"a": value}
    return EXCHANGE["request"] | {"a": value}


def written(folder: Path, *lines: Any) -> Path:
    path = folder / "recorded.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(texts), encoding="utf-8")
    return path


def test_agreement_ends_with_0(tmp_path: Path) -> None:
    ended = CliRunner().invoke(main, [str(written(tmp_path, EXCHANGE))])
    assert ended.exit_code == 0, ended.output
    assert "POST /pg-service/gateway/v1/_search" in ended.output
    assert "100.0%" in ended.output
    assert "digit-2.8: compared with lineage digit-2.8" in ended.output


def test_disagreement_without_a_reason_ends_with_1(tmp_path: Path) -> None:
    ended = CliRunner().invoke(main, [str(written(tmp_path, EXCHANGE | {"status": 418}))])
    assert ended.exit_code == 1, ended.output
    assert "418 CustomException | ref 401 CustomException" in ended.output
    assert "NO REASON LISTED" in ended.output


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "is empty"),
        (["{"], "line 1 is no JSON"),
        ([EXCHANGE, "7"], "line 2 is no object"),
        ([{"method": "POST"}], "line 1 lacks path, actor"),
        ([EXCHANGE | {"request": None}], "says when it was sent"),
        ([EXCHANGE, EXCHANGE | {"status": "200"}], "line 2: status is no number"),
        ([EXCHANGE | {"path": 7}], "line 1: path is no text"),
        ([EXCHANGE | {"path": "http://example.org/a"}], "line 1: path does not begin with /"),
        ([EXCHANGE | {"method": "G ET"}], "line 1: method"),
        ([STRANGER], "line 1 cannot be replayed: ValueError: there is no actor"),
        ([EXCHANGE | {"request": {"RequestInfo": {"ts": 10**17}}}], "says when it was sent"),
        ([EXCHANGE | {"request": {"RequestInfo": {"ts": 10**40}}}], "says when it was sent"),
        ([EXCHANGE | {"status": 400, "response": {"Errors": 5}}], "line 1: Errors"),
        ([EXCHANGE | FETCHED | {"response": {"Bill": [{}]}}], "line 1 cannot be replayed"),
        ([EXCHANGE | {"request": nested(900)}], "line 1 cannot be replayed"),
    ],
)
def test_bad_file_ends_with_2(tmp_path: Path, lines: list[Any], said: str) -> None:
    ended = CliRunner().invoke(main, [str(written(tmp_path, *lines))])
    assert ended.exit_code == 2, ended.output
    assert said in ended.output


def test_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadRecording, match="cannot be read"):
        recorded(tmp_path / "nowhere.jsonl")


def refused(*codes: str) -> dict[str, Any]:
    return {"Errors": [{"code": code} for code in codes]}


@pytest.mark.parametrize(
    ("real", "reference", "words"),
    [
        ({"a": 1}, {"a": 2.5}, None),
        ({"a": None}, {"a": "text"}, None),  # which field has a value is data
        ({"a": []}, {"a": [{"b": 1}]}, None),
        ({"a": None}, {"a": {"b": 1}}, None),
        ({"a": 1}, {"a": "1"}, "type $.a: real ['number'] ref ['string']"),
        ({"a": 1}, {"a": 1, "b": 2}, "only ref $.b"),
        ({"a": [{"b": 1}, {"c": 1}]}, {"a": [{"c": 1, "b": 1}]}, None),
        ({"a": [{"b": 1}, "... 3 more"]}, {"a": [{"b": 1, "c": 1}]}, None),
        ({"a": [{"b": 1}]}, {"a": [{"b": 1, "c": 1}]}, "only ref $.a[].c"),
        ('{"a": 1, "b": [{"c": "x', {"a": 1, "b": [{"c": "y"}], "d": 1}, None),
        ('{"a": 1, "b": [{"c": "x', {"b": []}, "only real $.a"),
        (refused("A", "B"), refused("B", "A"), None),
        (refused("A"), refused("A", "B"), "400 A | ref 400 A,B"),
        ({"Errors": [{"code": "A"}, "... 1 more"]}, refused("A", "B"), None),
        ({"Errors": [{"code": "A"}, "... 1 more"]}, refused("C", "B"), "400 A,... 1 more | ref"),
        (None, {}, "400 <empty> | ref 400"),
        ("<html>", {}, "400 <no JSON> | ref 400"),
        ({"error": "invalid_grant"}, {"error": "invalid_request"}, "invalid_grant | ref"),
    ],
)
def test_comparison(real: Any, reference: Any, words: str | None) -> None:
    found = compared(Answer(status=400, body=real), Answer(status=400, body=reference))
    if words is None:
        assert found is None
    else:
        assert found is not None
        assert words in found.words


@pytest.mark.parametrize(
    ("path", "status", "answer", "state"),
    [
        ("/pg-service/transaction/v1/_create", 400, refused("TXN_ABRUPTLY_DISCARDED"), "pending"),
        ("/pg-service/transaction/v1/_create", 200, {}, "bill"),
        ("/pg-service/transaction/v1/_create", 403, refused("CustomException"), "nothing"),
        ("/collection-services/payments/_create", 400, refused("BILL_ALREADY_PAID"),
         "paid at the counter"),
        ("/billing-service/demand/_create", 201, {}, "nothing"),
    ],
)  # fmt: skip
def test_scene_follows_from_the_answer(
    tmp_path: Path, path: str, status: int, answer: Any, state: str
) -> None:
    bill = "0f7f021f-3ce8-4d6d-935c-9bfd318c72dc"
    request = {"billId": bill, "consumerCode": "CONF-a8ac182632-0003"}
    line = EXCHANGE | {"path": path, "status": status, "response": answer, "request": request}
    (exchange,) = recorded(written(tmp_path, line))
    assert scene_of(exchange).state == state
