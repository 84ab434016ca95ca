"""How pg-service learns what became of a transaction: one function per payment gateway.

Gateway BBPS reads the parameters of the update; AXIS asks the payment gateway (the simulator).
Judges nothing: whether an outcome may change a transaction is decided in transactions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

import httpx

from conformance.reference.amounts import amount_of

State = Literal["SUCCESS", "FAILURE", "PENDING"]

ID_PARAMETERS: Final = ("eg_pg_txnid", "vpc_MerchTxnRef", "ORDERID", "txnid", "transactionId")
REGISTERED: Final = ("AXIS", "BBPS", "PAYTM", "PAYU", "PHONEPE")  # the list names inactive ones too
ACTIVE: Final = frozenset({"AXIS", "BBPS"})
PATIENCE: Final = 1.0  # seconds granted to the payment gateway


class NoOutcome(Exception):
    """The payment gateway could not be asked, or its answer cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a payment gateway says of one transaction; `amount` in rupees, None if unstated."""

    state: State
    amount: Decimal | None = None
    reference: str | None = None
    mode: str | None = None
    code: str | None = None
    message: str | None = None


def parameter(parameters: Mapping[str, str], name: str) -> str | None:
    """Return a query parameter whose name matches in any case."""
    wanted = name.lower()
    return next((text for key, text in parameters.items() if key.lower() == wanted), None)


def transaction_id(parameters: Mapping[str, str]) -> str | None:
    """Return the transaction id under whichever accepted name it comes, in DIGIT's order."""
    found = (parameter(parameters, name) for name in ID_PARAMETERS)
    return next((text for text in found if text is not None), None)


def told_by_parameters(parameters: Mapping[str, str]) -> Outcome:
    """Read `txnStatus`, `txnAmount` (rupees) and `gatewayTxnId`; anything unknown is pending.

    Raises NoOutcome when the stated amount is no amount.
    """
    text = parameter(parameters, "txnAmount")
    amount = amount_of(text.strip()) if text else None
    if text and amount is None:
        raise NoOutcome("txnAmount is no amount in rupees")
    said = parameter(parameters, "txnStatus") or ""
    return Outcome(
        state=state_of(said),
        amount=amount,
        reference=parameter(parameters, "gatewayTxnId"),
        mode="BBPS",
        code=said[:64] or None,
    )


def state_of(said: str) -> State:
    """Map a status text to a state; what is neither success nor failure stays pending."""
    match said.strip().upper():
        case "SUCCESS":
            return "SUCCESS"
        case "FAILURE":
            return "FAILURE"
    return "PENDING"


def asked_of_gateway(url: str, id_: str, promised: Decimal) -> Outcome:
    """Ask the payment gateway at `url` for the state of a transaction (amounts in paise there).

    Raises NoOutcome when it does not answer in time or answers garbage.
    """
    query = {"vpc_MerchTxnRef": id_, "vpc_Amount": f"{promised * 100:.0f}"}
    try:
        with httpx.Client(trust_env=False, timeout=PATIENCE) as client:
            said = client.get(f"{url.rstrip('/')}/status", params=query).raise_for_status().json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as trouble:
        raise NoOutcome(f"the payment gateway gave no answer: {type(trouble).__name__}") from None
    if not isinstance(said, Mapping) or "vpc_TxnResponseCode" not in said:
        raise NoOutcome("the payment gateway's answer has no response code")
    return read_status(said)


def read_status(said: Mapping[str, object]) -> Outcome:
    """Read a gateway's status: code 0 success, P pending, U unknown to it, all else failure."""
    code = str(said["vpc_TxnResponseCode"])
    paise = amount_of(said.get("vpc_Amount"))
    states: dict[str, State] = {"0": "SUCCESS", "P": "PENDING", "U": "PENDING"}
    return Outcome(
        state=states.get(code, "FAILURE"),
        amount=None if paise is None else paise / 100,
        reference=str(said["vpc_TransactionNo"]) if said.get("vpc_TransactionNo") else None,
        mode=str(said["vpc_Card"]) if said.get("vpc_Card") else None,
        code=code,
        message=str(said.get("vpc_Message") or "")[:128] or None,
    )
