"""The tree of errors is as the docstring of its module draws it, and nothing stands outside it."""

import importlib
import inspect
import pkgutil
import re

import conformance
from conformance.core import errors
from conformance.core.errors import ConformanceError

DRAWN = re.compile(r"^    ( *)(\w+) +(\d)  \w.*$", re.M)
OUTSIDE = re.compile(r"^    (\w+) {2,}[a-z].*$", re.M)


def defined() -> set[type[BaseException]]:
    """Every class of an exception that the package defines, but for those of the reference."""
    found = set()
    for module in pkgutil.walk_packages(conformance.__path__, "conformance."):
        if module.name.startswith("conformance.reference") or module.name.endswith("__main__"):
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if (
                inspect.isclass(value)
                and issubclass(value, BaseException)
                and value.__module__.startswith("conformance.")
                and not value.__module__.startswith("conformance.reference")
            ):
                found.add(value)
    return found


def drawn() -> dict[str, tuple[str, int]]:
    """Name -> name of the base and exit code, as the docstring draws them."""
    tree: dict[str, tuple[str, int]] = {}
    above: list[str] = []
    for indent, name, code in DRAWN.findall(errors.__doc__ or ""):
        del above[len(indent) // 2 :]
        tree[name] = (above[-1] if above else "Exception", int(code))
        above.append(name)
    return tree


def test_the_drawing_is_the_tree() -> None:
    inside = {each for each in defined() if issubclass(each, ConformanceError)}
    assert {
        each.__name__: (each.__bases__[0].__name__, int(each.exit_code)) for each in inside
    } == drawn()


def test_what_stands_outside_is_named_with_its_reason() -> None:
    _, _, text = (errors.__doc__ or "").partition("Outside the tree")
    outside = {each.__name__ for each in defined() if not issubclass(each, ConformanceError)}
    assert outside == set(OUTSIDE.findall(text))


def test_an_error_has_its_clauses_in_its_text() -> None:
    error = errors.SetupError("the port is taken", cause="a second run", remedy="stop it")
    assert str(error) == "the port is taken (a second run); stop it"
    assert (error.message, error.cause, error.remedy) == (
        "the port is taken", "a second run", "stop it",
    )  # fmt: skip
    assert str(errors.SetupError("the port is taken")) == "the port is taken"
