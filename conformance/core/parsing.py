"""YAML and JSON texts as plain values, with the position of each.

YAML is read by its version 1.2: `yes`, `no`, dates and times stay text. Keys are always text.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final, NoReturn, TypeAlias

import yaml

from conformance.core.nesting import DEEPEST, nested_deeper

MOST_VALUES: Final = 1_000_000  # with aliases written out
MERGE: Final = "<<"
Number: TypeAlias = Callable[[str], Any]  # makes a fraction: Decimal or float


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake of a text: line and column count from 1; 0 where the place is unknown."""

    message: str
    remedy: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """Return message and remedy as one sentence."""
        return f"{self.message}; {self.remedy}" if self.remedy else self.message


class Unreadable(Exception):
    """A text cannot be read; `mistakes` says why."""

    def __init__(self, *mistakes: Mistake) -> None:
        super().__init__(*mistakes)
        self.mistakes = mistakes


@dataclass(slots=True)
class Node:
    """A value at its position; `parts` holds the nodes below, by key or index."""

    line: int
    column: int
    value: Any = None
    parts: dict[Any, "Node"] = field(default_factory=dict)
    size: int = 1  # values in it, with aliases written out
    levels: int = 0  # of lists and mappings in it

    def add(self, key: Any, part: "Node") -> None:
        """Put a node below this one."""
        self.parts[key] = part
        self.size += part.size
        self.levels = max(self.levels, part.levels + 1)


def parse_yaml(text: str, number: Number = Decimal) -> Node:
    """Return the one document of a YAML text; Unreadable with every key that is given twice."""
    return _Yaml(text, number).document()


def parse_json(text: str, number: Number = Decimal, levels: int = DEEPEST) -> Any:
    """Return the value of a JSON text; Unreadable with every key that is given twice."""
    value, repeated = _loaded(text, number, levels)
    if _deeper(value, levels):
        _refuse(*_too_deep(levels))
    if repeated:
        json_positions(text)  # raises, for it knows the lines
    if "\\u" in text and not _whole(value):
        message = "a text holds half of a character (\\ud800 to \\udfff)"
        _refuse(message, "write the character", *_first(text, _is_half))
    return value


def json_positions(text: str) -> Node:
    """Return where each value of a JSON text stands, without the values; the text is JSON."""
    return _JsonPositions(text).document()


# -- what both share --------------------------------------------------------------------------


class _Keys:
    """Gives mappings their keys, and notes those that stand twice."""

    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []

    def add(self, node: Node, key: str, part: Node) -> None:
        """Give a mapping one more pair."""
        if key in node.parts:
            message = f"the key {key!r} is given twice, first in line {node.parts[key].line}"
            self.mistakes.append(Mistake(message, "keep one of the two", part.line))
        node.add(key, part)

    def done(self, node: Node) -> Node:
        """Return the document, if it has no mistake."""
        if self.mistakes:
            raise Unreadable(*self.mistakes)
        return node


def _too_deep(levels: int) -> tuple[str, str]:
    return f"is nested more than {levels} levels deep", "reduce the nesting"


def _refuse(message: str, remedy: str, line: int = 0, column: int = 0) -> NoReturn:
    raise Unreadable(Mistake(message, remedy, line, column))


# -- YAML -------------------------------------------------------------------------------------


