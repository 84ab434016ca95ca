"""What a body holds once its content codings (RFC 9110, 8.4) are undone."""

import re
import zlib
from typing import Final

ACCEPTED: Final = "gzip, deflate"
MOST_BYTES: Final = 64 * 1024 * 1024
TOO_LARGE: Final = f"the answer is larger than {MOST_BYTES // 1024**2} MB"
_WRAPPED: Final = 16 + zlib.MAX_WBITS
GZIP: Final = b"\x1f\x8b"


class Undecodable(Exception):
    """A body is not what its Content-Encoding says; the text is the reason."""


def decoded(content: bytes, codings: str) -> bytes:
    """Return a body as it was before the codings were applied; Undecodable."""
    for coding in reversed(re.split(r"[\s,]+", codings.strip().lower())):
        if not content or coding in {"", "identity"}:
            continue
        try:
            content = _undone(content, coding)
        except zlib.error:
            raise Undecodable(f"it is not what Content-Encoding {coding} says") from None
    return content


def _undone(content: bytes, coding: str) -> bytes:
    match coding:
        case "gzip" | "x-gzip":
            return _members(content)
        case "deflate":
            try:
                return _unpacked(content, zlib.MAX_WBITS)[0]
            except zlib.error:  # many servers leave out what surrounds the data
                return _unpacked(content, -zlib.MAX_WBITS)[0]
        case _:
            raise Undecodable(f"Content-Encoding {coding[:40]} was not requested")


def _members(content: bytes) -> bytes:
    """Return what all members of a gzip file hold; what follows them is padding."""
    whole, rest = _unpacked(content, _WRAPPED)
    while rest.startswith(GZIP):
        more, rest = _unpacked(rest, _WRAPPED)
        whole += more
        if len(whole) > MOST_BYTES:
            raise Undecodable(TOO_LARGE)
    return whole


def _unpacked(content: bytes, window: int) -> tuple[bytes, bytes]:
    unpacker = zlib.decompressobj(wbits=window)
    whole = unpacker.decompress(content, MOST_BYTES)
    if unpacker.unconsumed_tail:
        raise Undecodable(TOO_LARGE)
    whole += unpacker.flush()
    if not unpacker.eof:
        raise Undecodable("it breaks off before its compressed data ends")
    return whole, unpacker.unused_data
