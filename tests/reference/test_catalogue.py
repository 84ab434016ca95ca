"""Services and faults: each is listed, each fault is decided on in the package that has it."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

import conformance.reference
from conformance.reference import catalogue
from conformance.reference.app.application import SERVICES
from conformance.reference.gateway.admission import service_of
from conformance.reference.platform.site import SERVICES as ROUTED
from conformance.reference.variations.catalogue import VARIATIONS

ROOT = Path(conformance.reference.__file__).parent
PACKAGES = sorted(path.parent.name for path in ROOT.glob("*/faults.py"))
PACKAGES.remove("platform")  # what a fault is
KEBAB = re.compile(r"[a-z0-9-]+")


def catalogued(package: str) -> set[str]:
    return {fault.name for fault in import_module(f"conformance.reference.{package}.faults").FAULTS}


def syntax(package: str) -> list[ast.AST]:
    """Return every node of a package's modules, but for its catalogue."""
    return [
        node
        for path in sorted((ROOT / package).glob("*.py"))
        if path.name != "faults.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    ]


def literals(nodes: list[ast.AST]) -> set[str]:
    return {
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def composed(nodes: list[ast.AST]) -> list[re.Pattern[str]]:
    """Return a pattern for each f-string that may be the name of a fault."""
    found = []
    for node in nodes:
        if not isinstance(node, ast.JoinedStr):
            continue
        parts = [each.value if isinstance(each, ast.Constant) else None for each in node.values]
        if all(part is None or KEBAB.fullmatch(str(part)) for part in parts):
            found.append(re.compile("".join(str(part or KEBAB.pattern) for part in parts)))
    return found


def called_by_name(nodes: list[ast.AST]) -> set[str]:
    """Return the names that stand in a call of `faults.on`, or of `on` where it is short for it."""
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    return {
        argument.value
        for call in calls
        if (name := ast.unparse(call.func)).rpartition(".")[2] == "on"
        if not name.endswith("variations.on")
        for argument in call.args
        if isinstance(argument, ast.Constant)
    }


def test_the_catalogue_has_the_faults_of_every_package() -> None:
    names = [fault.name for fault in catalogue()]
    assert len(names) == len(set(names))
    assert set(names) == set().union(*(catalogued(package) for package in PACKAGES))


@pytest.mark.parametrize("package", PACKAGES)
def test_each_fault_is_decided_on_in_its_package(package: str) -> None:
    nodes = syntax(package)
    names, patterns = literals(nodes), composed(nodes)
    assert not {
        name
        for name in catalogued(package) - names
        if not any(pattern.fullmatch(name) for pattern in patterns)
    }


def test_no_package_decides_on_a_fault_that_its_catalogue_lacks() -> None:
    for path in ROOT.iterdir():
        called = called_by_name(syntax(path.name))
        known = catalogued(path.name) if path.name in PACKAGES else set()
        assert called <= known, path.name


def test_each_variation_changes_something() -> None:
    consulted = {
        name for path in ROOT.glob("*/*.py") for name in varied_by_name(path.read_text("utf-8"))
    }
    assert consulted <= VARIATIONS.keys()
    idle = {
        name
        for name, each in VARIATIONS.items()
        if not (each.edit or each.send or each.settings or each.protocol != "1.1")
    }
    assert idle == consulted
    assert all(each.because for each in VARIATIONS.values())


def varied_by_name(text: str) -> set[str]:
    """Return the names that a module looks at with `variations.on`."""
    return {
        name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("variations.on")
        for argument in node.args
        for name in named(argument)
    }


def named(argument: ast.expr) -> set[str]:
    """Return what a literal names, or each variation that an f-string may name."""
    if isinstance(argument, ast.Constant):
        return {str(argument.value)}
    patterns = composed([argument])
    return {name for name in VARIATIONS if any(each.fullmatch(name) for each in patterns)}


def test_every_service_is_served() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/service.py")} - {"platform"}
    offered = [import_module(f"conformance.reference.{name}.service").SERVICE for name in packages]
    assert {service.name for service in SERVICES} == {service.name for service in offered}
    assert len(SERVICES) == len(packages)


def test_every_path_is_served_once_and_routed_by_the_gateway() -> None:
    paths = [route.path for service in SERVICES for route in service.routes]
    assert len(paths) == len(set(paths))
    assert {service_of(path) for path in paths} <= ROUTED
