"""Register, checks and faults refer to each other, in both directions."""

import ast
from collections import defaultdict
from pathlib import Path

import pytest

from conformance.bbps.named_needs import NEEDS, right
from conformance.contracts.endpoints import ENDPOINTS
from conformance.core.requirements import Register
from conformance.core.verdicts import Level
from conformance.doctor.predictions import EVERY_OPERATION
from conformance.reference import LINEAGES, catalogue
from conformance.scenarios.catalogue import load as load_scenarios
from conformance.scenarios.soundness import claimed

ACTORS = {"administrator", "cashier", "citizen", "integrator", "rival"}
CHECKS = Path(__file__).parents[2] / "conformance" / "checks"


def checks() -> list[tuple[str, ast.FunctionDef, tuple[str, ...]]]:
    found = []
    for path in sorted(CHECKS.glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found.append((path.stem, node, verified(node)))
    return found


def verified(node: ast.FunctionDef) -> tuple[str, ...]:
    return tuple(
        argument.value
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "verifies"
        for argument in decorator.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    )


def checked_ids() -> set[str]:
    ids = {id_ for _, _, verified_ids in checks() for id_ in verified_ids}
    return ids | {id_ for scenario in load_scenarios() for id_ in claimed(scenario)}


def test_every_check_verifies_known_requirements() -> None:
    register = Register.load()
    for module, node, ids in checks():
        assert ids, f"{module}.{node.name} verifies nothing"
        for id_ in ids:
            register.of(id_)


def test_every_check_tells_its_situation() -> None:
    for module, node, _ in checks():
        assert ast.get_docstring(node), f"{module}.{node.name} has no docstring"


def test_requirement_is_checked_or_says_why_not() -> None:
    checked = checked_ids()
    for requirement in Register.load():
        if requirement.not_checked:
            assert requirement.id not in checked, requirement.id


def test_requirements_need_what_the_doctor_can_ask_for() -> None:
    for requirement in Register.load():
        for name in requirement.needs:
            if found := right(name):
                assert found[0] in ENDPOINTS, f"{requirement.id}: {name}"
                assert set(found[1]) <= ACTORS, f"{requirement.id}: {name}"
            else:
                assert name in NEEDS or name == EVERY_OPERATION, f"{requirement.id}: {name}"


def test_faults_name_known_requirements() -> None:
    register = Register.load()
    names = [fault.name for fault in catalogue()]
    assert len(names) == len(set(names))
    for fault in catalogue():
        assert fault.requirements
        assert fault.sentence.endswith(".")
        for id_ in (*fault.requirements, *fault.dependents):
            register.of(id_)


def test_every_checked_must_has_a_fault() -> None:
    faults = defaultdict(list)
    for fault in catalogue():
        for id_ in fault.requirements:
            faults[id_].append(fault.name)
    checked = checked_ids()
    bare = [
        requirement.id
        for requirement in Register.load()
        if requirement.level is Level.MUST
        and requirement.id in checked
        and requirement.id not in faults
    ]
    assert not bare


@pytest.mark.parametrize("lineage", LINEAGES)
def test_lineages_are_made_of_known_faults(lineage: str) -> None:
    names = {fault.name for fault in catalogue()}
    assert set(LINEAGES[lineage].faults) <= names
