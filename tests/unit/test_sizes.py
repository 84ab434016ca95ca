"""A module is one idea: none grows past 400 lines, unless listed here with a reason."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIMIT = 400
LARGER: dict[str, str] = {
    "tests/reference/test_payments.py": "one table of payment rules, row by row",
    "tests/reference/test_transactions.py": "one table of transaction rules, row by row",
}
MODULES = [
    path
    for folder in ("conformance", "tests", "benchmarks")
    for path in sorted((ROOT / folder).rglob("*.py"))
]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_is_small(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LIMIT or str(path.relative_to(ROOT)) in LARGER


def test_no_vague_names() -> None:
    vague = {"utils", "helpers", "common", "base", "manager", "misc"}
    assert not [path for path in MODULES if path.stem in vague]
