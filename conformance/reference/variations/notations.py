"""Variations of notation: the same documents, written otherwise."""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any, Final

from starlette.responses import Response

from conformance.reference.platform.documents import MARK, marked, read
from conformance.reference.platform.world import Call
from conformance.reference.variations.bodies import AMOUNTS, SAME, walked
from conformance.reference.variations.variation import Send, Variation

Document = dict[str, Any]
BARE: Final = re.compile(rf'"(?:\\ue000|{MARK})([-+.0-9E]+)(?:\\ue000|{MARK})"')


def rewritten(write: Callable[[Any], str]) -> Send:
    """Return what writes the documents of answers anew."""

    def send(_call: Call, response: Response) -> Response:
        json_type = response.headers.get("content-type", "").startswith("application/json")
        if not json_type or not response.body:
            return response
        response.body = write(read(bytes(response.body).decode())).encode()
        response.headers["Content-Length"] = str(len(response.body))
        return response

    return send


def dumped(document: Any, **options: Any) -> str:
    """Return JSON text in which decimals stand as they are."""
    return BARE.sub(r"\1", json.dumps(document, default=marked, **options))


def indented(document: Any) -> str:
    """Write with indents, and with empty lines around."""
    return f"\r\n{dumped(document, indent=2)}\r\n\r\n"


def with_solidus_escaped(document: Any) -> str:
    """Write with each solidus escaped, as some writers do."""
    return dumped(document).replace("/", "\\/")


def with_exponents(document: Any) -> str:
    """Write amounts with an exponent, as a BigDecimal without trailing zeros is."""
    return dumped(walked(document, exponential))


def exponential(node: Document) -> Document:
    """Write the amounts of an object with an exponent."""
    return {
        key: f"{MARK}{Decimal(value).normalize():E}{MARK}"
        if key in AMOUNTS and isinstance(value, int | Decimal) and not isinstance(value, bool)
        else value
        for key, value in node.items()
    }


NOTATIONS: Final = (
    Variation(
        name="json-indented",
        because="RFC 8259, 2: whitespace is insignificant.",
        send=rewritten(indented),
    ),
    Variation(
        name="json-in-utf-8",
        because="RFC 8259, 7: characters need not be escaped.",
        send=rewritten(partial(dumped, ensure_ascii=False)),
    ),
    Variation(
        name="solidus-escaped",
        because="RFC 8259, 7: a solidus may be escaped.",
        send=rewritten(with_solidus_escaped),
    ),
    Variation(name="amounts-with-exponent", because=SAME, send=rewritten(with_exponents)),
)
