"""The {{variables}} of a collection while its requests are read in order: what each stands for."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from conformance.core.redaction import names_secret
from conformance.scenarios.postman.credentials import VARIABLE, Credentials, identifier
from conformance.scenarios.postman.format import Pair

NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
LONGEST: Final = 256 * 1024  # characters of a text with its variables replaced
DEEPEST: Final = 20  # variables in the values of variables
# Postman's own variables, by what their names hold -> what a scenario generates.
DYNAMIC: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("timestampms", {"generate": "time"}),
    ("isotimestamp", {"generate": "date"}),
    ("timestamp", {"generate": "seconds"}),
    ("guid", {"generate": "uuid"}),
    ("uuid", {"generate": "uuid"}),
    ("email", {"generate": "email"}),
    ("phone", {"generate": "mobile"}),
    ("password", {"generate": "password"}),
    ("date", {"generate": "date"}),
    ("price", {"generate": "rupees", "between": [1, 1000]}),
    ("int", {"generate": "number", "between": [0, 1000]}),
)
INPUT: Final = {"generate": "environment"}  # somebody gives it when the scenario is played
_NESTED: Final = re.compile(
    r"(?<=\{\{)([^{}]*)\{\{\s*([^{}]+?)\s*\}\}(?=[^{}]*\}\})"
)  # {{x-{{env}}}}


class Filling:
    """What the variables of one collection stand for.

    `values` are those that a scenario has to have; each scenario begins with `restart`.
    """

    def __init__(
        self,
        environment: Mapping[str, Pair],
        globals_: Mapping[str, Pair],
        credentials: Credentials,
        note: Callable[[str], None],
    ) -> None:
        """Take the variables that are given in files; `note` takes what is odd about one."""
        self._environment = {name: pair.value for name, pair in environment.items()}
        self._globals = {name: pair.value for name, pair in globals_.items()}
        self._credentials = credentials
        self._note = note
        self._names: dict[str, str] = {}  # of Postman -> of the scenario
        self._taken: Counter[str] = Counter()
        self._secret: set[str] = set()
        self._set: dict[str, str] = {}
        self._elsewhere: set[str] = set()  # what scripts set in the scenarios before
        for kind, pairs in (("environment", environment), ("globals", globals_)):
            for name, pair in pairs.items():
                self.hide(name, pair.value, f"the {kind}", secret=pair.type == "secret")
        self.restart()

    def restart(self) -> None:
        """Begin another scenario, which knows nothing that scripts of the last one set."""
        self._budget = LONGEST  # characters that the variables of one text may still become
        self.values: dict[str, Any] = {}
        self.saved: set[str] = set()
        self._elsewhere |= self._set.keys()
        self._set = {}

    def hide(self, name: str, value: str, place: str, *, secret: bool = False) -> None:
        """Keep the value of a variable out of all texts, if it is a credential.

        `place` has the variable; empty where the report names it anyhow.
        """
        if secret or names_secret(name):
            self._secret.add(name)
            where = f"{place}, variable {name}" if place else ""
            self._credentials.known(value, self.name(name), where)

    def name(self, postman: str) -> str:
        """Return the name of a variable as a scenario may have it."""
        known = self._names.get(postman)
        if known is None:
            plain = postman if NAME.fullmatch(postman) else identifier(postman) or "variable"
            while plain in self._taken:
                self._taken[plain] += 1
                plain = f"{plain}_{self._taken[plain]}"
            self._taken[plain] += 1
            self._credentials.reserve(plain)
            known = self._names[postman] = plain
        return known

    def put(self, name: str, text: str) -> None:
        """Let a variable stand for a text from now on."""
        self._set[name] = text

    def save(self, name: str) -> str:
        """Let a variable stand for what a step saves from now on; return its name there."""
        plain = self.name(name)
        self.saved.add(plain)
        self._set[name] = "{{" + plain + "}}"
        return plain

    def text(self, text: str, own: Mapping[str, str]) -> str:
        """Return a text with the variables replaced whose values are known; `own` of the request.

        What stays is a variable of the scenario.
        """
        self._budget = LONGEST
        return self._filled(text, own, ()) if "{{" in text else text

    def document(self, node: Any, own: Mapping[str, str]) -> Any:
        """Return a document with the variables in its texts replaced."""
        if isinstance(node, dict):
            return {self.text(key, own): self.document(each, own) for key, each in node.items()}
        if isinstance(node, list | tuple):
            return [self.document(each, own) for each in node]
        return self.text(node, own) if isinstance(node, str) else node

    def needed(self, names: Iterable[str]) -> dict[str, Any]:
        """Return what gives each of these names a value: the user, where nothing else does."""
        return {name: self.values.get(name) or dict(INPUT) for name in names}

    def _filled(self, text: str, own: Mapping[str, str], inside: tuple[str, ...]) -> str:
        for _ in range(DEEPEST):  # the inner name first, as long as its value is known
            outer = _NESTED.sub(lambda found: found[1] + self._value(found[2], own, inside), text)
            if outer == text or len(outer) > LONGEST:
                break
            text = outer
        return VARIABLE.sub(lambda found: self._value(found[1], own, inside), text)

    def _value(self, name: str, own: Mapping[str, str], inside: tuple[str, ...]) -> str:
        if name.startswith("$"):
            return self._generated(name[1:])
        if name in self._set:
            return self._set[name]
        if name in self._elsewhere:
            self._note(f"the variable {name} is set by a script of another scenario: try --one")
        plain = "{{" + self.name(name) + "}}"
        if name in self._secret:
            return plain
        if name in inside or len(inside) > DEEPEST:
            self._note(f"the variable {name} refers to itself")
            return plain
        for scope in (self._environment, own, self._globals):
            if name in scope:
                self._budget -= len(scope[name]) + 1
                if self._budget < 0:
                    self._note("the values of its variables are too long together")
                    return plain
                return self._filled(scope[name], own, (*inside, name))
        return plain

    def _generated(self, name: str) -> str:
        """Return a new variable that the scenario generates."""
        lowered = name.lower()
        kind = next((each for part, each in DYNAMIC if part in lowered), {"generate": "text"})
        plain = identifier(name) or "generated"
        while plain in self._taken:
            self._taken[plain] += 1
            plain = f"{plain}_{self._taken[plain]}"
        self._taken[plain] += 1
        self.values[plain] = dict(kind)
        return "{{" + plain + "}}"
