"""A module is one idea: none grows past 400 lines, unless listed here with a reason."""

import ast
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIMIT = 400
LARGER = {
    "tests/reference/collection/test_payments.py": "one table of payment rules, row by row",
    "tests/reference/pg/test_transactions.py": "one table of transaction rules, row by row",
}
MODULES = [
    path
    for folder in ("conformance", "tests", "benchmarks")
    for path in sorted((ROOT / folder).rglob("*.py"))
]


def test_modules_are_small() -> None:
    lines = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in MODULES
    }
    assert {path for path, count in lines.items() if count > LIMIT} <= LARGER.keys()


def test_no_vague_names() -> None:
    vague = {"utils", "helpers", "common", "base", "manager", "misc"}
    assert not [path for path in MODULES if path.stem in vague]


def test_a_class_name_means_one_thing() -> None:
    names = Counter(
        node.name
        for path in MODULES
        if "conformance" in path.parts and "reference" not in path.parts
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
    )
    assert [name for name, count in names.items() if count > 1] == []
