"""What a certificate carries: all that its page was made from, so that it can be made again.

It is JSON, packed with zlib and written in base64: a page that stands alone proves itself.
"""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from conformance.core.errors import SetupError
from conformance.core.json_text import loaded
from conformance.results.model import Results
from conformance.results.reading import MALFORMED, results_from

MOST_BYTES: Final = 64 * 1024 * 1024  # of the JSON, unpacked
WIDTH: Final = 120  # characters of a line
PLACE: Final = re.compile(r'<template id="data">\n([A-Za-z0-9+/=\n]+)\n</template>')
CHANGED: Final = "it was changed after it was written, or this is no certificate of this suite"


class NothingCarried(SetupError):
    """A page carries no data, or data that cannot be read; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One exchange as a page shows it; all texts are bounded."""

    id: str
    summary: str
    status: str
    request: str
    response: str
    repeat: str
    violations: tuple[str, ...]


Evidence = Mapping[str, Sequence[Shown]]  # check -> what a page shows of its exchanges


def packed(results: Results, evidence: Evidence) -> str:
    """Return the data of a page as lines of base64."""
    shown = {check: [asdict(each) for each in those] for check, those in evidence.items()}
    text = json.dumps({"results": results.as_json(), "evidence": shown}, separators=(",", ":"))
    return _lines(zlib.compress(text.encode(), 9))


def data_of(page: str) -> str:
    """Return the lines of base64 that a page carries; NothingCarried if it has none."""
    found = PLACE.findall(page)
    if len(found) != 1:
        raise NothingCarried(f"it carries its data {len(found)} times instead of once; {CHANGED}")
    return str(found[0])


def unpacked(data: str) -> tuple[Results, dict[str, tuple[Shown, ...]]]:
    """Return results and evidence from the data of a page; NothingCarried if it cannot be read."""
    try:
        unpacker = zlib.decompressobj()
        content = base64.b64decode(data.replace("\n", ""), validate=True)
        text = unpacker.decompress(content, MOST_BYTES)
        if not unpacker.eof or unpacker.unused_data or _lines(content) != data:
            raise ValueError("it breaks off, or more was added")
        document = loaded(text)
        evidence = {
            str(check): tuple(_shown(each) for each in those)
            for check, those in document["evidence"].items()
        }
        return results_from(document["results"]), evidence
    except (*MALFORMED, zlib.error, binascii.Error) as problem:
        raise NothingCarried(f"its data cannot be read: {problem}; {CHANGED}") from None


def _lines(content: bytes) -> str:
    text = base64.b64encode(content).decode()
    return "\n".join(text[start : start + WIDTH] for start in range(0, len(text), WIDTH))


def _shown(row: Mapping[str, Any]) -> Shown:
    texts = {name: str(text) for name, text in row.items() if name != "violations"}
    return Shown(**texts, violations=tuple(str(each) for each in row["violations"]))
