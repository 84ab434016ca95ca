"""The last guard: searches every artefact of a run for its secrets, also in disguise."""

import base64
import gzip
import html
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Final
from urllib.parse import quote, quote_plus

from ahocorasick_rs import BytesAhoCorasick

from conformance.core.charsets import writable

CHUNK: Final = 1024 * 1024  # bytes that are searched at a time
CUT: Final = b"\0"
_CLINGING: Final = re.compile(rb"[0-9A-Za-z\0]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """A file in which a secret stands, and the form it stands in; never the secret itself."""

    path: Path
    form: str

    def __str__(self) -> str:
        return f"{self.path} ({self.form})"


def scan(folder: Path, secrets: Iterable[str]) -> list[Leak]:
    """Return every file below `folder` that holds a secret: as it is, encoded or compressed."""
    sought = {text: form for secret in secrets for form, text in _forms(secret)}
    if not sought:
        return []
    # Percent-encoding may be written in either case.
    exact = _Texts([each for each in sought if b"%" not in each])
    encoded = _Texts([each for each in sought if b"%" in each], in_any_case=True)
    overlap = max(map(len, sought)) + 2  # with what stands around it
    leaks = []
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        found: set[bytes] = set()
        for window in _windows(path, overlap):
            found |= {*exact.standing_in(window), *encoded.standing_in(window)}
        forms = sorted({sought[text] for text in found})
        leaks += [Leak(path=path.relative_to(folder), form=form) for form in forms]
    return leaks


class _Texts:
    """Texts that are all looked for at once: the time does not depend on how many they are."""

    def __init__(self, texts: list[bytes], *, in_any_case: bool = False) -> None:
        self._texts = texts
        self._in_any_case = in_any_case
        self._finder = BytesAhoCorasick([each.lower() if in_any_case else each for each in texts])

    def standing_in(self, content: bytes) -> Iterator[bytes]:
        """Yield each text that stands in the content."""
        searched = content.lower() if self._in_any_case else content
        for number, start, end in self._finder.find_matches_as_indexes(searched, overlapping=True):
            text = self._texts[number]
            # Some checksum or time holds a one-time password by chance; alone is no chance.
            if not text.isdigit() or _alone(content, start, end):
                yield text


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


def _alone(content: bytes, start: int, end: int) -> bool:
    """Whether no letter, digit or cut is next to a text."""
    around = content[max(start - 1, 0) : start] + content[end : end + 1]
    return not _CLINGING.search(around)


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
