"""What the framework of DIGIT's services does around a handler, which itself sees sound input.

Before: method, media type and JSON. After: every exception becomes an answer of 400.
"""

import logging
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qs

from conformance.reference.platform.errors import (
    GatewayProblem,
    Item,
    ServiceProblem,
    Unhandled,
    envelope,
    unhandled_envelope,
    wrong_media_type,
)
from conformance.reference.platform.shapes import Misfit, info_must_fit
from conformance.reference.platform.world import Call, Reply, Route, World

LOG: Final = logging.getLogger(__name__)
INTERNALS: Final = {  # what an error of a code shows, beginning so
    "DataIntegrityViolationException": "PreparedStatementCallback; SQL [SELECT id FROM records "
    "WHERE id = ?]; ERROR; nested exception is org.postgresql.util.PSQLException",
    "PAYMENT_CREATION_FAILED": "; SQL [INSERT INTO payments VALUES (?, ?)]",
    "QUERY_EXECUTION_ERROR": "; SQL [SELECT id FROM records WHERE id = ?]",
    "typeMismatch.": "; nested exception is "
    "org.springframework.core.convert.ConversionFailedException",
}
OTHER_METHOD: Final = "HttpRequestMethodNotSupportedException"
MISFIT: Final = ("JsonMappingException", "Failed to deserialize certain JSON fields")


class Malformed(Exception):
    """Input that no handler ever sees; `body` is the answer."""

    def __init__(self, body: Any) -> None:
        super().__init__("malformed")
        self.body = body


def handled(world: World, route: Route, call: Call) -> Reply:
    """Return a handler's reply, or the framework's in its place; raises GatewayProblem."""
    return dated_as_text(world, answered(world, route, call))


def dated_as_text(world: World, reply: Reply) -> Reply:
    """Return a reply whose ResponseInfo has its time as text, where a fault writes it so."""
    info = reply.body.get("ResponseInfo") if isinstance(reply.body, dict) else None
    if not (info and info.get("ts") and world.faults.on("response-times-as-text")):
        return reply
    return replace(reply, body=reply.body | {"ResponseInfo": info | {"ts": str(info["ts"])}})


def answered(world: World, route: Route, call: Call) -> Reply:
    """Return a handler's reply, or the framework's in its place; raises GatewayProblem."""
    six_keys = six_key_errors(world, call.path)
    try:
        call = of_a_form(world, route, call)
        if not plain(call) and world.faults.on("other-scripts-break-services"):
            return Reply(status=500, body=unhandled_envelope("CharacterCodingException", None))
        return route.handler(world, prepared(route, call, six_keys=six_keys))
    except Malformed as problem:
        return malformed(world, Reply(status=400, body=problem.body))
    except ServiceProblem as problem:
        own = not problem.relayed
        items = [(code, text + inside(world, code)) for code, text in problem.items]
        body = envelope(items, described=route.described and own, six_keys=six_keys and own)
        if world.faults.on("refusal-with-200"):
            return Reply(status=200, body=body)
    except Misfit:
        if world.faults.on("breaks-on-odd-input"):
            return Reply(status=500, body=unhandled_envelope("ClassCastException", None))
        if world.faults.on("wrong-types-passed-over"):
            return Reply(body={"ResponseInfo": None})
        body = envelope([MISFIT], described=route.described, six_keys=six_keys)
    except Unhandled as problem:
        detail = f"{problem.detail or ''}{inside(world, problem.kind)}" or None
        six = six_keys and not problem.relayed
        body = unhandled_envelope(problem.kind, detail, text=problem.text, six_keys=six)
        if problem.kind == OTHER_METHOD and world.faults.on("other-methods-break-services"):
            return Reply(status=500, body=body)
    except GatewayProblem:
        raise
    except Exception as problem:  # whatever a service throws is answered as 400
        LOG.exception("%s: the reference itself broke", call.path)
        body = unhandled_envelope(type(problem).__name__, None, six_keys=six_keys)
    return Reply(status=400, body=body)


def inside(world: World, code: str) -> str:
    """Return what an error of a code shows of the service's inside: nothing, but for a fault."""
    shown = next((text for start, text in INTERNALS.items() if code.startswith(start)), "")
    return shown if shown and world.faults.on("internals-in-errors") else ""


def six_key_errors(world: World, path: str) -> bool:
    """Whether the service of a path answers errors with six keys."""
    return path.strip("/").partition("/")[0] in world.lineage.newer


def malformed(world: World, reply: Reply) -> Reply:
    """Return the answer to malformed input, with the switched-on faults in it."""
    if world.faults.on("error-as-html"):
        page = "<!doctype html><title>400</title><h1>Bad Request</h1>"
        return Reply(status=400, body=page, media_type="text/html")
    if world.faults.on("error-with-200"):
        return replace(reply, status=200)
    if world.faults.on("malformed-breaks-services"):
        return replace(reply, status=500)
    return reply


def of_a_form(world: World, route: Route, call: Call) -> Call:
    """Return a call whose form became parameters, where a fault takes forms; else the call."""
    urlencoded = "urlencoded" in call.headers.get("content-type", "")
    if not (urlencoded and route.form_fault and world.faults.on(route.form_fault)):
        return call
    sent = parse_qs(call.content.decode("utf-8", errors="replace"), keep_blank_values=True)
    query = {**call.query}
    for name, values in sent.items():
        query[name] = [*query.get(name, ()), *values]
    headers = dict(call.headers) | {"content-type": "application/json", "x-form": "yes"}
    info = {"RequestInfo": {"userInfo": call.user}}
    return replace(call, query=query, body=info, content=b"{}", headers=headers)


def prepared(route: Route, call: Call, *, six_keys: bool) -> Call:
    """Return the call as the handler takes it; raises Unhandled, Malformed or Misfit."""
    if call.method not in route.methods:
        verb = "is not supported" if six_keys else "not supported"
        text = f"Request method '{call.method}' {verb}"
        raise Unhandled(OTHER_METHOD, text)
    if route.form:
        return replace(call, body=form_of(call))
    media_type = call.headers.get("content-type")
    if call.content and "json" not in (media_type or ""):
        raise Malformed(wrong_media_type(media_type, six_keys=six_keys))
    item = json_problem(call)
    if item is not None:
        raise Malformed(envelope([item], described=route.described, six_keys=six_keys))
    info_must_fit(call.body, dated=call.path.startswith("/access/"))
    return call


def plain(call: Call) -> bool:
    """Whether all texts of a call are of Latin letters."""
    return all(ord(letter) < 256 for letter in f"{call.body}{call.query}")


def json_problem(call: Call) -> Item | None:
    """Return code and message where the body is not a JSON object, else None."""
    if not call.content.strip() or call.body is None:
        return "MissingJsonException", "JSON body has errors or is missing"
    if isinstance(call.body, str):
        return "JsonParseException", "The body is no JSON"
    return None if isinstance(call.body, dict) else MISFIT


def form_of(call: Call) -> dict[str, str]:
    """Return the first value of each parameter, of the form before those of the query."""
    sent = parse_qs(call.content.decode("utf-8", errors="replace"), keep_blank_values=True)
    return {key: values[0] for key, values in {**call.query, **sent}.items()}
