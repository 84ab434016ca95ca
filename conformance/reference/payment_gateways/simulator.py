"""A payment gateway that says of each transaction what it was told to say.

A small application of its own, which pg-service asks as AXIS, PAYU or PAYTM; it knows nothing of
DIGIT.
"""

import asyncio
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from conformance.reference.platform.amounts import amount_of

SAYINGS: Final = (
    "success", "failure", "pending", "unknown", "other-amount", "time-out", "garbage",
)  # fmt: skip
SILENCE: Final = 5.0  # seconds; longer than any caller of this gateway waits


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """What to say of one transaction; `amount` in rupees replaces the promised one."""

    says: str
    amount: Decimal | None = None


@dataclass(slots=True, kw_only=True)
class Script:
    """All sayings, and the one for transactions that nobody spoke about."""

    default: str = "pending"
    silence: float = SILENCE
    sayings: dict[str, Saying] = field(default_factory=dict)

    def of(self, id_: str) -> Saying:
        """Return what to say of a transaction."""
        return self.sayings.get(id_, Saying(says=self.default))


Shape = Callable[[str, str, Decimal], Response]  # transaction, saying, rupees


def application(default: str = "pending", silence: float = SILENCE) -> Starlette:
    """Build the gateway: three addresses for its status, and `/control` to see and set sayings."""
    if default not in SAYINGS:
        raise ValueError(f"{default!r} is no saying; choose one of {', '.join(SAYINGS)}")
    script = Script(default=default, silence=silence)

    async def axis(request: Request) -> Response:
        asked = request.query_params.get("vpc_MerchTxnRef", "")
        return await answer(script, request, asked, as_axis)

    async def payu(request: Request) -> Response:
        async with request.form() as form:
            return await answer(script, request, str(form.get("var1", "")), as_payu)

    async def paytm(request: Request) -> Response:
        try:
            asked = json.loads(await request.body())["ORDER_ID"]
        except (ValueError, LookupError, TypeError, RecursionError):
            return PlainTextResponse("no question", status_code=400)
        return await answer(script, request, str(asked), as_paytm)

    async def control(request: Request) -> Response:
        if request.method == "POST":
            return learn(script, await request.body())
        return JSONResponse({"default": script.default, "sayings": told(script)})

    return Starlette(
        routes=[
            Route("/vpcdps", axis, methods=["POST"]),
            Route("/merchant/postservice.php", payu, methods=["POST"]),
            Route("/merchant-status/getTxnStatus", paytm, methods=["POST"]),
            Route("/control", control, methods=["GET", "POST"]),
        ]
    )


async def answer(script: Script, request: Request, id_: str, shape: Shape) -> Response:
    """Say what the script has for a transaction, in the shape of a gateway."""
    saying = script.of(id_)
    if saying.says == "time-out":
        await asyncio.sleep(script.silence)
        return PlainTextResponse("", status_code=504)
    if saying.says == "garbage":
        return PlainTextResponse("<html>try again later", media_type="text/html")
    promised = amount_of(request.query_params.get("promised", "0")) or Decimal(0)
    return shape(id_, saying.says, rupees(saying, promised))


def rupees(saying: Saying, promised: Decimal) -> Decimal:
    """Return the amount to confirm: the promised one, a given one, or one rupee more."""
    if saying.amount is not None:
        return saying.amount
    return promised + 1 if saying.says == "other-amount" else promised


def as_axis(id_: str, says: str, amount: Decimal) -> Response:
    """Say it as an encoded query, in paise; of what is unknown, only that it is."""
    said = {"vpc_MerchTxnRef": id_, "vpc_DRExists": "N" if says == "unknown" else "Y"}
    if says != "unknown":
        codes = {"failure": "2", "pending": "P"}
        said |= {
            "vpc_TxnResponseCode": codes.get(says, "0"),
            "vpc_Amount": f"{amount * 100:.0f}",
            "vpc_TransactionNo": reference(id_),
            "vpc_Card": "CARD",
            "vpc_Message": says,
        }
    return PlainTextResponse(urlencode(said))


def as_payu(id_: str, says: str, amount: Decimal) -> Response:
    """Say it in JSON, in rupees, under the transaction's id."""
    words = {"failure": "failure", "pending": "pending", "unknown": "Not Found"}
    details = {
        "mihpayid": "Not Found" if says == "unknown" else reference(id_),
        "status": words.get(says, "success"),
        "transaction_amount": f"{amount:.2f}",
        "mode": "CC",
        "unmappedstatus": says,
        "error_Message": says,
    }
    return JSONResponse({"status": 1, "transaction_details": {id_: details}})


def as_paytm(id_: str, says: str, amount: Decimal) -> Response:
    """Say it in JSON, in rupees; an unknown transaction has failed, with a code of its own."""
    words = {"failure": "TXN_FAILURE", "pending": "PENDING", "unknown": "TXN_FAILURE"}
    codes = {"failure": "227", "pending": "402", "unknown": "334"}
    return JSONResponse(
        {
            "ORDERID": id_,
            "TXNID": reference(id_),
            "TXNAMOUNT": f"{amount:.2f}",
            "STATUS": words.get(says, "TXN_SUCCESS"),
            "RESPCODE": codes.get(says, "01"),
            "RESPMSG": says,
            "PAYMENTMODE": "CC",
        }
    )


def reference(id_: str) -> str:
    """Return the gateway's own number of a transaction, always the same."""
    return f"SIM{zlib.crc32(id_.encode()):010d}"


def learn(script: Script, body: bytes) -> Response:
    """Take `{"txnId", "says", "amount"?}`, or `{"default": saying}`; 400 for anything else."""
    try:
        told_now = json.loads(body)
        learn_one(script, told_now)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as trouble:
        hint = f"send txnId and says, one of {', '.join(SAYINGS)}"
        return JSONResponse({"error": f"{type(trouble).__name__}: {hint}"}, status_code=400)
    return JSONResponse({"default": script.default, "sayings": told(script)})


def learn_one(script: Script, entry: dict[str, Any]) -> None:
    """Enter one saying; ValueError or KeyError when it makes no sense."""
    if "default" in entry:
        script.default = known(entry["default"])
        return
    amount = None if entry.get("amount") is None else amount_of(entry["amount"])
    if entry.get("amount") is not None and amount is None:
        raise ValueError("amount")
    script.sayings[str(entry["txnId"])] = Saying(says=known(entry["says"]), amount=amount)


def known(says: str) -> str:
    """Return a saying; ValueError for a word that is none."""
    if says not in SAYINGS:
        raise ValueError(says)
    return says


def told(script: Script) -> dict[str, dict[str, str | None]]:
    """Show every saying, amounts as text in rupees."""
    return {
        id_: {"says": each.says, "amount": None if each.amount is None else f"{each.amount:f}"}
        for id_, each in script.sayings.items()
    }
