"""Exchanges as one HTTP archive, for browsers and other tools that read HAR.

A run leaves the evidence of what did not pass; all its exchanges are `write_har(folder, exchanges)`
away, with `exchanges_of(run)`.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlsplit

import harfile

from conformance import __version__
from conformance.core.exchange import Exchange
from conformance.core.verdicts import Verdict
from conformance.results.exchange_store import Evidence
from conformance.results.model import Results

FILE: Final = "exchanges.har"
HTTP: Final = "HTTP/1.1"
UNREMARKABLE: Final = (Verdict.PASSED, Verdict.NOT_APPLICABLE)


def write_har(folder: Path, exchanges: Iterable[Exchange], comment: str | None = None) -> Path:
    """Write some exchanges as exchanges.har; bodies are as redacted as the exchanges are.

    `comment` is what a reader must know of all of them.
    """
    path = folder / FILE
    creator = harfile.Creator(name="digit-bbps-conformance", version=__version__, comment=comment)
    with (
        path.open("w", encoding="utf-8", errors="backslashreplace") as file,
        harfile.HarFile(file, creator=creator) as archive,
    ):
        for each in exchanges:
            archive.add_entry(
                startedDateTime=each.started_at,
                time=each.milliseconds,
                request=_request(each),
                response=_response(each),
                timings=harfile.Timings(send=0, wait=each.milliseconds, receive=0),
                comment=f"{each.id} {each.operation} as {each.actor}, check {each.check}",
            )
    return path


def cited(results: Results, exchanges: Evidence) -> Iterator[Exchange]:
    """Yield the evidence of the checks that neither passed nor were left out, each once."""
    rows = results.rows(*(each for each in Verdict if each not in UNREMARKABLE))
    for id_ in dict.fromkeys(id_ for row in rows for id_ in row.exchanges):
        exchange = exchanges.get(id_)
        if exchange is not None:
            yield exchange


def _request(exchange: Exchange) -> harfile.Request:
    query = parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True)
    body = exchange.request_body
    posted = harfile.PostData(mimeType=_type(exchange.request_headers), text=body)
    return harfile.Request(
        method=exchange.method,
        url=exchange.url,
        httpVersion=HTTP,
        headers=_records(exchange.request_headers),
        queryString=[harfile.Record(name=name, value=value) for name, value in query],
        postData=posted if body else None,
        bodySize=len(body.encode()),
    )


def _response(exchange: Exchange) -> harfile.Response:
    body = exchange.response_body
    size = len(body.encode())
    return harfile.Response(
        status=exchange.status or 0,
        statusText=exchange.failure,
        httpVersion=HTTP,
        headers=_records(exchange.response_headers),
        content=harfile.Content(mimeType=_type(exchange.response_headers), size=size, text=body),
        redirectURL="",
        headersSize=-1,
        bodySize=size,
    )


def _records(headers: Mapping[str, str]) -> list[harfile.Record]:
    return [harfile.Record(name=name, value=value) for name, value in headers.items()]


def _type(headers: Mapping[str, str]) -> str:
    lowered = {name.lower(): value for name, value in headers.items()}
    return lowered.get("content-type", "")
