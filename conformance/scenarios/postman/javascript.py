"""JavaScript as a tree. Nothing of it is ever run."""

import math
import re
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

EXACT: Final = 2**53  # from here on JavaScript has no exact integers
_ESCAPE: Final = re.compile(
    r"\\(?:u\{(?P<point>[0-9a-fA-F]{1,6})\}|u(?P<four>[0-9a-fA-F]{4})|x(?P<two>[0-9a-fA-F]{2})"
    r"|(?P<line>\r?\n)|(?P<other>.))",
    re.DOTALL,
)
_LETTERS: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}


def parsed(source: str) -> "Node":
    """Return the tree of a script; what is no JavaScript stands in nodes of type ERROR."""
    return _parser().parse(source.encode("utf-8", "replace")).root_node


@cache
def _parser() -> "Parser":
    # Here, so that commands which read no script do not load it.
    import tree_sitter_javascript
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_javascript.language()))


def text_of(node: "Node | None") -> str:
    """Return what stands at a node."""
    return "" if node is None or node.text is None else node.text.decode("utf-8", "replace")


def field_of(node: "Node", name: str) -> "Node | None":
    """Return a child by the name of its field."""
    return node.child_by_field_name(name)


def children(node: "Node | None") -> "list[Node]":
    """Return the children that are no punctuation and no comments."""
    named = [] if node is None else node.named_children
    return [each for each in named if each.type != "comment"]


def unquoted(node: "Node") -> str:
    """Return the text that a string of JavaScript stands for."""
    return _ESCAPE.sub(_character, text_of(node)[1:-1])


def number(text: str) -> int | float | None:
    """Return the value of a number as a script writes it; None where data can hold none."""
    plain = text.replace("_", "").lower().removesuffix("n")
    try:
        if plain[:2] in {"0x", "0o", "0b"}:
            return int(plain, 0)
        return int(plain) if plain.isdecimal() and len(plain) < 20 else numeric(float(plain))
    except ValueError:
        return None


def numeric(value: float) -> int | float | None:
    """Return a number as data has it, where 1e3 and 1.0 are integers; None for NaN and infinity."""
    if not math.isfinite(value):
        return None
    return int(value) if value.is_integer() and abs(value) < EXACT else value


def _character(found: re.Match[str]) -> str:
    code = found["point"] or found["four"] or found["two"]
    if code:
        point = int(code, 16)
        return chr(point) if point < 0x110000 and not 0xD800 <= point < 0xE000 else "�"
    return "" if found["line"] else _LETTERS.get(found["other"], found["other"])
