"""Bytes from outside as text: what the bytes themselves show comes before what is declared.

JSON is UTF-8 (RFC 8259), and a `charset` of it means nothing; but where the bytes are no UTF-8,
whoever declared another one was right.
"""

import codecs
import re
from json import detect_encoding
from typing import Final

UTF_8: Final = "utf-8"
REPLACEMENT: Final = "\ufffd"
_NO_TEXT: Final = re.compile("[\ud800-\udfff]+")
_ESCAPE: Final = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)


def encoding_of(content: bytes) -> str:
    """Return the Unicode encoding that the first bytes show: by a byte order mark, or by zeros."""
    if content[:1] > b"\x7f" or b"\0" in content[:4]:
        return detect_encoding(content)
    return UTF_8


def text_of(content: bytes, declared: str = "") -> tuple[str, str]:
    """Return the text without a byte order mark, and why it is no text, if so.

    Bytes that are no text are then shown as \\xHH, so that nothing is lost.
    """
    try:
        return content.decode(encoding_of(content)), ""
    except UnicodeDecodeError as problem:
        with_declared = _decoded(content, declared)
        if with_declared is not None:
            return with_declared, ""
        reason = f"byte {problem.start + 1} is not text in {problem.encoding.upper()}"
        return content.decode(UTF_8, "backslashreplace"), reason


def mended(content: bytes) -> tuple[str, tuple[int, ...]]:
    """Return JSON as a text without any half of a character, and the lines that were mended.

    Bytes that are no text, and escapes of a half, become U+FFFD.
    """
    encoding = encoding_of(content)
    lines: list[int] = []
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        if encoding.startswith(UTF_8):
            text = content.decode(encoding, "surrogateescape")
            lines += (_line(text, found.start()) for found in _NO_TEXT.finditer(text))
            text = _NO_TEXT.sub(REPLACEMENT, text)
        else:
            text = content.decode(encoding, "replace")
            lines.append(_line(text, text.find(REPLACEMENT)))
    halves = [found for found in _ESCAPE.finditer(text) if found["half"]]
    if halves:
        lines += (_line(text, found.start()) for found in halves)
        text = _ESCAPE.sub(lambda found: REPLACEMENT if found["half"] else found[0], text)
    return text, tuple(sorted(set(lines)))


def whole(text: str) -> str:
    """Return a text that YAML takes: half of a character becomes U+FFFD."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def writable(text: str) -> str:
    """Return a text that every file takes: half of a character becomes its escape, \\uHHHH."""
    if text.isascii():
        return text
    return text.encode(UTF_8, "backslashreplace").decode()


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def _decoded(content: bytes, charset: str) -> str | None:
    try:
        known = codecs.lookup(charset.strip("\"' "))
        if not getattr(known, "_is_text_encoding", True):  # such as hex, or zip
            return None
        return content.decode(known.name).removeprefix("\ufeff")
    except (LookupError, ValueError):
        return None