class _Events(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The events of a text, with the plain scalars of YAML 1.2 (core schema)."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  as the parent has it


_PREFIX: Final = "tag:yaml.org,2002:"
NULL, BOOL, INT, FLOAT = (f"{_PREFIX}{name}" for name in ("null", "bool", "int", "float"))
KNOWN_TAGS: Final = {
    None,
    "!",
    NULL,
    BOOL,
    INT,
    FLOAT,
    *(_PREFIX + x for x in ("str", "map", "seq")),
}
# What a plain scalar is: its tag, its form, and how it begins.
CORE_SCHEMA: Final = tuple(
    (tag, re.compile(rf"(?:{pattern})\Z"), starts)
    for tag, pattern, starts in (
        (NULL, r"~|null|Null|NULL|", ["~", "n", "N", ""]),
        (BOOL, r"true|True|TRUE|false|False|FALSE", list("tTfF")),
        (INT, r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
        (FLOAT, r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
    )
)
for _scalar in CORE_SCHEMA:
    _Events.add_implicit_resolver(*_scalar)


class _Yaml(_Keys):
    def __init__(self, text: str, number: Number) -> None:
        super().__init__()
        self._text = text
        self._number = number
        self._anchors: dict[str, Node] = {}
        self._values = 0

    def document(self) -> Node:
        """Return the one document; a text without any is null."""
        try:
            self._events = _Events(self._text)
            node, end = self._only()
        except yaml.MarkedYAMLError as fault:
            mark = fault.problem_mark or fault.context_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 0)
            last = self._text.rstrip().count("\n") + 1
            if line > last:  # the end is where something is missing, but there is no such line
                line, column = last, 0
            reason = fault.problem or fault.context
            remedy = "correct that line"
            if self._begins_with_a_tab(line):
                _refuse("not YAML: a tab stands in its indentation", "write spaces", line, column)
            if "expected key" in str(reason):  # a mapping begins at one column, in all its lines
                remedy += ", or the indentation of the lines before it"
            _refuse(f"not YAML: {reason}", remedy, line, column)
        except yaml.reader.ReaderError as fault:
            line = self._text.count("\n", 0, self._text.find(chr(fault.character))) + 1
            _refuse(f"the character U+{fault.character:04X} is not allowed", "remove it", line)
        if not isinstance(end, yaml.StreamEndEvent):
            line = end.start_mark.line + 1
            _refuse("a second document begins", "keep one document per file", line)
        return self.done(node)

    def _begins_with_a_tab(self, line: int) -> bool:
        """Whether a tab stands in the indentation of a line (from 1)."""
        lines = self._text.split("\n")
        return line <= len(lines) and lines[line - 1].lstrip(" ").startswith("\t")

    def _only(self) -> tuple[Node, Any]:
        """Return the first document, and the event that follows it."""
        self._events.get_event()  # the start of the stream
        start = self._events.get_event()
        if isinstance(start, yaml.StreamEndEvent):
            return Node(1, 1), start
        node = self._node(self._events.get_event(), 1)
        self._events.get_event()  # the end of the document
        return node, self._events.get_event()

    def _node(self, event: Any, depth: int) -> Node:
        mark = event.start_mark
        node = Node(mark.line + 1, mark.column + 1)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, node, depth)
        self._count(1, node)
        if event.tag not in KNOWN_TAGS:
            _refuse(f"the tag {event.tag} is not supported", "remove it", node.line, node.column)
        if isinstance(event, yaml.ScalarEvent):
            node.value = self._scalar(event, node)
        else:
            if depth > DEEPEST:
                _refuse(*_too_deep(DEEPEST), node.line)
            if isinstance(event, yaml.SequenceStartEvent):
                self._sequence(node, depth)
            else:
                self._mapping(node, depth)
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _count(self, size: int, node: Node) -> None:
        self._values += size
        if self._values > MOST_VALUES:
            message = f"holds more than {MOST_VALUES} values, with aliases (*name) written out"
            _refuse(message, "split the file, or use fewer aliases", node.line)

    def _alias(self, event: Any, node: Node, depth: int) -> Node:
        if event.anchor not in self._anchors:
            message = (
                f"the alias *{event.anchor} is not defined before this line, or contains itself"
            )
            _refuse(message, "write the value instead of the alias", node.line, node.column)
        meant = self._anchors[event.anchor]
        self._count(meant.size, node)
        if depth + meant.levels > DEEPEST:
            _refuse(*_too_deep(DEEPEST), node.line)
        return replace(meant, line=node.line, column=node.column)

    def _sequence(self, node: Node, depth: int) -> None:
        while not isinstance(event := self._events.get_event(), yaml.SequenceEndEvent):
            node.add(len(node.parts), self._node(event, depth + 1))
        node.value = [part.value for part in node.parts.values()]

    def _mapping(self, node: Node, depth: int) -> None:
        merged: list[Node] = []
        while not isinstance(event := self._events.get_event(), yaml.MappingEndEvent):
            line, column = event.start_mark.line + 1, event.start_mark.column + 1
            if not isinstance(event, yaml.ScalarEvent):
                _refuse("a key is not a text", "write a text before the colon", line, column)
            part = self._node(self._events.get_event(), depth + 1)
            part.line, part.column = line, column  # a mistake is looked for at its key
            if event.value == MERGE and event.implicit[0]:
                merged += self._merged(part)
            else:
                self.add(node, event.value, part)
        for source in merged:  # what stands in the mapping itself wins, then the first source
            node.parts = {**source.parts, **node.parts}
        node.value = {key: part.value for key, part in node.parts.items()}

    def _merged(self, part: Node) -> list[Node]:
        sources = [part] if isinstance(part.value, dict) else list(part.parts.values())
        if not sources or not all(isinstance(source.value, dict) for source in sources):
            _refuse(f"{MERGE} merges mappings only", "name a mapping", part.line, part.column)
        return sources

    def _scalar(self, event: Any, node: Node) -> Any:
        tag, text = event.tag, event.value
        if tag is None or tag == "!":
            tag = self._events.resolve(yaml.ScalarNode, text, event.implicit)
        if tag == NULL:
            return None
        if tag == BOOL:
            return text.lower() == "true"
        try:
            if tag == INT:
                number = int(text, 8 if "o" in text else 16 if "x" in text else 10)
                str(number)  # ValueError: whoever shows it would get that
                return number
            return self._number(text) if tag == FLOAT else text
        except (ValueError, ArithmeticError):
            _refuse("a number is too long or invalid", "correct it", node.line, node.column)


# -- JSON -------------------------------------------------------------------------------------


def _loaded(text: str, number: Number, levels: int) -> tuple[Any, bool]:
    """Return the value of a JSON text, and whether some key is given twice."""
    repeated: list[bool] = []

    def mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        repeated.append(len(found) < len(pairs))
        return found

    if nested_deeper(text, levels):
        _refuse(*_too_deep(levels))
    try:
        value = json.loads(
            text, parse_float=number, parse_constant=_no_constant, object_pairs_hook=mapping
        )
    except json.JSONDecodeError as fault:
        reason = fault.msg[:1].lower() + fault.msg[1:]
        _refuse(f"not JSON: {reason}", "correct that line", fault.lineno, fault.colno)
    except (ValueError, ArithmeticError):
        where = _first(text, lambda token: _is_too_long(token, number))
        _refuse("a number is too long", "correct it", *where)
    except _Constant as name:
        where = _first(text, str(name).__eq__)
        _refuse(f"not JSON: {name} is not a number", "write a number or null", *where)
    return value, any(repeated)


def _first(text: str, wrong: Callable[[str], bool]) -> tuple[int, int]:
    """Return line and column of the first wrong token of a JSON text; zeros if there is none."""
    places = (place for token, *place in _JsonPositions.placed(text) if wrong(token))
    line, column = next(places, (0, 0))
    return line, column


def _is_half(token: str) -> bool:
    return token.startswith('"') and not _whole(json.loads(token))


def _is_too_long(token: str, number: Number) -> bool:
    if token[0] not in "-0123456789":
        return False
    try:
        (int if token.removeprefix("-").isdecimal() else number)(token)
    except (ValueError, ArithmeticError):
        return True
    return False


class _Constant(Exception):
    """NaN or Infinity, which the standard library reads although JSON has no such numbers."""


def _no_constant(name: str) -> NoReturn:
    raise _Constant(name)


def _deeper(value: Any, levels: int) -> bool:
    """Whether lists and mappings are nested in more levels than that."""
    level = [value]
    for _ in range(levels):
        level = [
            part
            for each in level
            if isinstance(each, dict | list)
            for part in (each.values() if isinstance(each, dict) else each)
        ]
    return any(isinstance(each, dict | list) for each in level)


def _whole(value: Any) -> bool:
    """Whether all texts can be written; JSON can escape the halves of a character alone."""
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        return False
    return True


_TOKEN: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[][{}]|[^][{}",:\s]+')


class _JsonPositions(_Keys):
    """Where the values of a text stand that is known to be JSON."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._tokens = self.placed(text)

    def document(self) -> Node:
        """Return the node of the whole text."""
        return self.done(self._node(*next(self._tokens)))

    @staticmethod
    def placed(text: str) -> Iterator[tuple[str, int, int]]:
        """Yield each token that is no comma or colon, with line and column."""
        line, start, seen = 1, 0, 0
        for token in _TOKEN.finditer(text):
            breaks = text.count("\n", seen, token.start())
            if breaks:
                line, start = line + breaks, text.rfind("\n", seen, token.start()) + 1
            seen = token.start()
            yield token[0], line, seen - start + 1

    def _node(self, start: str, line: int, column: int) -> Node:
        node = Node(line, column)
        if start == "[":
            while (inner := next(self._tokens))[0] != "]":
                node.add(len(node.parts), self._node(*inner))
        elif start == "{":
            while (key := next(self._tokens))[0] != "}":
                part = self._node(*next(self._tokens))
                part.line, part.column = key[1:]
                self.add(node, json.loads(key[0]), part)
        return node
