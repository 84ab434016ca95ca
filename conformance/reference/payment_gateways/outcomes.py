"""How pg-service learns what became of a transaction: one function per payment gateway.

Gateway BBPS reads the parameters of the update; AXIS, PAYU and PAYTM request it from the
payment gateway (the simulator), each in its own protocol. Judges
nothing: `pg.updates` decides what an outcome may change.
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
from conformance.reference.platform.site import Site

State = Literal["SUCCESS", "FAILURE", "PENDING"]
Document = Mapping[str, Any]

ID_PARAMETERS: Final = ("eg_pg_txnid", "vpc_MerchTxnRef", "ORDERID", "txnid", "transactionId")
TIMEOUT: Final = 4.0  # seconds granted to the payment gateway
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
    """The payment gateway gave no answer, or none that can be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a payment gateway reports of one transaction; `amount` in rupees, None if unstated."""

    state: State
    amount: Decimal | None = None
    reference: str | None = None
    mode: str | None = None
    code: str | None = None
    message: str | None = None


def active(site: Site, settings: Settings) -> frozenset[str]:
    """Return the gateways that transactions may use: more of them where there is a simulator.

    If the settings name the gateways, they are those and no other.
    """
    simulated = settings.simulator_url and settings.gateways is None
    return site.gateways | STATUS_REQUESTS.keys() if simulated else site.gateways


def parameter(parameters: Mapping[str, str], name: str) -> str | None:
    """Return a query parameter whose name matches in any case."""
    wanted = name.lower()
    return next((text for key, text in parameters.items() if key.lower() == wanted), None)


def transaction_id(parameters: Mapping[str, str]) -> str | None:
    """Return the transaction id under whichever accepted name it comes, in DIGIT's order."""
    found = (parameter(parameters, name) for name in ID_PARAMETERS)
    return next((text for text in found if text is not None), None)


def outcome_in_parameters(parameters: Mapping[str, str]) -> Outcome:
    """Read `txnStatus`, `txnAmount` (rupees) and `gatewayTxnId`; anything unknown is pending.

    Raises NoOutcome when the stated amount is no amount.
    """
    text = parameter(parameters, "txnAmount")
    amount = amount_of(text.strip()) if text else None
    if text and amount is None:
        raise NoOutcome("txnAmount is no amount in rupees")
    status = parameter(parameters, "txnStatus") or ""
    return Outcome(
        state=state_of(status),
        amount=amount,
        reference=parameter(parameters, "gatewayTxnId"),
        mode="BBPS",
        code=status[:64] or None,
    )


def state_of(status: str) -> State:
    """Map a status text to a state; what is neither success nor failure stays pending."""
    match status.strip().upper():
        case "SUCCESS" | "TXN_SUCCESS":
            return "SUCCESS"
        case "FAILURE" | "TXN_FAILURE":
            return "FAILURE"
    return "PENDING"


def requested_outcome(gateway: str, url: str, id_: str, promised: Decimal) -> Outcome:
    """Request the state of a transaction from the payment gateway at `url`.

    `promised` (rupees) is sent along: a real gateway knows it from the payer's page, which a
    simulator does not have. Raises NoOutcome when it does not answer in time or answers
    garbage.
    """
    address = f"{url.rstrip('/')}/"
    try:
        with httpx.Client(
            trust_env=False,
            timeout=TIMEOUT,
            base_url=address,
            params={"promised": f"{promised}"},
            verify=address.startswith("https:"),  # without need, reading certificates takes long
        ) as client:
            return STATUS_REQUESTS[gateway](client, id_)
    except (httpx.HTTPError, httpx.InvalidURL) as trouble:
        raise NoOutcome(f"the payment gateway gave no answer: {type(trouble).__name__}") from None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise NoOutcome("the payment gateway's answer cannot be read") from None


def axis_outcome(client: httpx.Client, id_: str) -> Outcome:
    """Request it in the query; the answer is a query in paise: code 0 success, P in progress."""
    presented = {name: MERCHANT[name] for name in MERCHANT if name.startswith("vpc_")}
    query = {"vpc_Version": "1", "vpc_Command": "queryDR", "vpc_MerchTxnRef": id_} | presented
    answer = client.post("vpcdps", params=query).raise_for_status()
    fields = {name: values[0] for name, values in parse_qs(answer.text).items()}
    if fields.get("vpc_DRExists") == "N":
        return Outcome(state="PENDING")
    code, paise = fields["vpc_TxnResponseCode"], amount_of(fields["vpc_Amount"])
    states: dict[str, State] = {"0": "SUCCESS", "P": "PENDING"}
    return Outcome(
        state=states.get(code, "FAILURE"),
        amount=None if paise is None else paise / 100,
        reference=text(fields, "vpc_TransactionNo"),
        mode=text(fields, "vpc_Card"),
        code=code[:64],
        message=text(fields, "vpc_Message"),
    )


def payu_outcome(client: httpx.Client, id_: str) -> Outcome:
    """Request it by a sealed form; the answer is JSON in rupees, by transaction."""
    key, command = MERCHANT["key"], "verify_payment"
    seal = sha512(f"{key}|{command}|{id_}|{MERCHANT['salt']}".encode()).hexdigest()
    form = {"key": key, "command": command, "var1": id_, "hash": seal}
    answer = client.post("merchant/postservice.php", params={"form": "2"}, data=form)
    fields = answer.raise_for_status().json()["transaction_details"][id_]
    return Outcome(
        state=state_of(fields["status"]),
        amount=amount_of(fields.get("transaction_amount")),
        reference=text(fields, "mihpayid"),
        mode=text(fields, "mode"),
        code=text(fields, "unmappedstatus"),
        message=text(fields, "error_Message"),
    )


def paytm_outcome(client: httpx.Client, id_: str) -> Outcome:
    """Request it in JSON; the answer is JSON in rupees.

    The checksum is one in name only: no simulator holds the cipher that makes real ones.
    """
    question = {"MID": MERCHANT["MID"], "ORDER_ID": id_, "CHECKSUMHASH": "REHEARSED"}
    fields = client.post("merchant-status/getTxnStatus", json=question).raise_for_status().json()
    return Outcome(
        state=state_of(fields["STATUS"]),
        amount=amount_of(fields.get("TXNAMOUNT")),
        reference=text(fields, "TXNID"),
        mode=text(fields, "PAYMENTMODE"),
        code=text(fields, "RESPCODE"),
        message=text(fields, "RESPMSG"),
    )


def text(fields: Document, name: str) -> str | None:
    """Return the text that a gateway gave for a name, as long as a column takes it."""
    return str(fields.get(name) or "")[:128] or None


STATUS_REQUESTS: Final[dict[str, Callable[[httpx.Client, str], Outcome]]] = {
    "AXIS": axis_outcome,
    "PAYU": payu_outcome,
    "PAYTM": paytm_outcome,
}
