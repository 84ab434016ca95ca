"""A QR code as SVG markup, for the page."""

import segno
from markupsafe import Markup


def qr_code(text: str) -> Markup:
    """Return the QR code of a text as one `svg` element, dark on light, with its quiet zone."""
    code = segno.make_qr(text, error="m")
    return Markup(code.svg_inline(border=4, omitsize=True, dark="#000", light="#fff"))  # noqa: S704
