"""Writes scenarios as a Postman collection (v2.1) with an environment, for Postman and newman."""

import json
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote

from conformance.contracts.endpoints import ENDPOINTS
from conformance.profile.target import Target
from conformance.scenarios.calls import WITH_A_BODY, changed
from conformance.scenarios.model import Expectation, Row, Scenario, Step
from conformance.scenarios.postman.actors_written import (
    LOGIN,
    basic,
    environment,
    script,
    setup,
    variable,
)
from conformance.scenarios.postman.roundtrip import described, own
from conformance.scenarios.postman.tests_written import (
    Unwritable,
    answer_of,
    expression_at,
    test_script,
)
from conformance.scenarios.postman.values_written import (
    bill_script,
    bills_of,
    numeric_names,
    values_script,
)
from conformance.scenarios.soundness import row_name
from conformance.scenarios.templates import VARIABLE, variables_in

SCHEMA: Final = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
SETUP: Final = "Set-up"
NAMESPACE: Final = uuid.UUID("6d7f3c3a-3f0b-4f0e-9d52-1f6f1f0a8a11")
ANONYMOUS: Final = "anonymous"
TYPED: Final = frozenset({"body", "form", "query", "expect", "never"})  # where numbers stay numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A collection and its environment; `left_out` says which scenarios are not in it, and why."""

    collection: dict[str, Any]
    environment: dict[str, Any]
    left_out: tuple[str, ...]
    notes: tuple[str, ...]


def exported(
    scenarios: Iterable[Scenario], target: Target, *, base_url: str, secrets: bool
) -> Exported:
    """Return scenarios for a target as a collection: a folder for each area, the logins first.

    The environment has the values of the target, and with `secrets` its passwords.
    """
    areas: dict[str, list[dict[str, Any]]] = {}
    left_out: list[str] = []
    notes: list[str] = []
    actors: dict[str, None] = {"administrator": None}
    for scenario in scenarios:
        try:
            folders = [_folder(scenario, row, target, actors) for row in scenario.foreach or ({},)]
        except Unwritable as why:
            left_out.append(f"{scenario.name}: {why}")
            continue
        if scenario.days > 1:
            notes.append(f"{scenario.name}: its days follow each other at once in Postman")
        areas.setdefault(scenario.area or "scenarios", []).extend(folders)
    logins = setup(target, actors)
    items = [{"name": SETUP, "description": own(logins), "item": logins}]
    items += [{"name": area, "item": folders} for area, folders in areas.items()]
    info = {"name": "BBPS conformance scenarios", "schema": SCHEMA}
    return Exported(
        collection={"info": info, "item": items},
        environment=environment(target, base_url, secrets=secrets),
        left_out=tuple(left_out),
        notes=tuple(notes),
    )


def _folder(
    scenario: Scenario, row: Row, target: Target, actors: dict[str, None]
) -> dict[str, Any]:
    """Return the folder of a scenario, of one of its rows."""
    name = f"{scenario.name}, {row_name(row)}" if row else scenario.name
    writer = _FolderWriter(scenario, target, actors, name)
    items: list[dict[str, Any]] = []
    valued = _with_values(scenario, row)
    for bill, service, amount in bills_of(valued, target):
        items += writer.bill(bill, service, amount)
    for step in scenario.steps:
        for each in step.foreach or ({},):
            items += writer.step(_with_row(_with_row(step, each), row), each)
        if step.control is not None:
            control = changed(step, step.control).model_copy(
                update={
                    "name": f"{step.name} (control)",
                    "expect": (Expectation(status=step.control.status),),
                    "never": (),
                    "save": {},
                    "eventually": False,
                }
            )
            last = step.foreach[-1] if step.foreach else {}
            items += writer.step(_with_row(_with_row(control, last), row), {})
    first = next(each for each in items if not each["name"].startswith("A bill"))
    made = {"listen": "prerequest", "script": script(values_script(valued))}
    first["event"] = [made, *first["event"]]
    return {"name": name, "description": described(scenario, items), "item": items}


