"""A payment gateway that says of each transaction what it was told to say.

A small application of its own, for pg-service's AXIS gateway; it knows nothing of DIGIT.
"""

import asyncio
import json
import zlib
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from conformance.reference.amounts import amount_of

SAYINGS: Final = (
    "success", "failure", "pending", "unknown", "other-amount", "time-out", "garbage",
)  # fmt: skip
CODES: Final = {"success": "0", "other-amount": "0", "failure": "2", "pending": "P", "unknown": "U"}
MESSAGES: Final = {
    "success": "Approved",
    "other-amount": "Approved",
    "failure": "Declined by the bank",
    "pending": "Awaiting the bank",
    "unknown": "No such transaction",
}
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


def application(default: str = "pending", silence: float = SILENCE) -> Starlette:
    """Build the gateway: `GET /status`, and `GET|POST /control` to see and set its sayings."""
    if default not in SAYINGS:
        raise ValueError(f"{default!r} is no saying; choose one of {', '.join(SAYINGS)}")
    script = Script(default=default, silence=silence)

    async def status(request: Request) -> Response:
        return await answer(script, dict(request.query_params))

    async def control(request: Request) -> Response:
        if request.method == "POST":
            return learn(script, await request.body())
        return JSONResponse({"default": script.default, "sayings": told(script)})

    return Starlette(
        routes=[
            Route("/status", status, methods=["GET"]),
            Route("/control", control, methods=["GET", "POST"]),
        ]
    )


async def answer(script: Script, query: dict[str, str]) -> Response:
    """Say what the script has for a transaction, in the shape of a card gateway (paise)."""
    id_ = query.get("vpc_MerchTxnRef", "")
    saying = script.of(id_)
    if saying.says == "time-out":
        await asyncio.sleep(script.silence)
        return PlainTextResponse("", status_code=504)
    if saying.says == "garbage":
        return PlainTextResponse("<html>try again later", media_type="text/html")
    promised = amount_of(query.get("vpc_Amount", "0")) or Decimal(0)
    return JSONResponse(
        {
            "vpc_MerchTxnRef": id_,
            "vpc_TxnResponseCode": CODES[saying.says],
            "vpc_Amount": f"{paise(saying, promised):.0f}",
            "vpc_TransactionNo": f"SIM{zlib.crc32(id_.encode()):010d}",
            "vpc_Card": "CARD",
            "vpc_Message": MESSAGES[saying.says],
        }
    )


def paise(saying: Saying, promised: Decimal) -> Decimal:
    """Return the amount to confirm: the promised one, a given one, or one rupee more."""
    if saying.amount is not None:
        return saying.amount * 100
    return promised + 100 if saying.says == "other-amount" else promised


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
