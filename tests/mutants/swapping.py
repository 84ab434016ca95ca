"""Functions of a process that runs get other code, wherever they are referred to."""

import gc
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import CodeType, FunctionType

Place = tuple[str, int]  # the qualified name of a function, and its first line


def swap(path: Path, source: str) -> None:
    """Let the functions of a module do what `source`, another text of it, says."""
    changed = changed_functions(path, source)
    gc.unfreeze()  # the collector does not list what is frozen
    for found in gc.get_objects():
        if isinstance(found, FunctionType) and found.__code__.co_filename == str(path):
            code = found.__code__
            found.__code__ = changed.get((code.co_qualname, code.co_firstlineno), code)


def changed_functions(path: Path, source: str) -> Mapping[Place, CodeType]:
    """Return the code of the functions that another text of a module changes, by their place.

    SyntaxError where the text is no Python.
    """
    before = _functions(path, path.read_text(encoding="utf-8"))
    after = _functions(path, source)
    return {
        place: after[place]
        for place, code in before.items()
        if place in after and after[place] != code
    }


def _functions(path: Path, source: str) -> dict[Place, CodeType]:
    """Return the functions of a module, but those that have their place in common."""
    found = list(_codes(compile(source, str(path), "exec")))
    shared = Counter(place for place, _ in found)
    return {place: code for place, code in found if shared[place] == 1}


def _codes(code: CodeType) -> Iterator[tuple[Place, CodeType]]:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield (each.co_qualname, each.co_firstlineno), each
            yield from _codes(each)
