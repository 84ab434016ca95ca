"""The last guard: searches every artefact of a run for its secrets, also in disguise."""

import base64
import html
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """A file in which a secret stands, and the form it stands in; never the secret itself."""

    path: Path
    form: str

    def __str__(self) -> str:
        return f"{self.path} ({self.form})"


def scan(folder: Path, secrets: Iterable[str]) -> list[Leak]:
    """Return every file below `folder` that holds a secret: as it is, or encoded."""
    sought = [(form, text) for secret in secrets for form, text in _forms(secret)]
    leaks = []
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        content = path.read_bytes()
        lowered = content.lower()
        for form in sorted({form for form, text in sought if _stands(text, content, lowered)}):
            leaks.append(Leak(path=path.relative_to(folder), form=form))
    return leaks


def _stands(text: bytes, content: bytes, lowered: bytes) -> bool:
    if b"%" in text:  # percent-encoding may be written in either case
        return text.lower() in lowered
    if not text.isdigit():
        return text in content
    # Some checksum or time holds a one-time password by chance; standing alone is no chance.
    return re.search(rb"(?<![0-9A-Za-z])%b(?![0-9A-Za-z])" % text, content) is not None


def _forms(secret: str) -> list[tuple[str, bytes]]:
    if not secret:
        return []
    raw, markup = secret.encode(), html.escape(secret)
    forms = {
        "plain": {raw},
        "base64": _base64_cores(raw),
        "percent-encoded": {quote(secret, safe="").encode(), quote_plus(secret).encode()} - {raw},
        "JSON-escaped": {json.dumps(secret)[1:-1].encode()} - {raw},
        "HTML-escaped": {markup.encode(), _numbered(markup).encode()} - {raw},
    }
    return [(form, text) for form, texts in forms.items() for text in sorted(texts)]


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
