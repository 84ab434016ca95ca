"""The values of a scenario as pre-request scripts, and the bills that it needs as requests."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from conformance.profile.target import Service, Target
from conformance.scenarios.model import Scenario
from conformance.scenarios.postman.tests_written import Unwritable
from conformance.scenarios.values import Generated

RANDOM: Final = "Date.now().toString(36).toUpperCase() + Math.floor(Math.random() * 1e6)"
# The clock of the deployment, as the answer to a login shows it.
NOW: Final = 'Date.now() + Number(pm.collectionVariables.get("skew") || 0)'
DAY: Final = 86_400_000
NUMERIC: Final = frozenset({"rupees", "number", "time", "seconds"})
# A kind of value -> the JavaScript that makes one.
MADE: Final[Mapping[str, str]] = {
    "uuid": 'pm.variables.replaceIn("{{$guid}}")',
    "mobile": '"9" + String(Math.floor(Math.random() * 1e9)).padStart(9, "0")',
    "email": '"conf" + Date.now() + Math.floor(Math.random() * 1e6) + "@example.org"',
    "password": 'Math.random().toString(36).slice(2, 10) + "Aa1@"',
    "consumer-code": f'"CONF-" + {RANDOM}',
}


def numeric_names(scenario: Scenario) -> set[str]:
    """Return the variables of a scenario that hold numbers."""
    found = {"amount", "period_from", "period_to"}
    for name, value in scenario.values.items():
        if isinstance(value, Generated):
            if value.generate in NUMERIC:
                found.add(name)
            if value.generate == "bill":
                found |= {f"{name}.amount", f"{name}.expires_at"}
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found.add(name)
    return found


def bills_of(scenario: Scenario, target: Target) -> Iterator[tuple[str, Service, Any]]:
    """Yield each bill that a scenario needs: its variable, business service and amount.

    Raises Unwritable where Postman cannot have one.
    """
    bills = target.bills
    for name, value in scenario.values.items():
        if not isinstance(value, Generated) or value.generate != "bill":
            continue
        if bills.provision != "demands":
            raise Unwritable("the bills of the target are taken from a pool")
        usual = Service(business_service=bills.business_service, tax_head=bills.tax_head)
        whole = next((each for each in bills.certified if each != bills.partial), None)
        service = {
            None: usual, "whole": whole, "partial": bills.partial, "restricted": bills.restricted
        }[value.service]  # fmt: skip
        if service is None:
            raise Unwritable(f"the profile names no business service that is {value.service}")
        yield name, service, "{{amount}}" if value.amount is None else value.amount


def values_script(scenario: Scenario) -> str:
    """Return the script that makes the values of a scenario, except its bills."""
    lines = ['pm.collectionVariables.set("round", 0);']
    for name, value in scenario.values.items():
        code = _code(value)
        if code:
            lines.append(f"pm.collectionVariables.set({json.dumps(name)}, {code});")
    first = 'if (pm.collectionVariables.get("again") !== pm.info.requestId) {'
    return "\n".join([first, *(f"  {each}" for each in lines), "}"])  # once, if it is repeated


def bill_script(name: str, service: Service) -> str:
    """Return the script that begins a bill."""
    pairs = {
        f"{name}.consumer_code": f'"CONF-" + {RANDOM}',
        f"{name}.business_service": json.dumps(service.business_service),
        f"{name}.tenant": 'pm.variables.get("tenant")',
    }
    return "\n".join(
        f"pm.collectionVariables.set({json.dumps(key)}, {code});" for key, code in pairs.items()
    )


def _code(value: Any) -> str:
    """Return the JavaScript for a value; empty for what is made or given otherwise."""
    if not isinstance(value, Generated):
        return (
            f"pm.variables.replaceIn({json.dumps(value)})"
            if isinstance(value, str)
            else (json.dumps(value, default=str))
        )
    kind = value.generate
    if kind in MADE:
        return MADE[kind]
    shift = f" + {(value.days or 0) * DAY}" if value.days else ""
    if kind == "text":
        prefix = json.dumps(f"{value.prefix}-" if value.prefix else "")
        return f"{prefix} + {RANDOM}"
    if kind == "number":
        first, last = value.between or (0, 10**6)
        return f"{first} + Math.floor(Math.random() * {last - first + 1})"
    if kind == "rupees":
        if value.between is not None:
            first, last = value.between
            return f"{first} + Math.floor(Math.random() * {last - first + 1})"
        of, plus = (
            f"Number(pm.variables.replaceIn({json.dumps(str(each))}))"
            for each in (value.of, value.plus or 0)
        )
        return f"({of} + {plus}).toFixed(2)"
    if kind == "time":
        return f"{NOW}{shift}"
    if kind == "seconds":
        return f"Math.floor(({NOW}{shift}) / 1000)"
    if kind == "date":
        return f"new Date({NOW} + 19800000{shift}).toISOString().slice(0, 10)"
    return ""
