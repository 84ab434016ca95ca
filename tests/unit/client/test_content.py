"""Content codings are undone, or it is said why they cannot be."""

import gzip
import zlib

import pytest

from conformance.client import content
from conformance.client.content import Undecodable, decoded

BODY = b'{"Payments": []}' * 50


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("sent", "codings"),
    [
        (BODY, ""),
        (BODY, "identity"),
        (gzip.compress(BODY, mtime=0), "gzip"),
        (gzip.compress(BODY, mtime=0), " X-GZip "),
        (gzip.compress(BODY[:99], mtime=0) + gzip.compress(BODY[99:], mtime=0), "gzip"),
        (gzip.compress(BODY, mtime=0) + b"\0\0\0", "gzip"),
        (zlib.compress(BODY), "deflate"),
        (raw_deflate(BODY), "deflate"),
        (gzip.compress(zlib.compress(BODY), mtime=0), "deflate, gzip"),
        (gzip.compress(BODY, mtime=0), "identity,gzip"),
    ],
)
def test_a_coding_is_undone(sent: bytes, codings: str) -> None:
    assert decoded(sent, codings) == BODY


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
def test_nothing_is_nothing_in_every_coding(coding: str) -> None:
    assert decoded(b"", coding) == b""


@pytest.mark.parametrize(
    ("sent", "codings", "reason"),
    [
        (BODY, "gzip", "not what Content-Encoding gzip says"),
        (BODY, "deflate", "not what Content-Encoding deflate says"),
        (gzip.compress(BODY, mtime=0), "gzip, gzip", "not what Content-Encoding gzip says"),
        (gzip.compress(BODY, mtime=0)[:-9], "gzip", "breaks off"),
        (gzip.compress(BODY, mtime=0)[:3], "gzip", "breaks off"),
        (
            gzip.compress(BODY, mtime=0)[:-4] + b"abcd",
            "gzip",
            "not what Content-Encoding gzip says",
        ),
        (BODY, "br", "Content-Encoding br was not requested"),
        (BODY, "zstd, gzip", "not what Content-Encoding gzip says"),
    ],
)
def test_what_cannot_be_undone_has_its_reason(sent: bytes, codings: str, reason: str) -> None:
    with pytest.raises(Undecodable, match=reason):
        decoded(sent, codings)


@pytest.mark.parametrize("parts", [1, 9])
def test_a_small_body_may_not_grow_without_end(parts: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "MOST_BYTES", 100_000)
    bomb = gzip.compress(b"\0" * (900_000 // parts)) * parts
    with pytest.raises(Undecodable, match="larger than"):
        decoded(bomb, "gzip")
