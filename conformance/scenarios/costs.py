"""What a scenario needs of a deployment, by its steps, as far as a mode lets it come."""

from collections.abc import Iterable, Mapping

from conformance.contracts.effects import Effect
from conformance.contracts.endpoints import ENDPOINTS, any_endpoint, operation_at
from conformance.profile.target import Mode, Target
from conformance.scenarios.model import Scenario, Step
from conformance.scenarios.plan import ScenarioCheck
from conformance.scenarios.templates import variables_in
from conformance.scenarios.values import Generated

Cost = tuple[float, float, float]  # requests, bill amounts, quiet watches: of one check
OF_A_BILL = 2  # requests: its demand is raised, and it is fetched


def costs_of(checks: Mapping[str, ScenarioCheck], target: Target) -> dict[str, Cost]:
    """Return the costs of checks by their names: of several that share one play, the first pays."""
    paid: set[str] = set()
    found: dict[str, Cost] = {}
    for name, check in checks.items():
        shared = check.play in paid
        paid.add(check.play)
        found[name] = (0.0, 0.0, 0.0) if shared else _of_a_play(check.scenario, target)
    return found


def _of_a_play(scenario: Scenario, target: Target) -> Cost:
    mode, provision = target.mode, target.bills.provision
    requests = watches = 0
    bills: set[str] = set()
    for step in scenario.steps:
        used = bills | _bills(scenario, variables_in(step.model_dump()))
        if not _allowed(step, mode) or (used and not (mode.writes and provision != "none")):
            break  # nothing after it is played
        bills = used
        rows = max(1, len(step.foreach))
        requests += rows + (step.control is not None)
        watches += rows * bool(step.never)
    return float(requests + OF_A_BILL * len(bills)), float(len(bills)), float(watches)


def _bills(scenario: Scenario, names: Iterable[str]) -> set[str]:
    """Return the bills that variables stand for or are made of."""
    found: set[str] = set()
    for name in {each.partition(".")[0] for each in names}:
        value = scenario.values.get(name)
        if isinstance(value, Generated) and value.generate == "bill":
            found.add(name)
        elif value is not None:
            node = value.model_dump() if isinstance(value, Generated) else value
            inner = {each for each in variables_in(node) if each.partition(".")[0] != name}
            found |= _bills(scenario, inner)
    return found


def _allowed(step: Step, mode: Mode) -> bool:
    """Whether a step may be taken in a mode, if its request is as mild as it can be."""
    if step.call is not None:
        endpoint = ENDPOINTS[step.call]
    else:
        assert step.request is not None
        found = operation_at(step.request.path)
        endpoint = found[0] if found else any_endpoint(step.request.method, step.request.path)
    effect = endpoint.milder.effect if endpoint.milder else endpoint.effect
    return mode.pays or (mode.writes and effect <= Effect.WRITES) or effect is Effect.READS
