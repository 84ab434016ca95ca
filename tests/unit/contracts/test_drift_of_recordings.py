"""Drift in what real deployments answered: no erratum is followed in neither of its forms."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from conformance.contracts import Contracts
from conformance.contracts.drift import Drift
from conformance.contracts.endpoints import ENDPOINTS

RECORDED = Path(__file__).parents[4] / "shared/digit/recorded"
UNOBSERVED = "contract_generated::"
# Keeping changed it: a text stands for the rest of a long answer, and 100.00 was written 100.0.
ALTERED = {"collection-08", "collection-25", "collection-60", "billing-05"}


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recordings are not at hand")
@pytest.mark.parametrize("line", ["digit-2.8", "mseva", "lts"])
def test_no_real_answer_shows_neither_form(effective: Contracts, line: str) -> None:
    drift = Drift(effective)
    for number, each in enumerate(exchanges(RECORDED / f"{line}.jsonl")):
        operation = operation_at(urlsplit(each["path"]).path)
        if operation and not each["check"].startswith(UNOBSERVED):
            query = parse_qs(urlsplit(each["path"]).query)
            drift.see(
                operation,
                status=each["status"],
                media_type=(each["content_type"] or "").partition(";")[0],
                query={name: values[0] for name, values in query.items()},
                request_body=each["request"],
                response_body=each["response"],
                exchange_id=f"{number:04d}",
            )
    forms = {each["id"]: each["form"] for each in drift.forms() if each["id"] not in ALTERED}
    assert "corrected" in forms.values()
    assert [id_ for id_, form in forms.items() if form == "neither"] == []


def exchanges(file: Path) -> Iterator[Any]:
    for line in file.read_text(encoding="utf-8").strip().split("\n"):
        yield json.loads(line, parse_float=Decimal)


def operation_at(path: str) -> str:
    for each in ENDPOINTS.values():
        if re.fullmatch(re.sub(r"\{\w+\}", r"[^/]+", each.path), path):
            return each.name
    return ""
