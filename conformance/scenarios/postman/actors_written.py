"""The actors of a target in Postman: their logins, and the environment with what the target has."""

import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from conformance.contracts.endpoints import ENDPOINTS
from conformance.profile.target import Target
from conformance.scenarios.postman.helpers_written import HELPERS

LOGIN = "token.create"


def variable(actor: str, field: str) -> str:
    """Return the variable that holds something of an actor."""
    return "{{" + f"{actor}.{field}" + "}}"


def setup(target: Target, actors: Iterable[str]) -> list[dict[str, Any]]:
    """Return the requests that create the users of the run, and let every actor log in."""
    items = []
    known = [name for name in actors if name in target.actors]
    for name in sorted(known, key=lambda each: (target.actors[each].create, each)):
        actor = target.actors[name]
        if actor.create:
            items.append(_creation(name))
        form = {
            "grant_type": "password", "scope": target.oauth.scope,
            "username": variable(name, "username"), "password": variable(name, "password"),
            "tenantId": variable(name, "tenant"), "userType": actor.type,
        }  # fmt: skip
        test = HELPERS + "\n".join([
            f'pm.test("the {name} gets a token", () => pm.response.to.have.status(200));',
            f'pm.collectionVariables.set("{name}.token", at("access_token"));',
            "// how far the clock of the deployment is ahead",
            'const there = Date.parse(pm.response.headers.get("Date"));',
            'pm.collectionVariables.set("skew", there ? there - Date.now() : 0);',
        ])  # fmt: skip
        pairs = [{"key": key, "value": each} for key, each in form.items()]
        items.append({
            "name": f"Log in as {name}",
            "event": [{"listen": "test", "script": script(test)}],
            "request": {
                "method": "POST", "header": [], "auth": basic(),
                "body": {"mode": "urlencoded", "urlencoded": pairs},
                "url": "{{base_url}}" + ENDPOINTS[LOGIN].path,
            },
        })  # fmt: skip
    return items


def _creation(name: str) -> dict[str, Any]:
    """Return the request that creates a SYSTEM user of the run."""
    user = {
        "userName": variable(name, "username"), "name": f"BBPS conformance {name}",
        "mobileNumber": variable(name, "mobile"),
        "emailId": variable(name, "username") + "@example.org",
        "type": "SYSTEM", "active": True, "tenantId": "{{state_tenant}}",
        "password": variable(name, "password"),
        "roles": [{"code": "{{role}}", "tenantId": "{{state_tenant}}"}],
    }  # fmt: skip
    info = {"apiId": "bbps-conformance", "authToken": "{{administrator.token}}"}
    made = {
        f"{name}.username": f'"conf-{name}-" + Date.now() + Math.floor(Math.random() * 1000)',
        f"{name}.password": 'Math.random().toString(36).slice(2, 10) + "Aa1@"',
        f"{name}.mobile": '"9" + String(Math.floor(Math.random() * 1e9)).padStart(9, "0")',
        f"{name}.tenant": 'pm.variables.get("state_tenant")',
    }
    before = "\n".join(
        f"pm.collectionVariables.set({json.dumps(key)}, {code});" for key, code in made.items()
    )
    after = f'pm.test("the {name} is created", () => pm.response.to.be.success);'
    raw = json.dumps({"RequestInfo": info, "user": user}, indent=2)
    return {
        "name": f"Create the {name}",
        "event": [
            {"listen": "prerequest", "script": script(before)},
            {"listen": "test", "script": script(after)},
        ],
        "request": {
            "method": "POST",
            "header": [{"key": "Content-Type", "value": "application/json"}],
            "body": {"mode": "raw", "raw": raw},
            "url": "{{base_url}}" + ENDPOINTS["user.create"].path,
        },
    }


def environment(target: Target, base_url: str, *, secrets: bool) -> dict[str, Any]:
    """Return the environment of a target: its values, and its passwords if they are wanted."""
    names = target.outcome.parameters
    first, last = _financial_year(target)
    plain = {
        "base_url": base_url, "tenant": target.tenant, "state_tenant": target.state_tenant,
        "business_service": target.bills.business_service, "tax_head": target.bills.tax_head,
        "module": target.bills.search_module, "amount": target.bills.amount,
        "gateway": target.outcome.gateway, "callback_url": target.outcome.callback_url,
        "role": target.role, "consumer_code": "CONF-NONE", "period_from": first,
        "period_to": last, "id_parameter": names.id, "status_parameter": names.status,
        "amount_parameter": names.amount, "success": names.success, "failure": names.failure,
        "client_id": target.oauth.client_id,
    }  # fmt: skip
    hidden = {"client_secret": target.oauth.client_secret}
    for name, actor in target.actors.items():
        if not actor.create:
            plain |= {f"{name}.username": actor.username, f"{name}.type": actor.type,
                      f"{name}.tenant": actor.tenant or target.tenant}  # fmt: skip
            hidden[f"{name}.password"] = actor.password
    values = [{"key": key, "value": str(each), "enabled": True} for key, each in plain.items()]
    values += [
        {
            "key": key,
            "value": each.get_secret_value() if secrets else "",
            "type": "secret",
            "enabled": True,
        }
        for key, each in hidden.items()
    ]
    return {"name": target.name, "values": values, "_postman_variable_scope": "environment"}


def _financial_year(target: Target) -> tuple[int, int]:
    today = datetime.now(target.zone).date()
    year = today.year if today.month >= 4 else today.year - 1
    begin, after = (
        datetime.combine(day, datetime.min.time(), target.zone)
        for day in (date(year, 4, 1), date(year + 1, 3, 31) + timedelta(days=1))
    )
    return int(begin.timestamp() * 1000), int(after.timestamp() * 1000) - 1000


def basic() -> dict[str, Any]:
    pairs = {"username": "{{client_id}}", "password": "{{client_secret}}"}
    return {"type": "basic", "basic": [{"key": key, "value": each} for key, each in pairs.items()]}


def script(source: str) -> dict[str, Any]:
    return {"type": "text/javascript", "exec": source.splitlines()}
