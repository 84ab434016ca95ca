"""A payment gateway that answers for each transaction what it was set to answer.

A small application of its own, which pg-service calls as AXIS, PAYU or PAYTM; it knows nothing of
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

ANSWERS: Final = (
    "success", "failure", "pending", "unknown", "other-amount", "time-out", "garbage",
)  # fmt: skip
SILENCE: Final = 5.0  # seconds; longer than any caller of this gateway waits


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedAnswer:
    """What to answer for one transaction; `amount` in rupees replaces the promised one."""

    kind: str
    amount: Decimal | None = None


@dataclass(slots=True, kw_only=True)
class Script:
    """All scripted answers, and the one for every other transaction."""

    default: str = "pending"
    silence: float = SILENCE
    answers: dict[str, ScriptedAnswer] = field(default_factory=dict)

    def of(self, id_: str) -> ScriptedAnswer:
        """Return what to answer for a transaction."""
        return self.answers.get(id_, ScriptedAnswer(kind=self.default))


Shape = Callable[[str, str, Decimal], Response]  # transaction, kind of answer, rupees


def application(default: str = "pending", silence: float = SILENCE) -> Starlette:
    """Build the gateway: three addresses for its status, and `/control` to see and set answers."""
    if default not in ANSWERS:
        raise ValueError(f"{default!r} is no answer; choose one of {', '.join(ANSWERS)}")
    script = Script(default=default, silence=silence)

    async def axis(request: Request) -> Response:
        transaction = request.query_params.get("vpc_MerchTxnRef", "")
        return await answer(script, request, transaction, as_axis)

    async def payu(request: Request) -> Response:
        async with request.form() as form:
            return await answer(script, request, str(form.get("var1", "")), as_payu)

    async def paytm(request: Request) -> Response:
        try:
            transaction = json.loads(await request.body())["ORDER_ID"]
        except (ValueError, LookupError, TypeError, RecursionError):
            return PlainTextResponse("no question", status_code=400)
        return await answer(script, request, str(transaction), as_paytm)

    async def control(request: Request) -> Response:
        if request.method == "POST":
            return set_answer(script, await request.body())
        return JSONResponse({"default": script.default, "sayings": shown(script)})

    return Starlette(
        routes=[
            Route("/vpcdps", axis, methods=["POST"]),
            Route("/merchant/postservice.php", payu, methods=["POST"]),
            Route("/merchant-status/getTxnStatus", paytm, methods=["POST"]),
            Route("/control", control, methods=["GET", "POST"]),
        ]
    )


async def answer(script: Script, request: Request, id_: str, shape: Shape) -> Response:
    """Answer what the script has for a transaction, in the shape of a gateway."""
    scripted = script.of(id_)
    if scripted.kind == "time-out":
        await asyncio.sleep(script.silence)
        return PlainTextResponse("", status_code=504)
    if scripted.kind == "garbage":
        return PlainTextResponse("<html>try again later", media_type="text/html")
    promised = amount_of(request.query_params.get("promised", "0")) or Decimal(0)
    return shape(id_, scripted.kind, rupees(scripted, promised))


def rupees(scripted: ScriptedAnswer, promised: Decimal) -> Decimal:
    """Return the amount to confirm: the promised one, a given one, or one rupee more."""
    if scripted.amount is not None:
        return scripted.amount
    return promised + 1 if scripted.kind == "other-amount" else promised


def as_axis(id_: str, kind: str, amount: Decimal) -> Response:
    """Answer with an encoded query, in paise; an unknown transaction has no fields but its id."""
    fields = {"vpc_MerchTxnRef": id_, "vpc_DRExists": "N" if kind == "unknown" else "Y"}
    if kind != "unknown":
        codes = {"failure": "2", "pending": "P"}
        fields |= {
            "vpc_TxnResponseCode": codes.get(kind, "0"),
            "vpc_Amount": f"{amount * 100:.0f}",
            "vpc_TransactionNo": reference(id_),
            "vpc_Card": "CARD",
            "vpc_Message": kind,
        }
    return PlainTextResponse(urlencode(fields))


def as_payu(id_: str, kind: str, amount: Decimal) -> Response:
    """Answer in JSON, in rupees, under the transaction's id."""
    statuses = {"failure": "failure", "pending": "pending", "unknown": "Not Found"}
    details = {
        "mihpayid": "Not Found" if kind == "unknown" else reference(id_),
        "status": statuses.get(kind, "success"),
        "transaction_amount": f"{amount:.2f}",
        "mode": "CC",
        "unmappedstatus": kind,
        "error_Message": kind,
    }
    return JSONResponse({"status": 1, "transaction_details": {id_: details}})


def as_paytm(id_: str, kind: str, amount: Decimal) -> Response:
    """Answer in JSON, in rupees; an unknown transaction has failed, with a code of its own."""
    statuses = {"failure": "TXN_FAILURE", "pending": "PENDING", "unknown": "TXN_FAILURE"}
    codes = {"failure": "227", "pending": "402", "unknown": "334"}
    return JSONResponse(
        {
            "ORDERID": id_,
            "TXNID": reference(id_),
            "TXNAMOUNT": f"{amount:.2f}",
            "STATUS": statuses.get(kind, "TXN_SUCCESS"),
            "RESPCODE": codes.get(kind, "01"),
            "RESPMSG": kind,
            "PAYMENTMODE": "CC",
        }
    )


def reference(id_: str) -> str:
    """Return the gateway's own number of a transaction, always the same."""
    return f"SIM{zlib.crc32(id_.encode()):010d}"


def set_answer(script: Script, body: bytes) -> Response:
    """Take `{"txnId", "says", "amount"?}`, or `{"default": kind}`; 400 for anything else."""
    try:
        entry = json.loads(body)
        set_one(script, entry)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as trouble:
        hint = f"send txnId and says, one of {', '.join(ANSWERS)}"
        return JSONResponse({"error": f"{type(trouble).__name__}: {hint}"}, status_code=400)
    return JSONResponse({"default": script.default, "sayings": shown(script)})


def set_one(script: Script, entry: dict[str, Any]) -> None:
    """Enter one answer; ValueError or KeyError when it makes no sense."""
    if "default" in entry:
        script.default = known(entry["default"])
        return
    amount = None if entry.get("amount") is None else amount_of(entry["amount"])
    if entry.get("amount") is not None and amount is None:
        raise ValueError("amount")
    script.answers[str(entry["txnId"])] = ScriptedAnswer(kind=known(entry["says"]), amount=amount)


def known(kind: str) -> str:
    """Return a kind of answer; ValueError for a word that is none."""
    if kind not in ANSWERS:
        raise ValueError(kind)
    return kind


def shown(script: Script) -> dict[str, dict[str, str | None]]:
    """Return every scripted answer, amounts as text in rupees."""
    return {
        id_: {"says": each.kind, "amount": None if each.amount is None else f"{each.amount:f}"}
        for id_, each in script.answers.items()
    }
