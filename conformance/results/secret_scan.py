"""The last guard: searches every artefact of a run for its secrets, also in disguise."""

import base64
import gzip
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from io import BufferedReader
from pathlib import Path
from typing import Final
from urllib.parse import quote, quote_plus

from conformance.core.charsets import writable

CHUNK: Final = 1024 * 1024  # bytes that are searched at a time
CUT: Final = b"\0"
PIECE: Final = 6  # bytes of a secret that are looked up
STRIDE: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """A file in which a secret stands, and the form it stands in; never the secret itself."""

    path: Path
    form: str

    def __str__(self) -> str:
        return f"{self.path} ({self.form})"


def scan(folder: Path, secrets: Iterable[str]) -> list[Leak]:
    """Return every file below `folder` that holds a secret: as it is, encoded or compressed."""
    sought = [(form, text) for secret in secrets for form, text in _forms(secret)]
    longest = max((len(text) for _, text in sought), default=0)
    # Pieces of them, with how far into them they begin. Every STRIDE-th piece of a file is looked
    # up: so the time does not depend on how many tokens a long run has learnt.
    pieces: dict[bytes, list[tuple[int, str, bytes]]] = {}
    special = []
    for form, text in sought:
        if len(text) < PIECE + STRIDE - 1 or b"%" in text or text.isdigit():
            special.append((form, text))
        else:
            for offset in range(STRIDE):
                piece = text[offset : offset + PIECE]
                pieces.setdefault(piece, []).append((offset, form, text))
    leaks = []
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        found: set[str] = set()
        for window in _windows(path, longest + 2):  # with what stands around it
            lowered = window.lower()
            found |= {form for form, text in special if _stands(text, window, lowered)}
            found |= set(_looked_up(window, pieces))
        leaks += [Leak(path=path.relative_to(folder), form=form) for form in sorted(found)]
    return leaks


def _windows(path: Path, overlap: int) -> Iterator[bytes]:
    """Yield what a file holds, piece by piece; each begins with the end of the one before.

    A zero byte marks where something is cut off: nothing stands alone there.
    """
    before, window = b"", b""
    # A kill may have cut a compressed file short: what stands before the cut is searched.
    with _opened(path) as file, suppress(EOFError):
        while piece := file.read1(CHUNK):
            window += piece
            if len(window) >= CHUNK:
                yield before + window + CUT
                before, window = CUT, window[-overlap:]
    yield before + window


def _opened(path: Path) -> BufferedReader | gzip.GzipFile:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")


def _looked_up(
    content: bytes, pieces: Mapping[bytes, list[tuple[int, str, bytes]]]
) -> Iterator[str]:
    """Yield the form of each text that stands in the content."""
    places = range(0, len(content) - PIECE + 1, STRIDE)
    for at in [at for at in places if content[at : at + PIECE] in pieces]:
        for offset, form, text in pieces[content[at : at + PIECE]]:
            if at >= offset and content.startswith(text, at - offset):
                yield form


def _stands(text: bytes, content: bytes, lowered: bytes) -> bool:
    if b"%" in text:  # percent-encoding may be written in either case
        return text.lower() in lowered
    if not text.isdigit():
        return text in content
    # Some checksum or time holds a one-time password by chance; standing alone is no chance.
    return text in content and bool(_alone(text).search(content))


@cache
def _alone(digits: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"(?<![0-9A-Za-z\0])%b(?![0-9A-Za-z\0])" % digits)


def _forms(secret: str) -> list[tuple[str, bytes]]:
    secret = writable(secret)
    if not secret:
        return []
    raw, markup = secret.encode(), html.escape(secret)
    forms = {
        "plain": {raw},
        "base64": _base64_cores(raw),
        "percent-encoded": {quote(secret, safe="").encode(), quote_plus(secret).encode()} - {raw},
        "JSON-escaped": {_escaped(secret).encode(), _escaped(_escaped(secret)).encode()} - {raw},
        "HTML-escaped": {markup.encode(), _numbered(markup).encode()} - {raw},
    }
    return [(form, text) for form, texts in forms.items() for text in sorted(texts)]


def _escaped(text: str) -> str:
    """Return the text as JSON writes it; a body that is JSON stands in JSON once more."""
    return json.dumps(text)[1:-1]


def _numbered(markup: str) -> str:
    """Return the markup with quotes as templates write them."""
    return markup.replace("&quot;", "&#34;").replace("&#x27;", "&#39;")


def _base64_cores(raw: bytes) -> set[bytes]:
    """Return what the base64 of any text around the secret must contain, at each alignment."""
    cores = set()
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + raw)
        # The first and last characters depend on the neighbours; what lies between does not.
        start, end = (0, 2, 3)[offset], len(encoded) - (0, 3, 2)[(offset + len(raw)) % 3]
        core = encoded[start:end]
        if len(core) >= 6:
            cores |= {core, core.replace(b"+", b"-").replace(b"/", b"_")}
    return cores
