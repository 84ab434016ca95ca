"""Why a transaction cannot be created, or does not learn its outcome: causes, most likely first."""

from typing import Final

from conformance.client.response import Response

COLUMN: Final = 128  # characters of gatewayStatusMsg that pg-service's table takes
NO_MASTER: Final = ("PathNotFoundException", "ServiceCodeMapping")
MAPPING: Final = "PAYMENT/ServiceCodeMapping"
Cause = tuple[str, str]  # the cause, and what to do
# A sign of a refused creation, its cause, and what to do.
CREATION: Final[tuple[tuple[tuple[str, ...], Cause], ...]] = (
    (("INVALID_PAYMENT_GATEWAY",), (
        "the gateway of the profile is not active in pg-service, whose list names inactive ones "
        "too", "switch it on in the properties of pg-service, or name an active one in "
        "outcome.gateway")),
    (NO_MASTER, (
        f"a master that pg-service reads is not served; the mSeva fork reads {MAPPING} and fails "
        "every creation without it", f"add {MAPPING} to the state's master data, with a row for "
        "each business service; then restart the MDMS service")),
)  # fmt: skip
LATE: Final = (
    "what the update answered is not stored yet: the persister lags or does not run",
    "read the log of the persister; raise limits.settle_seconds if it is only slow",
)
TOO_LONG: Final = (
    "what the update answered cannot be stored: gatewayStatusMsg has {length} characters, and its "
    f"column takes {COLUMN}",
    "read the log of the persister (value too long); let the payment gateway answer less, or widen "
    "the column",
)
REJECTED: Final = (
    "what the update answered cannot be stored: the persister refuses a value, such as one that is "
    "too long for its column",
    "read the log of the persister",
)
READ_OTHERWISE: Final = (
    "pg-service got an answer in which it reads no failure: outcome.parameters, or the gateway's "
    "protocol, are others",
    "compare outcome.parameters, or outcome.gateway, with what pg-service expects",
)


def of_creation(reason: str) -> Cause | None:
    """Return why a creation was refused, where its answer shows that; None where it does not."""
    for signs, cause in CREATION:
        if any(sign in reason for sign in signs):
            return cause
    return None


def of_silence(answer: Response | None, of_style: Cause) -> list[Cause]:
    """Return why an outcome does not show, the most likely first.

    `answer` is what the update was answered, None if it did not get so far; `of_style` is what the
    way of signalling alone may be to blame for.
    """
    if answer is None or not answer.succeeded:
        return [of_style]
    answered = _transaction(answer)
    if answered.get("txnStatus") != "FAILURE":
        return [of_style, READ_OTHERWISE, LATE]
    length = len(str(answered.get("gatewayStatusMsg") or ""))
    if length > COLUMN:
        cause, remedy = TOO_LONG
        return [(cause.format(length=length), remedy), LATE]
    return [LATE, REJECTED]


def _transaction(answer: Response) -> dict[str, object]:
    """Return the transaction in the answer to an update; empty if there is none."""
    body = answer.body if isinstance(answer.body, dict) else {}
    found = body.get("Transaction")
    first = found[0] if isinstance(found, list) and found else found
    return first if isinstance(first, dict) else {}