class _FolderWriter:
    """Writes the requests of one scenario."""

    def __init__(
        self, scenario: Scenario, target: Target, actors: dict[str, None], name: str
    ) -> None:
        self._scenario = scenario
        self._target = target
        self._actors = actors
        self._folder = name
        self._numeric = numeric_names(scenario)
        self._saved = {each for step in scenario.steps for each in step.save}
        whole = scenario.model_dump(by_alias=True, exclude_unset=True)
        self._used = set(variables_in(whole))
        self._kept = {
            earlier
            for step in scenario.steps
            for each in step.expect
            for earlier in each.unchanged_since.values()
        }

    def bill(self, name: str, service: Any, amount: Any) -> list[dict[str, Any]]:
        """Return the requests that raise a demand, and fetch its bill."""
        code = "{{" + name + ".consumer_code}}"
        detail = {
            "taxHeadMasterCode": service.tax_head,
            "taxAmount": amount,
            "collectionAmount": 0,
        }
        demand = {
            "tenantId": "{{tenant}}",
            "consumerCode": code,
            "consumerType": "conformance",
            "businessService": service.business_service,
            "taxPeriodFrom": "{{period_from}}",
            "taxPeriodTo": "{{period_to}}",
            "demandDetails": [detail],
        }
        raised = Step.model_validate(
            {"name": f"A bill: raise the demand of {name}", "call": "demand.create",
             "as": "administrator", "body": {"Demands": [demand]}}
        )  # fmt: skip
        fetched = Step.model_validate(
            {"name": f"A bill: fetch {name}", "call": "bill.fetch", "eventually": True,
             "query": {"tenantId": "{{tenant}}", "businessService": service.business_service,
                       "consumerCode": code},
             "expect": {"present": ["/Bill/0/id"]},
             "save": {}}
        )  # fmt: skip
        (first,) = self.step(raised, {})
        begun = {"listen": "prerequest", "script": script(bill_script(name, service))}
        first["event"] = [begun, *first["event"]]
        keeps = {
            f"{name}.id": expression_at("/Bill/0/id"),
            f"{name}.amount": expression_at("/Bill/0/totalAmount"),
            f"{name}.expires_at": expression_at("/Bill/0/billDetails/0/expiryDate"),
        }
        return [first, *self.step(fetched, {}, keeps)]

    def step(
        self, step: Step, row: Mapping[str, Any], keeps: Mapping[str, str] | None = None
    ) -> list[dict[str, Any]]:
        """Return the request of a step."""
        name = f"{step.name} ({row_name(dict(row))})" if row else step.name
        saved = {**self._saves(step), **(keeps or {})}
        if step.name in self._kept:
            saved[answer_of(step.name)] = "JSON.stringify(body)"
        return [
            {
                "id": str(uuid.uuid5(NAMESPACE, f"{self._folder} / {name}")),
                "name": name,
                "event": [{"listen": "test", "script": script(test_script(step, saved))}],
                "request": self._request(step),
                "response": [],
            }
        ]

    def _saves(self, step: Step) -> dict[str, str]:
        """Return what a step keeps: values, and what the scenario uses inside of them."""
        found: dict[str, str] = {}
        for name, place in step.save.items():
            code = expression_at(place)
            found[name] = code
            found[f"{name}.json"] = f"JSON.stringify({code})"
            for used in self._used:
                if used.startswith(f"{name}."):
                    path = json.dumps(used.split(".")[1:])
                    found[used] = f"within({code}, {path})"
        return found

    def _request(self, step: Step) -> dict[str, Any]:
        method, path = _where(step)
        actor = self._actor(step)
        token = step.token
        if token is None and actor != ANONYMOUS:
            token = variable(actor, "token")
        query = _query(step.query)
        headers = [{"key": key, "value": str(each)} for key, each in step.headers.items()]
        known = {each["key"].lower() for each in headers}
        request: dict[str, Any] = {"method": method}
        body, kind, carried = self._body(
            step, method, token, query=bool(step.query.get("tenantId"))
        )
        if body:
            request["body"] = body
        if kind and "content-type" not in known:
            headers.append({"key": "Content-Type", "value": kind})
        if token and not carried and step.call != LOGIN and "auth-token" not in known:
            headers.append({"key": "auth-token", "value": token})
        request["header"] = headers
        if step.call == LOGIN and "authorization" not in known:
            request["auth"] = basic()
        request["url"] = "{{base_url}}" + path + (f"?{query}" if query else "")
        return request

    def _actor(self, step: Step) -> str:
        room, _, what = step.as_.partition(".")
        actor = str(getattr(self._target.readers, what)) if room == "readers" and what else step.as_
        if actor != ANONYMOUS:
            self._actors[actor] = None
        for name in variables_in(step.model_dump(by_alias=True, exclude_unset=True)):
            first, _, inner = name.partition(".")
            if first in self._target.actors and inner and first not in self._saved:
                self._actors[first] = None
        return actor

    def _body(
        self, step: Step, method: str, token: str | None, *, query: bool
    ) -> tuple[dict[str, Any], str, bool]:
        """Return the body, its media type, and whether it carries the token."""
        if step.form is not None:
            pairs = [
                {"key": key, "value": _plain(each)} for key, each in step.form.items()
                if each is not None
            ]  # fmt: skip
            if (step.content_type or "").startswith("multipart"):
                return {"mode": "formdata", "formdata": pairs}, "", False
            return {"mode": "urlencoded", "urlencoded": pairs}, "", False
        if step.text is not None:
            return {"mode": "raw", "raw": step.text}, step.content_type or "", False
        if step.file is not None:
            return {"mode": "file", "file": {"src": step.file}}, step.content_type or "", False
        if isinstance(step.body, list):
            return {"mode": "raw", "raw": self._json(step.body)}, "application/json", False
        if step.body is None and method not in WITH_A_BODY:
            return {}, "", False
        body = dict(step.body or {})
        carried = "RequestInfo" not in body
        if carried:
            info = {"apiId": "bbps-conformance", "ver": "1.0", "ts": "{{$timestamp}}000",
                    "action": "", "msgId": "conformance|en_IN"}  # fmt: skip
            body = {"RequestInfo": info | ({"authToken": token} if token else {}), **body}
        if not query and "tenantId" not in json.dumps(step.body or {}, default=str):
            body["tenantId"] = "{{tenant}}"
        text = self._json(body).replace('"{{$timestamp}}000"', "{{$timestamp}}000")
        return {"mode": "raw", "raw": text}, "application/json", carried

    def _json(self, node: Any) -> str:
        """Return a JSON text; a variable alone takes the type of its value."""
        text = json.dumps(node, indent=2, ensure_ascii=False, default=str)

        def typed(found: re.Match[str]) -> str:
            name = found[1]
            if name in self._numeric:
                return "{{" + name + "}}"
            return "{{" + name + ".json}}" if name in self._saved else found[0]

        return re.sub(r'(?<=: )"\{\{\s*([\w.]+)\s*\}\}"(?=,?$)', typed, text, flags=re.MULTILINE)


