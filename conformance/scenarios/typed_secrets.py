"""Secrets that somebody typed into a scenario: they would stand in every report of a run.

What is sent as a secret comes from the environment, from an answer, or is generated.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from conformance.core.foreign_files import Place
from conformance.core.redaction import names_secret, secrets_in
from conformance.scenarios.model import RequestParts, Scenario
from conformance.scenarios.templates import VARIABLE
from conformance.scenarios.values import Generated, variable_of

SCHEMES: Final = frozenset({"basic", "bearer", "digest", "negotiate", "token"})
UNKNOWN: Final = "\0"  # in the place of a variable; no text of a scenario holds it
TYPED: Final = "a secret is typed here, which reports would show"


def typed(scenario: Scenario) -> Iterator[tuple[Place, str, str]]:
    """Yield each secret that is typed: its place, what is wrong, what to do."""
    constants = {
        name
        for values in (scenario.values, *scenario.foreach)
        for name, value in values.items()
        if not isinstance(value, Generated) and _typed(value, frozenset())
    }
    for name in constants & scenario.values.keys():
        if names_secret(name):
            yield (
                ("values", name),
                TYPED,
                _remedy(name, f"write `{name}: {{generate: environment}}`"),
            )
    for number, step in enumerate(scenario.steps):
        of_rows = {
            name for row in step.foreach for name in row if _typed(row[name], frozenset(constants))
        }
        known = frozenset(constants | of_rows)
        parts = [(("steps", number), step), (("steps", number, "control"), step.control)]
        for place, part in parts:
            if part is not None:
                yield from _of_request(part, place, known)


def _of_request(part: RequestParts, place: Place, constants: frozenset[str]) -> Iterator[Any]:
    for name in ("token", "headers", "query", "form", "body"):
        for where, secret in _places(getattr(part, name), (*place, name), name, constants):
            yield where, TYPED, _remedy(secret)
    if part.text is not None:
        for secret, value in secrets_in(_written(part.text, constants)):
            if UNKNOWN not in value:
                yield (*place, "text"), f"{secret}: {TYPED}", _remedy(secret)


def _places(
    node: Any, place: Place, name: str, constants: frozenset[str]
) -> Iterator[tuple[Place, str]]:
    """Yield the places of typed values whose names are those of secrets, and the names."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _places(value, (*place, key), key, constants)
    elif isinstance(node, list | tuple):
        for index, value in enumerate(node):
            yield from _places(value, (*place, index), name, constants)
    elif names_secret(name) and _typed(node, constants):
        yield place, name


def _typed(value: Any, constants: frozenset[str]) -> bool:
    """Whether a value is known before the scenario is played, by the file alone."""
    if value is None or isinstance(value, bool | Mapping | list | tuple):
        return False
    text = _written(str(value), constants).strip()
    return bool(text) and UNKNOWN not in text and text.lower() not in SCHEMES


def _written(text: str, constants: frozenset[str]) -> str:
    """Return a text with its variables as far as the file alone says what they stand for."""
    return VARIABLE.sub(lambda found: "typed" if found[1] in constants else UNKNOWN, text)


def _remedy(name: str, first: str = "") -> str:
    plain = "".join(each if each.isalnum() and each.isascii() else "_" for each in name.lower())
    plain = plain if plain[:1].isalpha() else f"secret_{plain}"
    variable = (
        first or f"write {{{{{plain}}}}}, and `{plain}: {{generate: environment}}` under `values`"
    )
    return f"{variable}; then set {variable_of(plain)} when it is played"
