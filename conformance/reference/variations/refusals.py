"""Variations of refusals: other statuses, texts and forms of the same decision."""

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from conformance.reference.platform.world import Call, Reply
from conformance.reference.variations.variation import Edit, Variation, with_body

MONEY: Final = ("/billing-service/", "/pg-service/", "/collection-services/")
# Codes of a service's own rules; those of its framework are names of classes and constraints.
OWN: Final = re.compile(r"[A-Z][A-Z0-9_]+")
FIELD: Final = re.compile(r"\b[a-z]+[A-Z]\w*")
HINDI: Final = "अनुरोध स्वीकार नहीं किया जा सकता"
UNKNOWN: Final = ("TXN_UPDATE_NOT_FOUND",)
STRANGER: Final = ("TXN_UPDATE_NOT_OWNER",)
FINAL: Final = ("TXN_ALREADY_FINAL",)
TAKEN: Final = (
    "BILL_ALREADY_PAID", "TXN_ABRUPTLY_DISCARDED", "TXN_CREATE_BILL_ALREADY_PAID",
    "PAYMENT_CREATION_FAILED",
)  # fmt: skip
EXPIRED: Final = ("BILL_EXPIRED",)
RFC: Final = "RFC 9110, 15: a client treats a 4xx that it does not know as 400, which is documented"


def codes_of(reply: Reply) -> list[str]:
    """Return the codes of an error of the platform."""
    errors = reply.body.get("Errors") if isinstance(reply.body, dict) else None
    return [str(item.get("code")) for item in errors or ()]


def status_for(codes: Iterable[str], status: int) -> Edit:
    """Return an edit that gives refusals with one of some codes another status."""
    wanted = frozenset(codes)

    def edit(_call: Call, reply: Reply) -> Reply:
        hit = reply.status == 400 and wanted.intersection(codes_of(reply))
        return with_body(reply, reply.body, status=status) if hit else reply

    return edit


def status_of_rules(status: int) -> Edit:
    """Return an edit that gives what the money services' own rules refuse another status."""

    def edit(call: Call, reply: Reply) -> Reply:
        codes = codes_of(reply)
        own = call.path.startswith(MONEY) and codes and all(map(OWN.fullmatch, codes))
        return with_body(reply, reply.body, status=status) if own and reply.status == 400 else reply

    return edit


def status_of_constraints(status: int) -> Edit:
    """Return an edit that gives what the money services find malformed another status."""

    def edit(call: Call, reply: Reply) -> Reply:
        codes = codes_of(reply)
        found = call.path.startswith(MONEY) and codes and not any(map(OWN.fullmatch, codes))
        hit = found and reply.status == 400
        return with_body(reply, reply.body, status=status) if hit else reply

    return edit


def no_method(status: int) -> Edit:
    """Return an edit that answers a method that a path does not take in another way."""

    def edit(_call: Call, reply: Reply) -> Reply:
        return with_body(reply, reply.body, status=status) if reply.status == 405 else reply

    return edit