def _where(step: Step) -> tuple[str, str]:
    if step.request is not None:
        return step.request.method, step.request.path
    endpoint = ENDPOINTS[step.call or ""]
    return endpoint.method, endpoint.path.format_map(step.path)


def _query(query: Mapping[str, Any]) -> str:
    pairs = [
        (key, each)
        for key, value in query.items()
        for each in (value if isinstance(value, list) else [value])
        if each is not None
    ]
    return "&".join(
        f"{quote(key, safe='{}')}={quote(_plain(each), safe='{}')}" for key, each in pairs
    )


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _with_row(step: Step, row: Mapping[str, Any]) -> Step:
    """Return a step with the columns of a row in place of their variables."""
    if not row:
        return step
    plain = step.model_dump(by_alias=True, exclude_unset=True, exclude={"foreach", "control"})
    texts = {key: _plain(value) if _is_number(value) else value for key, value in row.items()}
    found = {key: _replaced(each, row if key in TYPED else texts) for key, each in plain.items()}
    for each in (*found.get("expect", ()), *found.get("never", ())):
        if "matches" in each:
            each["matches"] = {place: str(text) for place, text in each["matches"].items()}
    return Step.model_validate(found)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal)


def _with_values(scenario: Scenario, row: Row) -> Scenario:
    """Return a scenario whose values have the columns of a row in place of their variables."""
    if not row:
        return scenario
    plain = scenario.model_dump(by_alias=True, exclude_unset=True, include={"values"})
    least = {"name": "x", "title": "x", "steps": [{"name": "x", "call": LOGIN}]}
    values = Scenario.model_validate({**least, **_replaced(plain, row)}).values
    return scenario.model_copy(update={"values": values})


def _replaced(node: Any, row: Mapping[str, Any]) -> Any:
    if isinstance(node, dict):
        return {str(_replaced(key, row)): _replaced(each, row) for key, each in node.items()}
    if isinstance(node, list | tuple):
        return [_replaced(each, row) for each in node]
    if not isinstance(node, str):
        return node
    alone = VARIABLE.fullmatch(node)
    if alone and alone[1] in row:
        return row[alone[1]]
    return VARIABLE.sub(lambda found: _plain(row[found[1]]) if found[1] in row else found[0], node)
