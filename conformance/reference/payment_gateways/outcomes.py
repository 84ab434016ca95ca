"""How pg-service learns what became of a transaction: one function per payment gateway.

Gateway BBPS reads the parameters of the update; AXIS, PAYU and PAYTM ask the payment gateway (the
simulator), each in its own protocol. Judges nothing: transaction_updates decides what an outcome
may change.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha512
from typing import Any, Final, Literal
from urllib.parse import parse_qs

import httpx

from conformance.reference.platform.amounts import amount_of
from conformance.reference.platform.settings import Settings

State = Literal["SUCCESS", "FAILURE", "PENDING"]
Document = Mapping[str, Any]

ID_PARAMETERS: Final = ("eg_pg_txnid", "vpc_MerchTxnRef", "ORDERID", "txnid", "transactionId")
REGISTERED: Final = ("AXIS", "BBPS", "PAYTM", "PAYU", "PHONEPE")  # the list names inactive ones too
ACTIVE: Final = frozenset({"AXIS", "BBPS"})
PATIENCE: Final = 1.0  # seconds granted to the payment gateway
# What this merchant presents; a rehearsal has nothing to keep secret.
MERCHANT: Final = {
    "vpc_Merchant": "REFERENCE",
    "vpc_AccessCode": "REFACCESS",
    "vpc_User": "reference",
    "vpc_Password": "Reference@2024",
    "key": "REFKEY",
    "salt": "REFERENCESALT",
    "MID": "REFERENCE000001",
}


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


def active(settings: Settings) -> frozenset[str]:
    """Return the gateways that transactions may use: more of them where a simulator is asked."""
    return ACTIVE | ASKED.keys() if settings.simulator_url else ACTIVE


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
        case "SUCCESS" | "TXN_SUCCESS":
            return "SUCCESS"
        case "FAILURE" | "TXN_FAILURE":
            return "FAILURE"
    return "PENDING"


def asked_of_gateway(gateway: str, url: str, id_: str, promised: Decimal) -> Outcome:
    """Ask the payment gateway at `url` for the state of a transaction.

    `promised` (rupees) goes along: a real gateway knows it from the payer's page, a simulator that
    no payer sees need not be told. Raises NoOutcome when it does not answer in time or answers
    garbage.
    """
    address = f"{url.rstrip('/')}/"
    try:
        with httpx.Client(
            trust_env=False,
            timeout=PATIENCE,
            base_url=address,
            params={"promised": f"{promised}"},
            verify=address.startswith("https:"),  # without need, reading certificates takes long
        ) as client:
            return ASKED[gateway](client, id_)
    except (httpx.HTTPError, httpx.InvalidURL) as trouble:
        raise NoOutcome(f"the payment gateway gave no answer: {type(trouble).__name__}") from None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise NoOutcome("the payment gateway's answer cannot be read") from None


def asked_of_axis(client: httpx.Client, id_: str) -> Outcome:
    """Ask in the query; the answer is an encoded query in paise: code 0 success, P in progress."""
    presented = {name: MERCHANT[name] for name in MERCHANT if name.startswith("vpc_")}
    query = {"vpc_Version": "1", "vpc_Command": "queryDR", "vpc_MerchTxnRef": id_} | presented
    answer = client.post("vpcdps", params=query).raise_for_status()
    said = {name: values[0] for name, values in parse_qs(answer.text).items()}
    if said.get("vpc_DRExists") == "N":
        return Outcome(state="PENDING")
    code, paise = said["vpc_TxnResponseCode"], amount_of(said["vpc_Amount"])
    states: dict[str, State] = {"0": "SUCCESS", "P": "PENDING"}
    return Outcome(
        state=states.get(code, "FAILURE"),
        amount=None if paise is None else paise / 100,
        reference=text(said, "vpc_TransactionNo"),
        mode=text(said, "vpc_Card"),
        code=code[:64],
        message=text(said, "vpc_Message"),
    )


def asked_of_payu(client: httpx.Client, id_: str) -> Outcome:
    """Ask by a sealed form; the answer is JSON in rupees, by transaction."""
    key, command = MERCHANT["key"], "verify_payment"
    seal = sha512(f"{key}|{command}|{id_}|{MERCHANT['salt']}".encode()).hexdigest()
    form = {"key": key, "command": command, "var1": id_, "hash": seal}
    answer = client.post("merchant/postservice.php", params={"form": "2"}, data=form)
    said = answer.raise_for_status().json()["transaction_details"][id_]
    return Outcome(
        state=state_of(said["status"]),
        amount=amount_of(said.get("transaction_amount")),
        reference=text(said, "mihpayid"),
        mode=text(said, "mode"),
        code=text(said, "unmappedstatus"),
        message=text(said, "error_Message"),
    )


def asked_of_paytm(client: httpx.Client, id_: str) -> Outcome:
    """Ask in JSON; the answer is JSON in rupees.

    The checksum is one in name only: no simulator holds the cipher that makes real ones.
    """
    question = {"MID": MERCHANT["MID"], "ORDER_ID": id_, "CHECKSUMHASH": "REHEARSED"}
    said = client.post("merchant-status/getTxnStatus", json=question).raise_for_status().json()
    return Outcome(
        state=state_of(said["STATUS"]),
        amount=amount_of(said.get("TXNAMOUNT")),
        reference=text(said, "TXNID"),
        mode=text(said, "PAYMENTMODE"),
        code=text(said, "RESPCODE"),
        message=text(said, "RESPMSG"),
    )


def text(said: Document, name: str) -> str | None:
    """Return what a gateway says under a name, as long as a column takes it."""
    return str(said.get(name) or "")[:128] or None


ASKED: Final[dict[str, Callable[[httpx.Client, str], Outcome]]] = {
    "AXIS": asked_of_axis,
    "PAYU": asked_of_payu,
    "PAYTM": asked_of_paytm,
}
