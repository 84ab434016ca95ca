"""What an expression of a Postman script stands for, as far as data can say it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that stands in the script: text, number, truth, list or mapping."""

    value: Any


@dataclass(frozen=True, slots=True)
class Regex:
    """A regular expression; `flags` as JavaScript writes them."""

    pattern: str
    flags: str = ""


@dataclass(frozen=True, slots=True)
class InBody:
    """A value in the JSON body of the answer."""

    path: Path = ()


@dataclass(frozen=True, slots=True)
class AsText:
    """A value in the JSON body of the answer, written as JSON: kept, but not looked into."""

    of: InBody


@dataclass(frozen=True, slots=True)
class BodyText:
    """The body of the answer as a text."""


@dataclass(frozen=True, slots=True)
class Status:
    """The HTTP status of the answer."""


@dataclass(frozen=True, slots=True)
class Reason:
    """The name of the HTTP status of the answer, as `Created`."""


@dataclass(frozen=True, slots=True)
class Duration:
    """How long the answer took."""


@dataclass(frozen=True, slots=True)
class HeaderValue:
    """A header of the answer."""

    name: str


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of Postman, of whatever scope."""

    name: str


@dataclass(frozen=True, slots=True)
class Dynamic:
    """A value that is new each time, by the name that Postman has for it, as `$guid`."""

    name: str


@dataclass(frozen=True, slots=True)
class Joined:
    """Texts one after the other, some of which are known later only."""

    parts: tuple["Value", ...]


@dataclass(frozen=True, slots=True)
class Length:
    """How many elements or characters a value has."""

    of: "Value"


@dataclass(frozen=True, slots=True)
class IndexIn:
    """Where a text stands in another value; -1 where it does not."""

    of: "Value"
    wanted: "Value"


@dataclass(frozen=True, slots=True)
class TypeOf:
    """The name of the type of a value."""

    of: "Value"


@dataclass(frozen=True, slots=True)
class Named:
    """Something of Postman's own, by its dotted name, as `pm.response`."""

    name: str


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the script: its node, and the names that it sees."""

    node: Any
    scope: "Scope"


@dataclass(frozen=True, slots=True)
class Assertion:
    """One thing that the answer must fulfil: `verb` and `value` say what, `test` is its name."""

    subject: "Value"
    verb: str
    value: Any = None
    test: str = ""


@dataclass(frozen=True, slots=True)
class Truth:
    """A condition: it holds if all its claims do."""

    claims: tuple[Assertion, ...]


@dataclass(frozen=True, slots=True)
class Unclear:
    """What data cannot say."""


Value: TypeAlias = (
    Constant
    | Regex
    | InBody
    | AsText
    | BodyText
    | Status
    | Reason
    | Duration
    | HeaderValue
    | Variable
    | Dynamic
    | Joined
    | Length
    | IndexIn
    | TypeOf
    | Named
    | Function
    | Truth
    | Unclear
)
UNCLEAR: Final = Unclear()
# A verb, and the one that says the opposite.
_PAIRS: Final = (
    ("equals", "not equals"),
    ("one of", "not one of"),
    ("contains", "not contains"),
    ("present", "absent"),
    ("truthy", "falsy"),
    ("matches", "not matches"),
    ("type", "not type"),
    ("above", "most"),
    ("least", "below"),
    ("empty", "not empty"),
    ("null", "not null"),
    ("status", "not status"),
)
OPPOSITE: Final[Mapping[str, str]] = {
    **dict(_PAIRS),
    **{second: first for first, second in _PAIRS},
}


@dataclass(slots=True)
class Scope:
    """The names that a part of a script sees; a block inside a function is a part, too."""

    names: dict[str, Value] = field(default_factory=dict)
    parent: "Scope | None" = None
    block: bool = False

    def get(self, name: str) -> Value | None:
        """Return what a name stands for; None where it is none of the script's own."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        return None

    def declare(self, name: str, value: Value, *, whole: bool = False) -> None:
        """Give a new name: in this part, or in the `whole` function, as `var` does."""
        scope = self
        while whole and scope.block and scope.parent is not None:
            scope = scope.parent
        scope.names[name] = value

    def assign(self, name: str, value: Value) -> None:
        """Give a known name another value, where it was declared."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                scope.names[name] = value
                return
            scope = scope.parent
        self.names[name] = value


def opposite(claims: tuple[Assertion, ...]) -> tuple[Assertion, ...] | None:
    """Return what holds where a condition does not; None where data cannot say it."""
    if len(claims) != 1 or claims[0].verb not in OPPOSITE:
        return None
    (only,) = claims
    return (Assertion(only.subject, OPPOSITE[only.verb], only.value, only.test),)


def written(value: Value) -> Any:
    """Return a value as a scenario has it, with {{variables}}; `UNCLEAR` where it cannot."""
    if isinstance(value, Constant):
        return value.value
    if isinstance(value, Variable):
        return "{{" + value.name + "}}"
    if isinstance(value, Dynamic):
        return "{{" + value.name + "}}"
    if isinstance(value, Joined):
        parts = [written(each) for each in value.parts]
        if any(isinstance(each, Unclear) for each in parts):
            return UNCLEAR
        return "".join(map(as_text, parts))
    return UNCLEAR


def as_text(value: Any) -> str:
    """Return a constant as JavaScript joins it to a text."""
    if isinstance(value, bool):
        return str(value).lower()
    return "null" if value is None else str(value)
