"""Documents as the money services keep them: JSON text in which amounts keep their paise."""

import json
import re
from decimal import Decimal
from typing import Any, Final

_DECODER: Final = json.JSONDecoder(parse_float=Decimal)
MARK: Final = "\ue000"
MARKED: Final = re.compile(r'"\\ue000(-?\d+(?:\.\d+)?)\\ue000"', re.ASCII)


def written(document: Any) -> str:
    """Return JSON text; decimals are written as they are, without binary rounding."""
    text = json.dumps(document, separators=(",", ":"), default=marked)
    return MARKED.sub(r"\1", text)


def marked(value: Any) -> str:
    """Mark a decimal so that its digits can stand bare in the text."""
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} does not belong in a document")
    return f"{MARK}{value:f}{MARK}"


def read(text: str) -> Any:
    """Return the document of a text; fractions become decimals."""
    return _DECODER.decode(text)