def each_error(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Edit:
    """Return an edit that changes each error of the platform's form."""

    def edit(_call: Call, reply: Reply) -> Reply:
        if not codes_of(reply):
            return reply
        errors = [change(item) for item in reply.body["Errors"]]
        return with_body(reply, {**reply.body, "Errors": errors})

    return edit


def login_with_401(call: Call, reply: Reply) -> Reply:
    """Answer a refused login 401."""
    login = call.path == "/user/oauth/token" and reply.status == 400
    return with_body(reply, reply.body, status=401) if login else reply


def login_bare(call: Call, reply: Reply) -> Reply:
    """Leave the description out of a refused login."""
    if call.path != "/user/oauth/token" or not isinstance(reply.body, dict):
        return reply
    bare_body = {key: value for key, value in reply.body.items() if key != "error_description"}
    return with_body(reply, bare_body)


def bare_gateway(_call: Call, reply: Reply) -> Reply:
    """Leave out the body of what the gateway refuses for the caller."""
    return Reply(status=reply.status, headers=reply.headers) if of_gateway(reply) else reply


def page_of_gateway(_call: Call, reply: Reply) -> Reply:
    """Answer what the gateway refuses for the caller as OAuth resource servers do."""
    if not of_gateway(reply):
        return reply
    body = {"error": "access_denied", "error_description": reply.body["Errors"][0]["message"]}
    return with_body(reply, body)


def of_gateway(reply: Reply) -> bool:
    """Whether the gateway refused a caller."""
    return (
        reply.status in {401, 403} and bool(codes_of(reply)) and not OWN.match(codes_of(reply)[0])
    )


def gateway_with_own_codes(_call: Call, reply: Reply) -> Reply:
    """Give what the gateway refuses for the caller codes of its own."""
    if not of_gateway(reply):
        return reply
    code = "GATEWAY_TOKEN" if reply.status == 401 else "GATEWAY_ROLE"
    return with_body(reply, {**reply.body, "Errors": [{**reply.body["Errors"][0], "code": code}]})


def gateway_as_spring(call: Call, reply: Reply) -> Reply:
    """Answer what the gateway refuses for the caller as Spring's own error page does."""
    if not of_gateway(reply):
        return reply
    name = {401: "Unauthorized", 403: "Forbidden"}[reply.status]
    page = {
        "timestamp": "2026-04-01T10:00:00.000+00:00",
        "status": reply.status,
        "error": name,
        "path": call.path,
    }
    return with_body(reply, page)


def no_role_401(_call: Call, reply: Reply) -> Reply:
    """Refuse a caller without the role with 401."""
    return with_body(reply, reply.body, status=401) if of_gateway(reply) else reply


def no_token_403(_call: Call, reply: Reply) -> Reply:
    """Refuse a caller without a valid token with 403."""
    return with_body(reply, reply.body, status=403) if of_gateway(reply) else reply


def no_route_plain(_call: Call, reply: Reply) -> Reply:
    """Answer an unknown path without a body."""
    lost = reply.status == 404 and not codes_of(reply)
    return Reply(status=404, headers=reply.headers) if lost else reply


def in_hindi(item: dict[str, Any]) -> dict[str, Any]:
    """Return an error whose message is in another language; fields keep their names."""
    fields = ", ".join(FIELD.findall(str(item["message"])))
    return item | {"message": f"{HINDI}: {item['code']} {fields}".strip()}


def at_length(item: dict[str, Any]) -> dict[str, Any]:
    """Return an error with a long message."""
    text = "Please contact the help desk of your city if this happens again. "
    return item | {"message": f"{item['message']}. {text * 30}"}


def in_lower_case(item: dict[str, Any]) -> dict[str, Any]:
    """Return an error whose message is in lower case."""
    return item | {"message": str(item["message"]).lower()}


def with_own_code(item: dict[str, Any]) -> dict[str, Any]:
    """Return an error whose code is one of the city's."""
    own = OWN.fullmatch(str(item["code"]))
    return item | {"code": f"CITY_{item['code']}"} if own else item


def with_six_keys(item: dict[str, Any]) -> dict[str, Any]:
    """Return an error as the newer tracer writes it."""
    return {"id": None, "parentId": None, **item}


def in_detail(item: dict[str, Any]) -> dict[str, Any]:
    """Return an error with a description and parameters."""
    return item | {"description": f"See {item['code']}", "params": ["pb", "amritsar"]}


def in_company(call: Call, reply: Reply) -> Reply:
    """Add a general error before the first."""
    codes = codes_of(reply)
    if not codes or not all(map(OWN.fullmatch, codes)) or not call.path.startswith(MONEY):
        return reply
    general = {**reply.body["Errors"][0], "code": "REQUEST_REFUSED", "message": "Not accepted"}
    return with_body(reply, {**reply.body, "Errors": [*reply.body["Errors"], general]})


def login_with_403(call: Call, reply: Reply) -> Reply:
    """Answer a refused login 403."""
    login = call.path == "/user/oauth/token" and reply.status == 400
    return with_body(reply, reply.body, status=403) if login else reply


def bare(item: dict[str, Any]) -> dict[str, Any]:
    """Return an error without what is null."""
    return {key: value for key, value in item.items() if value is not None}


REFUSALS: Final = (
    Variation(
        name="unknown-transaction-404",
        because="TXN-07 wants a 4xx that says so; the contract documents 404.",
        edit=status_for(UNKNOWN, 404),
    ),
    Variation(
        name="stranger-403",
        because="TXN-08 wants a refusal; 403 is documented.",
        edit=status_for(STRANGER, 403),
    ),
    Variation(
        name="stranger-404",
        because="TXN-08 wants a refusal; RFC 9110, 15.5.4: 404 hides what a caller may not see.",
        edit=status_for(STRANGER, 404),
    ),
    Variation(name="ended-transaction-409", because=RFC, edit=status_for(FINAL, 409)),
    Variation(name="ended-transaction-410", because=RFC, edit=status_for(FINAL, 410)),
    Variation(name="taken-bill-409", because=RFC, edit=status_for(TAKEN, 409)),
    Variation(name="expired-bill-410", because=RFC, edit=status_for(EXPIRED, 410)),
    Variation(name="rules-422", because=RFC, edit=status_of_rules(422)),
    Variation(name="rules-409", because=RFC, edit=status_of_rules(409)),
    Variation(
        name="rules-403",
        because="The contract documents 403, and no requirement says which 4xx a rule has.",
        edit=status_of_rules(403),
    ),
    Variation(
        name="rules-404",
        because="The contract documents 404, and no requirement says which 4xx a rule has.",
        edit=status_of_rules(404),
    ),
    Variation(name="rules-410", because=RFC, edit=status_of_rules(410)),
    Variation(name="rules-412", because=RFC, edit=status_of_rules(412)),
    Variation(name="constraints-422", because=RFC, edit=status_of_constraints(422)),
    Variation(
        name="other-methods-404",
        because="RFC 9110, 15.5.5: what has no representation for a method may be hidden.",
        edit=no_method(404),
    ),
    Variation(
        name="other-methods-403",
        because="The gateway opens a method of a path, and refuses all others with 403.",
        edit=no_method(403),
    ),
    Variation(name="unknown-transaction-410", because=RFC, edit=status_for(UNKNOWN, 410)),
    Variation(name="unknown-transaction-422", because=RFC, edit=status_for(UNKNOWN, 422)),
    Variation(
        name="unknown-transaction-403",
        because="TXN-07 wants a 4xx that says so; the contract documents 403.",
        edit=status_for(UNKNOWN, 403),
    ),
    Variation(
        name="refused-login-403",
        because="USR-04 wants a 4xx; the contract documents 403.",
        edit=login_with_403,
    ),
    Variation(
        name="refused-login-401",
        because="USR-04 wants a 4xx; RFC 6749, 5.2 allows 401 for failed authentication.",
        edit=login_with_401,
    ),
    Variation(
        name="refused-login-without-description",
        because="RFC 6749, 5.2: error_description is optional.",
        edit=login_bare,
    ),
    Variation(
        name="gateway-refuses-without-body",
        because="No published contract describes 401 and 403; the newer gateway sends no body.",
        edit=bare_gateway,
    ),
    Variation(
        name="gateway-refuses-as-oauth",
        because="RFC 6749, 5.2 and RFC 6750, 3.1: error and error_description.",
        edit=page_of_gateway,
    ),
    Variation(
        name="gateway-refuses-with-own-codes",
        because="No contract lists codes; 401 and 403 say what they are about.",
        edit=gateway_with_own_codes,
    ),
    Variation(
        name="gateway-refuses-as-spring",
        because="No published contract describes 401 and 403.",
        edit=gateway_as_spring,
    ),
    Variation(
        name="no-role-401",
        because="MDM-05 wants a refusal; 401 is documented.",
        edit=no_role_401,
    ),
    Variation(
        name="no-token-403",
        because="USR-09 wants a refusal; 403 is documented.",
        edit=no_token_403,
    ),
    Variation(
        name="unknown-path-without-body",
        because="RFC 9110, 15.5.5: the content of a 404 is optional.",
        edit=no_route_plain,
    ),
    Variation(
        name="errors-in-hindi",
        because="Messages are for people and may be translated; no contract lists them.",
        edit=each_error(in_hindi),
    ),
    Variation(
        name="errors-at-length",
        because="No contract limits the length of a message.",
        edit=each_error(at_length),
    ),
    Variation(
        name="errors-in-lower-case",
        because="Messages are for people; no contract lists them.",
        edit=each_error(in_lower_case),
    ),
    Variation(
        name="errors-with-own-codes",
        because="No contract lists codes; they still name what is wrong.",
        edit=each_error(with_own_code),
    ),
    Variation(
        name="errors-of-six-keys",
        because="The tracer of the newer line writes id and parentId, too.",
        edit=each_error(with_six_keys),
    ),
    Variation(
        name="errors-in-detail",
        because="The published Error has a description and parameters.",
        edit=each_error(in_detail),
    ),
    Variation(
        name="errors-in-company",
        because="The published ErrorRes holds a list of errors.",
        edit=in_company,
    ),
    Variation(
        name="errors-without-nulls",
        because="The published Error requires code and message only.",
        edit=each_error(bare),
    ),
)
