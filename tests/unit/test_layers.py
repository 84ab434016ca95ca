"""Who may import whom: the table of ARCHITECTURE.md, compared with the syntax trees."""

import ast
import re
from pathlib import Path

from tests.unit.house import ORDER

PACKAGE = Path(__file__).parents[2] / "conformance"
# The rooms by floor, the lowest first: a room imports from floors below it only.
FLOORS = (
    {"core"},
    {"contracts", "profile", "results"},
    {"client"},
    {"mdms"},
    {"bbps"},
    {"generation"},
    {"doctor"},
    {"checks", "scenarios"},
    {"report"},
    {"run"},
    {"fleet"},
    {"cli"},
)
REFERENCE_FLOORS = (
    {"platform"},
    {"lineages", "mdms", "payment_gateways", "variations"},
    {"user"},
    {"access", "billing", "hrms"},
    {"collection", "gateway"},
    {"pg"},
    {"app"},
)
OUTSIDE = {"__init__", "__main__", "reference", "examples"}
# Exceptions, each with its because.
FORBIDDEN = {
    ("report", "client"): "reports are made from results alone, of any run, anywhere",
    ("report", "contracts"): "reports are made from results alone, of any run, anywhere",
    ("report", "checks"): "reports are made from results alone, of any run, anywhere",
    ("run.examination", "client"): "whoever examines a run needs no network",
    ("checks", "httpx"): "a check that needs the wire lacks a verb in bbps",
}
# The judged shares no brain with the judge: who starts the reference, and nobody else, imports it.
STARTERS = {"run", "cli"}


def module_name(path: Path) -> str:
    """Return the dotted name of a module."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def imports(path: Path) -> set[str]:
    """Return the modules of ours, and the other packages, that a module imports while running."""
    found = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_typing = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in for_typing:
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found |= {name if name in MODULES else node.module for name in names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


IMPORTS = {name: imports(path) - {name} for name, path in MODULES.items()}


def room_of(name: str, depth: int = 1) -> str:
    """Return the room in which a module stands; another package is a room of its own."""
    parts = name.split(".")
    return parts[min(depth, len(parts) - 1)] if parts[0] == "conformance" else parts[0]


def climbing(floors: tuple[set[str], ...], below: str, depth: int) -> list[str]:
    """Return the imports between rooms that do not point down."""
    floor = {room: number for number, rooms in enumerate(floors) for room in rooms}
    return [
        f"{name} imports {other}"
        for name, others in IMPORTS.items()
        for other in others
        if name.startswith(below) and other.startswith(below)
        if (room := room_of(name, depth)) in floor
        if (target := room_of(other, depth)) in floor
        if target != room and floor[target] >= floor[room]
    ]


def circles(within: str) -> list[str]:
    """Return a module of each circle of imports among the modules of a package."""
    left = {
        name: {other for other in others if other.startswith(within)}
        for name, others in IMPORTS.items()
        if name.startswith(within)
    }
    while free := [name for name, others in left.items() if not others & left.keys()]:
        for name in free:
            del left[name]
    return sorted(left)


def test_every_room_has_its_floor() -> None:
    rooms = {room_of(name) for name in MODULES if name != "conformance"}
    assert rooms == set().union(*FLOORS) | OUTSIDE - {"__init__"}
    below = "conformance.reference."
    rooms = {room_of(name, 2) for name in MODULES if name.startswith(below)}
    assert rooms == set().union(*REFERENCE_FLOORS)


def test_imports_point_down() -> None:
    assert not climbing(FLOORS, "conformance.", 1)
    assert not climbing(REFERENCE_FLOORS, "conformance.reference.", 2)


def place_of(name: str) -> tuple[str, str]:
    """Return the room of a module, as ORDER names it, and the rest of the name."""
    _, room, *rest = name.split(".")
    if room == "reference" and rest:
        room, *rest = f"reference/{rest[0]}", *rest[1:]
    return room, ".".join(rest) or "__init__"


def test_every_module_has_its_floor() -> None:
    outside = {"conformance", *(f"conformance.{room}" for room in OUTSIDE)}
    modules = sorted(place_of(name) for name in MODULES if name not in outside)
    assert modules == sorted(
        (room, module)
        for room, floors in ORDER.items()
        for floor in floors
        for module in floor.split()
    )


def test_imports_inside_a_room_point_down() -> None:
    floor = {
        (room, module): number
        for room, floors in ORDER.items()
        for number, modules in enumerate(floors)
        for module in modules.split()
    }
    inside = {name: place_of(name) for name in MODULES if "." in name}
    assert not [
        f"{name} imports {other}"
        for name, others in IMPORTS.items()
        for other in others & inside.keys()
        if name in inside and inside[name][0] == inside[other][0]
        if inside[name] in floor and floor[inside[other]] >= floor[inside[name]]
    ]


def test_no_circle() -> None:
    assert not circles("conformance.")


def test_the_architecture_shows_this_table() -> None:
    text = (PACKAGE.parent / "ARCHITECTURE.md").read_text(encoding="utf-8")
    table = text.partition("## Who may import whom")[2].split("```")[1].strip().splitlines()
    shown = [set(re.split(r"\s{2,}", line)[0].split(", ")) for line in table]
    assert shown[::-1] == list(FLOORS)


def test_reference_and_judge_do_not_meet() -> None:
    for name, others in IMPORTS.items():
        ours = {other for other in others if other.startswith("conformance.")}
        if name.startswith("conformance.reference"):
            assert all(other.startswith("conformance.reference") for other in ours), name
        elif any(other.startswith("conformance.reference") for other in ours):
            assert room_of(name) in STARTERS, name


def test_no_forbidden_import() -> None:
    for (room, other), because in FORBIDDEN.items():
        for name, others in IMPORTS.items():
            if f"{name}.".startswith(f"conformance.{room}."):
                assert other not in {room_of(each) for each in others}, f"{name}: {because}"
