"""Which line of DIGIT a deployment is of, by signs that any client sees; nothing is changed."""

from typing import Final

from conformance.client.client import ANONYMOUS, Client
from conformance.client.response import Response
from conformance.core.verdicts import Inconclusive

# Signs of each line: kind of gateway, form of errors, malformed JSON, nothing due at fetchBill.
SIGNATURES: Final = {
    "strict": ("zuul", "four keys", "refused", "empty list"),
    "digit-2.8": ("zuul", "four keys", "500", "empty list"),
    "digit-lts": ("spring", "four keys", "500", "empty list"),
    "mseva": ("zuul", "four keys", "500", "no body"),
}
SIGNS: Final = ("gateway", "errors of MDMS", "malformed JSON", "fetchBill with nothing due")


def detected(client: Client, gateway: str, nothing_due: Response | None) -> str:
    """Return the line that a deployment resembles, and the signs of it, in one sentence."""
    seen = (gateway, _errors(client), _malformed(client), _nothing_due(nothing_due))
    signs = ", ".join(
        f"{sign} {value or 'not seen'}" for sign, value in zip(SIGNS, seen, strict=True)
    )
    return f"{_nearest(seen)}: {signs}"


def _nearest(seen: tuple[str, ...]) -> str:
    """Return the lines whose known signs fit best; a fork where none fits in all of them."""
    known = [index for index, value in enumerate(seen) if value]
    hits = {
        name: sum(signs[index] == seen[index] for index in known)
        for name, signs in SIGNATURES.items()
    }
    best = max(hits.values())
    names = " or ".join(name for name, count in hits.items() if count == best)
    if not known:
        return "no line of DIGIT that is known here"
    return names if best == len(known) else f"a fork, nearest to {names}"


def _errors(client: Client) -> str:
    """Return the form of an error by a master search that names no master."""
    try:
        response = client.call("mdms.search", as_=ANONYMOUS, body={}, unobserved=True)
        item = response.body["Errors"][0]
    except (Inconclusive, KeyError, IndexError, TypeError):
        return ""
    return "six keys" if "parentId" in item else "four keys"


def _malformed(client: Client) -> str:
    """Return what becomes of a body that is not JSON, where no token is required."""
    try:
        response = client.call(
            "mdms.search", as_=ANONYMOUS, raw=b"{", tolerant=True, unobserved=True
        )
    except Inconclusive:
        return ""
    return "500" if response.status == 500 else "refused" if 400 <= response.status < 500 else ""


def _nothing_due(response: Response | None) -> str:
    if response is None:
        return ""
    if not response.succeeded:
        return "refused"
    return "no body" if response.body is None else "empty list"
