"""Whatever a deployment answers, a call ends in a response or undecided, and all is kept."""

import gzip
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.bbps.models import (
    bills_in,
    payment_in,
    payments_in,
    transaction_in,
    transactions_in,
)
from conformance.checks.leaks import internal_addresses
from conformance.client.client import Client
from conformance.client.response import REDIRECTS
from conformance.client.transport import RawResponse
from conformance.contracts import Contracts
from conformance.core.curl import curl
from conformance.core.exchange import Exchange
from conformance.core.ledger import Ledger
from conformance.core.redaction import BODY_LIMIT, Redactor
from conformance.core.verdicts import Inconclusive
from conformance.profile.target import Target
from conformance.report.har import write_har
from conformance.results.exchange_store import ExchangeStore
from tests.unit.foreign.documents import any_bytes, changed, written

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")
AUDIT = {"createdBy": "a", "createdTime": 1, "lastModifiedBy": "b", "lastModifiedTime": 2}
BILL = {"id": "1", "tenantId": "pb.a", "businessService": "PT", "consumerCode": "c",
        "totalAmount": 1.5, "billDetails": [{"expiryDate": 5}], "status": "ACTIVE"}  # fmt: skip
PAYMENT = {"id": "1", "paymentMode": "CASH", "totalAmountPaid": 1, "transactionNumber": "t",
           "paymentStatus": "NEW", "instrumentStatus": "APPROVED", "transactionDate": 7,
           "paymentDetails": [{"receiptNumber": "r", "receiptDate": 8, "billId": "1"}]}  # fmt: skip
TRANSACTION = {"txnId": "1", "txnStatus": "PENDING", "txnAmount": "1", "billId": "1",
               "auditDetails": AUDIT}  # fmt: skip
FOUND = {"Bill": [BILL], "Payments": [PAYMENT], "Transaction": [TRANSACTION]}
REFUSAL = {"ResponseInfo": None, "Errors": [{"code": "X", "message": "no", "id": "y"}]}
SECRET = "S3cret-of-this-run"
HEADERS = st.dictionaries(
    st.sampled_from(["content-type", "date", "retry-after", "location", "set-cookie", "x-note"]),
    st.one_of(
        st.sampled_from(["application/json", "application/json;charset=utf-16", "text/html", "-1",
                         "a; charset=hex", "Sun Nov  6 08:49:37 1994", "0", "1.5", "/\ud83d"]),
        st.text(max_size=9),
    ),
)  # fmt: skip


class Answering:
    """A client whose every call brings one answer, and what it recorded."""

    def __init__(self) -> None:
        self.recorded: list[Exchange] = []
        actors = {"integrator": {"username": "a", "password": SECRET, "type": "SYSTEM"}}
        target = Target.model_validate(
            {"name": "x", "base_url": "http://x", "tenant": "pb.a", "state_tenant": "pb",
             "actors": actors, "limits": {"retries": 0}}
        )  # fmt: skip
        ledger = Ledger(Path(os.devnull), Decimal(0))
        contracts = Contracts.load()
        self.client = Client(target, contracts, Redactor(), self.recorded.append, ledger=ledger)

    def bring(self, raw_response: RawResponse) -> Any:
        """Call with an answer; return the response, None where it decides nothing."""
        self.recorded.clear()
        self.client.sessions.put("integrator", "a-token")  # a 401 before this one ended the former
        self.client._transport.send = lambda _: raw_response  # type: ignore[method-assign]
        with suppress(Inconclusive):
            return self.client.call("transaction.search", query={"txnId": "1"}, tolerant=True)
        return None


@pytest.fixture(scope="module")
def answering() -> Iterator[Answering]:
    answering = Answering()
    yield answering
    answering.client.close()


@settings(max_examples=250, suppress_health_check=[*HealthCheck], database=None, derandomize=True)
@given(
    status=st.sampled_from([200, 201, 204, 301, 400, 401, 403, 404, 500, 503]),
    headers=HEADERS,
    content=st.one_of(any_bytes(), written(st.one_of(changed(FOUND), changed(REFUSAL)))),
)
def test_any_answer(
    answering: Answering,
    tmp_path_factory: pytest.TempPathFactory,
    status: int,
    headers: dict[str, str],
    content: bytes,
) -> None:
    answer = RawResponse(status=status, headers=headers, content=content, seconds=0)
    response = answering.bring(answer)
    if response is not None:
        assert response.kind
        assert response.description
        assert not (response.succeeded and response.status in REDIRECTS)
        for read in (bills_in, payments_in, transactions_in, transaction_in, payment_in):
            with suppress(Inconclusive):
                read(response)
    for exchange in answering.recorded:
        assert SECRET not in exchange.response_body
        assert len(exchange.response_body) < BODY_LIMIT + 200
        assert json.loads(json.dumps(exchange.as_json(), ensure_ascii=False).encode())
        assert curl(exchange).encode()
        ExchangeStore().add(exchange)
        path = write_har(tmp_path_factory.getbasetemp(), [exchange])
        assert json.loads(path.read_bytes())["log"]["entries"]


@pytest.mark.parametrize("megabytes", [20])
@pytest.mark.parametrize("text", ["x", '\\"', "\u0905", "[", '{"a":'])
def test_many_megabytes(answering: Answering, megabytes: int, text: str) -> None:
    content = f'{{"Transaction": "{text * (megabytes * 2**20 // len(text.encode()))}'.encode()
    for sent in (content, content + b'"}', gzip.compress(content, 1)):
        answering.bring(RawResponse(status=200, headers={}, content=sent, seconds=0))
        (exchange,) = answering.recorded
        assert len(exchange.response_body) < BODY_LIMIT + 200


@pytest.mark.parametrize("text", ["x", "<", "a:", "a://", "token=", '"token":', "***", "\\"])
def test_long_texts_are_gone_through_once(answering: Answering, text: str) -> None:
    """A pattern that begins anew at each character would not end within the hour."""
    content = f'{{"Errors": [{{"message": "{text * 500_000}"}}]}}'.encode()
    response = answering.bring(RawResponse(status=400, headers={}, content=content, seconds=0))
    assert response is None or response.description
    named = set(internal_addresses(content.decode(), base_url="http://x", sent=""))
    assert named == ({"a:"} if "://" in text else set())
    (exchange,) = answering.recorded
    assert curl(replace(exchange, request_body=exchange.response_body))
