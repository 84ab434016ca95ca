"""Variations of the line: headers, encodings, versions of HTTP, other methods."""

import gzip
import zlib
from collections.abc import AsyncIterator, Callable
from typing import Final

from starlette.responses import Response, StreamingResponse

from conformance.reference.platform.world import Call, Reply
from conformance.reference.variations.variation import Variation

CHUNK: Final = 700  # bytes


def coded(
    call: Call, response: Response, coding: str, compress: Callable[[bytes], bytes]
) -> Response:
    """Compress an answer for a client that takes a coding, unless it is compressed already."""
    wanted = coding in call.headers.get("accept-encoding", "")
    if wanted and response.body and "Content-Encoding" not in response.headers:
        response.body = compress(bytes(response.body))
        response.headers["Content-Encoding"] = coding
        response.headers["Content-Length"] = str(len(response.body))
    return response


def compressed(call: Call, response: Response) -> Response:
    """Compress an answer for a client that takes gzip."""
    return coded(call, response, "gzip", gzip.compress)


def deflated(call: Call, response: Response) -> Response:
    """Compress an answer for a client that takes deflate."""
    return coded(call, response, "deflate", zlib.compress)


def in_capitals(_call: Call, response: Response) -> Response:
    """Write the names of headers in capitals."""
    response.raw_headers = [(name.upper(), value) for name, value in response.raw_headers]
    return response


def in_chunks(_call: Call, response: Response) -> Response:
    """Send an answer in chunks, without its length."""
    content = bytes(response.body)

    async def parts() -> AsyncIterator[bytes]:
        for start in range(0, len(content), CHUNK):
            yield content[start : start + CHUNK]

    headers = {key: value for key, value in response.headers.items() if key != "content-length"}
    return StreamingResponse(parts(), status_code=response.status_code, headers=headers)


def with_charset(_call: Call, response: Response) -> Response:
    """State the charset of JSON."""
    if response.headers.get("content-type") == "application/json":
        response.headers["Content-Type"] = "Application/JSON; charset=UTF-8"
    return response


def undated(_call: Call, response: Response) -> Response:
    """Leave the date out."""
    del response.headers["Date"]
    return response


def with_headers(_call: Call, response: Response) -> Response:
    """Add headers and cookies as proxies and gateways do."""
    response.set_cookie("JSESSIONID", "5E1F", httponly=True)
    response.set_cookie("route", "3")
    for name, value in FURTHER.items():
        response.headers[name] = value
    return response


FURTHER: Final = {
    "Server": "nginx",
    "Vary": "Origin, Accept-Encoding",
    "X-Frame-Options": "DENY",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Application-Context": "collection-services:9000",
    "Access-Control-Allow-Origin": "*",
}


def closing(_call: Call, response: Response) -> Response:
    """Close the connection after each answer."""
    response.headers["Connection"] = "close"
    return response


def options_answered(call: Call, reply: Reply) -> Reply:
    """Answer OPTIONS as a server that knows which methods a path takes."""
    if call.method != "OPTIONS":
        return reply
    return Reply(status=204, headers={"Allow": "POST, OPTIONS"})


def head_answered(call: Call, reply: Reply) -> Reply:
    """Refuse HEAD without a body."""
    return Reply(status=405, headers={"Allow": "POST"}) if call.method == "HEAD" else reply


WIRE: Final = (
    Variation(
        name="gzip", because="RFC 9110, 8.4.1: a coding that the client takes.", send=compressed
    ),
    Variation(
        name="deflate", because="RFC 9110, 8.4.1: a coding that the client takes.", send=deflated
    ),
    Variation(
        name="header-names-in-capitals",
        because="RFC 9110, 5.1: names of fields are case-insensitive.",
        send=in_capitals,
    ),
    Variation(name="chunked", because="RFC 9112, 7.1: chunked transfer coding.", send=in_chunks),
    Variation(
        name="http-1.0",
        because="RFC 9110, 2.5: a server may answer with a lower version.",
        protocol="1.0",
        send=closing,
    ),
    Variation(
        name="charset-stated",
        because="RFC 9110, 8.3.1: parameters, and any case of letters.",
        send=with_charset,
    ),
    Variation(
        name="undated",
        because="RFC 9110, 6.6.1: a server without a clock sends no Date.",
        send=undated,
    ),
    Variation(
        name="further-headers",
        because="RFC 9110, 5.1: unknown fields are ignored; cookies bind nobody.",
        send=with_headers,
    ),
    Variation(
        name="connection-closed",
        because="RFC 9112, 9.6: a server may close after an answer.",
        send=closing,
    ),
    Variation(
        name="options-answered",
        because="RFC 9110, 9.3.7: OPTIONS describes a path and does nothing.",
        edit=options_answered,
    ),
    Variation(
        name="head-refused",
        because="RFC 9110, 15.5.6: 405 for a method that a path does not take.",
        edit=head_answered,
    ),
)
