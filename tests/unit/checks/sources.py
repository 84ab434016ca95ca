"""What the checks call, read from their sources: a call is followed into helpers of the checks."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import conformance.checks

ROOM = conformance.checks.__name__
FOLDER = Path(conformance.checks.__path__[0])


@dataclass(slots=True)
class Sources:
    """The functions of modules by full name, and what each name in a module stands for.

    A method (module.Class:method) is followed where its own module calls it; ".method" is its name.
    """

    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    origins: dict[str, dict[str, str]] = field(default_factory=dict)  # module -> name -> full name

    @classmethod
    def of_the_checks(cls) -> Self:
        """Read every module of the checks."""
        sources = cls()
        for path in sorted(FOLDER.rglob("*.py")):
            place = path.relative_to(FOLDER).with_suffix("").parts
            sources.add(".".join((ROOM, *place)), path.read_text(encoding="utf-8"))
        return sources

    def add(self, module: str, source: str) -> None:
        """Read one module."""
        names = self.origins.setdefault(module, {})
        for node in ast.parse(source).body:
            if isinstance(node, ast.FunctionDef):
                self.functions[f"{module}.{node.name}"] = node
                names[node.name] = f"{module}.{node.name}"
            elif isinstance(node, ast.ClassDef):
                for each in node.body:
                    if isinstance(each, ast.FunctionDef):
                        names[f".{each.name}"] = f"{module}.{node.name}:{each.name}"
                        self.functions[names[f".{each.name}"]] = each
            elif isinstance(node, ast.ImportFrom):
                for each in node.names:
                    names[each.asname or each.name] = f"{node.module}.{each.name}"

    @property
    def checks(self) -> list[str]:
        """The full names of all checks."""
        return [name for name in self.functions if name.rpartition(".")[2].startswith("test_")]

    def done_by(self, function: str) -> set[str]:
        """Return the full names of what a function calls, and of what it raises ("raise NAME").

        What a helper of the checks does counts as done; a verb of `expect` is not followed.
        """
        done: set[str] = set()
        left = [function]
        while left:
            for name in set(self._steps(left.pop())) - done:
                done.add(name)
                if name in self.functions and not name.startswith(f"{ROOM}.expect."):
                    left.append(name)
        return done

    def _steps(self, function: str) -> Iterator[str]:
        names = self.origins[function.rpartition(".")[0]]
        for node in ast.walk(self.functions[function]):
            match node:
                case ast.Raise(exc=ast.Call(func=ast.Name(id=error))):
                    yield f"raise {names.get(error, error)}"
                case ast.Call(func=ast.Name(id=name)):
                    yield names.get(name, name)
                case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=name)):
                    yield f"{names.get(owner, owner)}.{name}"
                    if f".{name}" in names:
                        yield names[f".{name}"]
                case ast.Call(func=ast.Attribute(attr=name)):
                    yield f"?.{name}"
