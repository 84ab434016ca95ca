"""Who may import whom: the table of ARCHITECTURE.md, compared with the syntax trees."""

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "conformance"
# Lower layers first; a module may import from its own layer's package and from layers below.
LAYERS = [
    {"requirements", "verdicts", "resources", "section"},
    {"evidence", "outcome", "error_texts", "target", "profile"},
    {"contracts", "ledger", "transport"},
    {"answers", "actors"},
    {"client", "recorded", "sessions"},
    {
        "clock",
        "patience",
        "records",
        "signals",
        "means",
        "pools",
        "provision",
        "bbps",
        "request_bodies",
        "books",
        "read_back",
        "mdms",
        "cleaning",
        "overnight",
        "budget",
    },
    {"generation", "doctor"},
    {"checks", "scenarios"},
    {"report"},
    {"run", "resuming"},
    {
        "embedded",
        "judging",
        "lanes",
        "plugin",
        "certify",
        "serving",
        "cli",
        "cli_contracts",
        "cli_scenarios",
        "cli_profile",
        "cli_deployment",
    },
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
OUTSIDE = {"__init__", "__main__", "reference", "examples"}
# Exceptions, each with its because.
FORBIDDEN = [
    ("reference", None, "the judged shares no brain with the judge"),
    ("report", "client", "reports are made from results alone, of any run, anywhere"),
    ("checks", "httpx", "a check that needs the wire lacks a verb in bbps"),
    ("checks", "scenarios", "each stands alone"),
    ("scenarios", "checks", "each stands alone"),
]
MODULES = sorted(PACKAGE.rglob("*.py"))


def unit_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """Names of units of ours, and of other packages, that a module imports while running."""
    found = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            parts = node.module.split(".")
            if parts[0] == "conformance":
                names = [parts[1]] if len(parts) > 1 else [alias.name for alias in node.names]
                found |= set(names)
            else:
                found.add(parts[0])
        elif isinstance(node, ast.Import):
            for alias in node.names:
                parts = alias.name.split(".")
                found.add(parts[1] if parts[0] == "conformance" and len(parts) > 1 else parts[0])
    return found


LAYERED = [path for path in MODULES if unit_of(path) not in OUTSIDE]


def test_every_unit_has_its_place_and_no_place_is_empty() -> None:
    assert {unit_of(path) for path in MODULES} == LEVEL.keys() | OUTSIDE
    assert len(LEVEL) == sum(map(len, LAYERS)), "a unit stands in two layers"


def test_the_architecture_shows_this_table() -> None:
    text = (PACKAGE.parent / "ARCHITECTURE.md").read_text(encoding="utf-8")
    table = text.partition("## Who may import whom")[2].split("```")[1]
    shown: list[set[str]] = []
    for line in table.partition("\n-")[0].strip("\n").splitlines():
        level, _, _ = line.partition(" ")
        if level:
            shown.append(set())
            assert int(level) == len(LAYERS) - len(shown)
        shown[-1] |= set(re.split(r"\s{2,}", line[3:].strip())[0].split(", "))
    assert shown[::-1] == LAYERS


@pytest.mark.parametrize("path", LAYERED, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_arrows_point_down(path: Path) -> None:
    unit = unit_of(path)
    upward = {
        other for other in imports(path) if LEVEL.get(other, -1) > LEVEL[unit] and other != unit
    }
    assert not upward


def test_reference_and_judge_do_not_meet() -> None:
    units = {path.name.removesuffix(".py") for path in PACKAGE.iterdir() if path.suffix == ".py"}
    units |= {path.name for path in PACKAGE.iterdir() if path.is_dir()}
    judging = units - {"reference", "__init__", "__main__", "__pycache__"}
    for path in (PACKAGE / "reference").rglob("*.py"):
        assert not (imports(path) & judging), path
    starters = {"embedded", "serving"}
    for path in MODULES:
        if "reference" in imports(path) and unit_of(path) != "reference":
            assert unit_of(path) in starters, path


@pytest.mark.parametrize(("unit", "other", "because"), FORBIDDEN, ids=str)
def test_forbidden_arrow(unit: str, other: str | None, because: str) -> None:
    for path in MODULES:
        if other is not None and unit_of(path) == unit:
            assert other not in imports(path), f"{path}: {because}"
