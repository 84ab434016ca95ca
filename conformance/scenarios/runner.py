"""Plays a scenario on a target: fills in variables, calls, compares, keeps values for later."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from conformance.bbps.flow import Bbps
from conformance.bbps.outcome_channels.outcome_report import OutcomeReport
from conformance.client.response import Response
from conformance.core.verdicts import Inconclusive, Violation
from conformance.scenarios.catalogue import Expectation, Scenario, Step
from conformance.scenarios.places import at

VARIABLE: Final = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
Values = dict[str, Any]


def play(scenario: Scenario, bbps: Bbps) -> None:
    """Play every step; Violation names the step, what was expected and what came.

    Inconclusive where that was a preparation, or where the actor's call reaches no service.
    """
    values = _target_values(bbps)
    for step in scenario.steps:
        response = _answered(step, bbps, values)
        problem = mismatch(step.expect, response, values)
        if problem and (step.given or response.turned_away or response.unserved):
            remedy = response.missing_grant or response.unserved or f"needed: {problem[0]}"
            raise Inconclusive(f"step {step.name!r}: {problem[1]}", remedy)
        if problem:
            raise Violation(f"step {step.name!r}: {problem[0]}", problem[1])
        for name, pointer in step.save.items():
            values[name] = _kept(response, pointer, step)


def mismatch(expect: Expectation, response: Response, values: Values) -> tuple[str, str] | None:
    """Return required and observed of the first expectation that does not hold, or None."""
    if expect.status is not None and response.status != expect.status:
        return f"the answer is HTTP {expect.status}", f"it is {response.description}"
    for pointer in expect.present:
        if at(response.body, pointer) in (None, ""):
            return f"the answer has a value at {pointer}", "it has none"
    for pointer, value in filled(expect.equals, values).items():
        found = at(response.body, pointer)
        if not _equal(found, value):
            return f"the answer has {value!r} at {pointer}", f"it has {found!r}"
    return None


def filled(node: Any, values: Values) -> Any:
    """Replace {{variables}} at any depth; a text that is one variable takes its value's type."""
    if isinstance(node, dict):
        return {str(filled(key, values)): filled(value, values) for key, value in node.items()}
    if isinstance(node, list):
        return [filled(value, values) for value in node]
    if not isinstance(node, str):
        return node
    alone = VARIABLE.fullmatch(node)
    if alone:
        return _value(alone[1], values)
    return VARIABLE.sub(lambda match: str(_value(match[1], values)), node)


def _answered(step: Step, bbps: Bbps, values: Values) -> Response:
    body, query = filled(step.body, values), filled(step.query, values)
    if step.call == "transaction.update":
        query = _signalled(query, bbps)

    def call() -> Response:
        return bbps.client.call(
            step.call, as_=step.as_, path=filled(step.path, values), query=query, body=body
        )

    if not step.eventually:
        return call()
    response, _ = bbps.polling.within_deadline(
        call, lambda response: mismatch(step.expect, response, values) is None
    )
    return response


def _signalled(query: Mapping[str, Any], bbps: Bbps) -> Mapping[str, Any]:
    """Set the outcome that an update states by the channel of the target; return what is left."""
    outcome = bbps.target.outcome
    if outcome.style == "update-parameters":
        return query
    names = outcome.parameters
    report = OutcomeReport(
        transaction=str(query.get(names.id, "")),
        success={names.success: True, names.failure: False}.get(query.get(names.status, "")),
        amount=_rupees(query.get(names.amount, 0)),
    )
    stated = {names.status, names.amount, names.reference}
    left = {name: value for name, value in query.items() if name not in stated}
    return left | dict(bbps.report(report))


def _rupees(value: Any) -> Decimal:
    try:
        return max(Decimal(str(value)), Decimal(0))
    except InvalidOperation:
        return Decimal(0)


def _target_values(bbps: Bbps) -> Values:
    """Return the variables that every scenario may use."""
    target = bbps.target
    first, last = bbps.clock.financial_year()
    names = target.outcome.parameters
    return {
        "tenant": target.tenant,
        "state_tenant": target.state_tenant,
        "business_service": target.bills.business_service,
        "tax_head": target.bills.tax_head,
        "module": target.bills.search_module,
        "amount": target.bills.amount,
        "gateway": target.outcome.gateway,
        "callback_url": target.outcome.callback_url,
        "consumer_code": bbps.provision.new_consumer_code(),
        "period_from": first,
        "period_to": last,
        "id_parameter": names.id,
        "status_parameter": names.status,
        "amount_parameter": names.amount,
        "success": names.success,
        "failure": names.failure,
    }


def _kept(response: Response, pointer: str, step: Step) -> Any:
    value = at(response.body, pointer)
    if value is None:
        raise Inconclusive(f"step {step.name!r}: the answer has no value at {pointer} to save")
    return value


def _value(name: str, values: Values) -> Any:
    if name not in values:
        raise Inconclusive(f"no earlier step saved the variable {name!r}", "correct the scenario")
    return values[name]


def _equal(found: Any, value: Any) -> bool:
    """Compare as a reader would: 100, 100.00 and "100" are one amount."""
    return found == value or (found is not None and str(found) == str(value))
