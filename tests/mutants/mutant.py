"""Mutants: small changes of the reference's code, made by the operators of cosmic-ray."""

import importlib
import pkgutil
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from cosmic_ray.ast import Visitor, ast_nodes, get_ast
from cosmic_ray.operators.provider import OperatorProvider

import conformance.reference
from tests.mutants.swapping import changed_functions

# Faults and variations are changes themselves; strict follows no other lineage and has no noise.
LEFT_OUT: Final = (
    "app.noise", "app.old_http", "app.varying", "distortions", "faults", "lapses", "lineages",
    "variations",
)  # fmt: skip
FAULT_HERE: Final = 'on("'  # such a line says what a fault does
# They need names, change nothing while a program runs, or depend on what Python keeps once.
UNUSED: Final = frozenset(
    {"RemoveDecorator", "VariableInserter", "VariableReplacer"}
    | {
        f"ReplaceComparisonOperator_{one}_{other}"
        for one in ("Eq", "NotEq")
        for other in ("Is", "IsNot")
    }
)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Mutant:
    """One use of an operator: the n-th in its module, on a line counted from 1."""

    module: str
    line: int
    operator: str
    occurrence: int

    @property
    def place(self) -> str:
        """Where it is, as the reach of a check names it."""
        return f"{self.module}:{self.line}"

    @property
    def kind(self) -> str:
        """What its operator changes, whatever it makes of that."""
        return self.operator.rpartition("_")[0] or self.operator

    @property
    def source(self) -> str:
        """The text of its module, changed."""
        visitor = _Changing(self.operator, self.occurrence)
        text: str = visitor.walk(get_ast(source_of(self.module))).get_code()
        return text

    @property
    def change(self) -> str:
        """What it makes of its line."""
        before, after = (
            text.splitlines()[self.line - 1].strip()
            for text in (source_of(self.module), self.source)
        )
        return f"`{before}` becomes `{after}`"

    @property
    def works(self) -> bool:
        """Whether it changes what a function does, and is code without oddities."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", SyntaxWarning)
                return bool(changed_functions(path_of(self.module), self.source))
        except SyntaxError:
            return False


def mutants() -> Iterator[Mutant]:
    """Yield all mutants of the reference, in the order of its modules."""
    root = conformance.reference
    for found in pkgutil.walk_packages(root.__path__, f"{root.__name__}."):
        name = found.name.removeprefix(f"{root.__name__}.")
        if not any(f".{part}." in f".{name}." for part in LEFT_OUT):
            yield from mutants_of(found.name)


def mutants_of(module: str) -> Iterator[Mutant]:
    """Yield the mutants of one module."""
    lines = source_of(module).splitlines()
    nodes = list(ast_nodes(get_ast(source_of(module))))
    for name, operator in _operators().items():
        positions = (at for node in nodes for at in operator.mutation_positions(node))
        for occurrence, ((line, _), _) in enumerate(positions):
            if FAULT_HERE not in lines[line - 1]:
                yield Mutant(module=module, line=line, operator=name, occurrence=occurrence)


def path_of(module: str) -> Path:
    """Return the file of a module."""
    return Path(importlib.import_module(module).__file__ or "")


@cache
def source_of(module: str) -> str:
    """Return the text of a module."""
    return path_of(module).read_text(encoding="utf-8")


@cache
def _operators() -> dict[str, Any]:
    provider = OperatorProvider()
    return {name: provider[name]() for name in provider if name not in UNUSED}


class _Changing(Visitor):  # type: ignore[misc]
    """Uses an operator where it fits for the n-th time."""

    def __init__(self, operator: str, occurrence: int) -> None:
        self._operator = _operators()[operator]
        self._left = occurrence

    def visit(self, node: Any) -> Any:
        for index, _ in enumerate(self._operator.mutation_positions(node)):
            if self._left == 0:
                node = self._operator.mutate(node, index)
            self._left -= 1
        return node
