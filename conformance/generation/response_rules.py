"""How one generated request was answered, requirement by requirement.

Whether the request was valid is what the client's validator said of what was really sent. A
refusal of a valid request is no failure: the contract does not decide whom a service serves.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from conformance.client.response import Response
from conformance.core.exchange import SchemaViolation

ACCESS: Final = frozenset({401, 403})  # who may call was decided; the request itself was not read


def failures_of(response: Response) -> Iterator[tuple[str, str, str]]:
    """Yield requirement, cause and detail for each way in which an answer breaks a rule.

    The cause is the same text for the same mistake; the detail adds what came.
    """
    exchange = response.exchange
    broken = response.status >= 500 and not response.no_session  # a page was recorded as a failure
    if exchange.request_conforms:
        if exchange.failure:
            return  # a page of something in front of the service
        if broken:
            yield "CON-02", *_cause(response, f"HTTP {response.status}")
        else:
            for violation in _failures(exchange.violations, "response"):
                place = f" at {_anywhere(violation)}" if violation.pointer else ""
                cause = f"HTTP {response.status}{place}: expected {violation.expected}"
                yield "CON-01", cause, f", got {violation.got}"
        return
    if response.succeeded:
        violated = _failures(exchange.violations, "request")
        grave = [each for each in violated if not read_leniently(each)]
        if grave:
            cause = (
                f"accepted with a mistake at {_anywhere(grave[0])}: expected {grave[0].expected}"
            )
            yield "CON-03", cause, f", got {grave[0].got}"
    elif response.status not in ACCESS and not _refused_as_documented(response):
        kind = "an answer that is not in the error form" if not broken else "a breakdown"
        yield "CON-07", *_cause(response, f"{kind}, HTTP {response.status}")


def _cause(response: Response, cause: str) -> tuple[str, str]:
    """A cause that ends in the status, and what else the answer holds."""
    return cause, response.description.removeprefix(f"HTTP {response.status}")


def read_leniently(violation: SchemaViolation) -> bool:
    """Whether the platform's JSON reader takes what was sent for what was meant.

    Jackson, as DIGIT configures it, takes a number or a truth value for a text, a text that is a
    number for the number, a number for a truth value, null for an absent field, and any JSON for
    additionalDetails, which are kept and not read.
    """
    try:
        got = json.loads(violation.got)
    except ValueError:
        return False
    if got is None or violation.pointer.endswith("/additionalDetails"):
        return True
    wanted = violation.expected.removesuffix(" or null")
    if wanted == "a text":
        return isinstance(got, bool | int | float)
    if wanted in {"a number", "a whole number"}:
        return isinstance(got, int | float) or _is_number(got)
    if wanted == "true or false":
        return isinstance(got, int) or got in ("true", "false", "0", "1")
    return False


def _is_number(got: Any) -> bool:
    try:
        return isinstance(got, str) and bool(float(got) or True)
    except ValueError:
        return False


def _refused_as_documented(response: Response) -> bool:
    """Whether an answer is a refusal, in the error form or in the one its contract documents."""
    documented = response.body is not None and not _failures(
        response.exchange.violations, "response"
    )
    return 400 <= response.status < 500 and (response.refused or documented)


def _failures(violations: tuple[SchemaViolation, ...], side: str) -> list[SchemaViolation]:
    return [each for each in violations if each.side == side and each.severity == "failure"]


def _anywhere(violation: SchemaViolation) -> str:
    """The place of a breach, in whichever entry of a list."""
    return re.sub(r"/\d+(?=/|$)", "/*", violation.pointer) or "/"
