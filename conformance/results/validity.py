"""What stands for a run elsewhere: the checksum of its results, and its last day. No I/O.

Deployments change: a certificate that has no end would speak of a deployment that is no more.
"""

import hashlib
import json
from datetime import date, timedelta
from typing import Final

from conformance.results.model import Results
from conformance.results.waivers import WaiverState

VALID_DAYS: Final = 180


def text_of(results: Results) -> str:
    """Return the text of results.json."""
    return json.dumps(results.as_json(), indent=1, ensure_ascii=False)


def bytes_of(results: Results) -> bytes:
    """Return what results.json holds, as `sha256sum` sees it."""
    return text_of(results).encode("utf-8", "backslashreplace")


def digest_of(results: Results) -> str:
    """Return the SHA-256 of results.json, in hexadecimal digits."""
    return hashlib.sha256(bytes_of(results)).hexdigest()


def valid_until(results: Results) -> date | None:
    """Return the last day on which a run proves anything; None for one that has not ended.

    That is VALID_DAYS after its end, or earlier the last day of a waiver that is in use.
    """
    if not results.finished:
        return None
    ends = [date.fromisoformat(results.finished[:10]) + timedelta(days=VALID_DAYS)]
    used = (row for row in results.waivers if row.state is WaiverState.IN_USE)
    return min(ends + [date.fromisoformat(row.expiry) for row in used])
