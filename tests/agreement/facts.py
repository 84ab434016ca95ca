"""Facts that real DIGIT was seen to show, each asked of a reference: no recording is needed.

`facts.yaml` states them in our own words. A fact names a scene, who calls what, what the request
has otherwise than a sound one, and what was answered: status, codes and, where it was accepted, the
shape.
"""

import copy
import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import yaml

from tests.agreement.comparison import codes_of, shape_differences
from tests.agreement.recording import OPERATIONS, Answer
from tests.agreement.replay import DEEP, NUMBERS, UNKNOWN_TOKEN, answer_of
from tests.agreement.scenes import Scene
from tests.agreement.stage import Props, Stage
from tests.reference.conftest import newcomer

FILE: Final = Path(__file__).with_name("facts.yaml")
LINES: Final = ("digit-2.8", "mseva", "digit-lts")
PATHS: Final = {name: path for path, name in OPERATIONS.items()}
SAMPLES: Final[dict[str, Any]] = {"text": "a", "number": 1, "flag": True, "any": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One fact; the fields are those of the file."""

    what: str
    call: str  # an operation, or method and path
    status: int
    codes: list[str] = field(default_factory=list)
    shape: str = ""
    lines: list[str] = field(default_factory=lambda: list(LINES))
    scene: dict[str, Any] = field(default_factory=dict)
    as_: str = "integrator"  # "nobody" sends no token, "stranger" one that is unknown
    with_: dict[str, Any] = field(default_factory=dict)  # replaces fields of the sound request
    without: list[str] = field(default_factory=list)
    query: dict[str, Any] = field(default_factory=dict)
    raw: str | None = None  # the whole body
    media_type: str = "application/json"


@functools.cache
def _document() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return found


def facts() -> list[Fact]:
    """Return all facts, in the order of the file."""
    names = {"as": "as_", "with": "with_"}
    return [
        Fact(**{names.get(key, key): value for key, value in entry.items()})
        for entry in _document()["facts"]
    ]


def differences(fact: Fact, stage: Stage) -> Iterator[str]:
    """Ask a reference for a fact; yield what it answers otherwise."""
    answer = asked(fact, stage)
    if answer.status != fact.status:
        yield f"status {answer.status} instead of {fact.status} ({codes_of(answer)})"
        return
    if sorted(fact.codes) != sorted(codes_of(answer).known):
        yield f"codes {codes_of(answer)} instead of {','.join(sorted(fact.codes))}"
    if fact.shape:
        yield from shape_differences(_sample(_shape(fact.shape)), answer.body)


def asked(fact: Fact, stage: Stage) -> Answer:
    """Build the scene of a fact, send its request, return the answer."""
    props = stage.build(Scene(**fact.scene))
    method, _, path = fact.call.rpartition(" ")
    headers = {"Content-Type": fact.media_type}
    http = stage.digit.http
    body = _body(fact, stage, props)
    if method == "GET" and "authToken" in body:
        headers["auth-token"] = stage.token(fact.as_)
    url = http.base_url.copy_with(raw_path=_target(fact, path, props).encode())
    auth = httpx.BasicAuth("egov-user-client", "") if fact.call == "token.create" else None
    request = http.build_request(
        method or "POST", url, content=body.encode(), headers=headers if body else {}
    )
    return answer_of(http.send(request, auth=auth or httpx.USE_CLIENT_DEFAULT))


def _target(fact: Fact, path: str, props: Props) -> str:
    query = _sound_query(fact.call, props) | fact.query
    named = {key: value for key, value in query.items() if value is not None}
    return str(httpx.URL(PATHS.get(path, path), params=named)) if named else PATHS.get(path, path)


def _body(fact: Fact, stage: Stage, props: Props) -> str:
    """Return the body: the raw one, or RequestInfo with the token and a sound, changed object."""
    if fact.raw is not None:
        return DEEP if fact.raw == "deeply nested" else fact.raw
    info: dict[str, Any] = {"apiId": "facts", "ver": "1", "ts": 7, "msgId": "7|en_IN"}
    if fact.as_ != "nobody":
        token = UNKNOWN_TOKEN if fact.as_ == "stranger" else stage.token(fact.as_)
        info["authToken"] = token
    wrapper, sound = _sound_object(fact.call, stage, props)
    changed = {key: value for key, value in sound.items() if key not in fact.without} | fact.with_
    wrapped = [changed] if wrapper == "Demands" else changed
    content: dict[str, Any] = {wrapper: wrapped} if wrapper else changed
    if "tenantId" not in json.dumps(content):
        content["tenantId"] = "pb.amritsar"
    return json.dumps({"RequestInfo": info} | content, default=float)


def _sound_object(call: str, stage: Stage, props: Props) -> tuple[str, dict[str, Any]]:
    """Return the wrapper and the object of a request that would be accepted."""
    bill = props.bill or {
        "id": "NOWHERE", "totalAmount": 100, "tenantId": "pb.amritsar", "businessService": "PT",
        "consumerCode": "NOWHERE",
    }  # fmt: skip
    match call:
        case "transaction.create":
            service = {"businessService": bill["businessService"]}
            return "Transaction", stage.till.transaction(bill, gateway="AXIS", **service)
        case "demand.create":
            return "Demands", stage.till.demand()
        case "user.create":
            return "user", newcomer(f"newcomer-{next(NUMBERS)}")["user"]
        case "payment.create" | "payment.validate":
            return "Payment", stage.till.payment(bill)
        case "mdms.search" | "POST /egov-mdms-service/v1/_search":
            wanted = {"moduleName": "tenant", "masterDetails": [{"name": "tenants"}]}
            return "MdmsCriteria", {"tenantId": "pb", "moduleDetails": [wanted]}
    return "", {}


def _sound_query(call: str, props: Props) -> dict[str, Any]:
    """Return the query that names what a scene holds."""
    code = props.demand.get("consumerCode")
    of_bill = {"tenantId": "pb.amritsar", "businessService": "PT", "consumerCode": code}
    return {
        "bill.fetch": of_bill,
        "demand.search": of_bill,
        "bill.search": {"tenantId": "pb.amritsar", "billId": props.bill.get("id")},
        "transaction.search": {"txnId": props.transaction.get("txnId")},
        "transaction.update": {"eg_pg_txnid": props.transaction.get("txnId")},
        "GET transaction.update": {"eg_pg_txnid": props.transaction.get("txnId")},
        "payment.search": {
            "tenantId": "pb.amritsar", "businessServices": "PT", "consumerCodes": code,
        },
    }.get(call, {})  # fmt: skip


def _shape(name: str) -> Any:
    """Return a shape by name; one that is `like` another has keys more or fewer at a place."""
    found = _document()["shapes"][name]
    if "like" not in found:
        return found
    shape = copy.deepcopy(_shape(found["like"]))
    place = shape
    for key in found["at"].split("."):
        place = place[key][0] if isinstance(place[key], list) else place[key]
    place.update(dict.fromkeys(found.get("plus", ()), "any"))
    for key in found.get("minus", ()):
        del place[key]
    return shape


def _sample(shape: Any) -> Any:
    """Return a document of a shape: keys with a kind of value, a list of one for any list."""
    if isinstance(shape, dict):
        return {key: _sample(each) for key, each in shape.items()}
    if isinstance(shape, list):
        return [_sample(each) for each in shape]
    return SAMPLES[shape]
