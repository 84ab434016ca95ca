"""Documents as nobody should write them: drawn at random, or good ones with one thing changed."""

import copy
import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

# Half of a character, marks, controls, what looks like syntax, paths that cannot be.
ODD_TEXTS = (
    "", "\ud83d", "\ufeff", "\0", "\x1b[31m", "\u2028", "${X}", "file:/\0", "../", "<<", "NaN", "*",
    "&a", "1e999999999", "9" * 5000, "\u0967", "http://[", "//x:y@", "x" * 3000, "{{a}}",
)  # fmt: skip
ODD_VALUES = (
    None, True, False, 0, -1, 10**30, 1.5, float("nan"), float("inf"), -1e308, [], {}, [None],
    [[]], {"": None}, {"a": [{}]}, *ODD_TEXTS,
)  # fmt: skip
ODD = st.sampled_from(ODD_VALUES).map(copy.deepcopy)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1")


def places(node: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the place of every value of a document."""
    yield place
    for key, value in (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    ):
        yield from places(value, (*place, key))


def changed(original: Any) -> st.SearchStrategy[Any]:
    """Draw a document with one or two values replaced, removed, renamed or added."""

    @st.composite
    def drawn(draw: st.DrawFn) -> Any:  # not given the document: its name would hold all of it
        document = copy.deepcopy(original)
        for _ in range(draw(st.integers(1, 2))):
            place = draw(st.sampled_from([*places(document)]))
            if not place:
                continue
            *above, last = place
            parent = document
            for key in above:
                parent = parent[key]
            match draw(st.sampled_from(("replace", "remove", "rename", "add"))):
                case "replace":
                    parent[last] = draw(ODD)
                case "remove":
                    del parent[last]
                case "rename" if isinstance(parent, dict):
                    parent[draw(st.sampled_from(ODD_TEXTS))] = parent.pop(last)
                case _ if isinstance(parent, list):
                    parent.append(draw(ODD))
                case _:
                    parent["unknown"] = draw(ODD)
        return document

    return drawn()


@st.composite
def written(draw: st.DrawFn, documents: st.SearchStrategy[Any]) -> bytes:
    """Draw the bytes of a document: in some encoding, perhaps cut off or with a byte changed."""
    text = json.dumps(draw(documents), ensure_ascii=draw(st.booleans()))
    content = text.encode(draw(st.sampled_from(ENCODINGS)), "backslashreplace")
    match draw(st.sampled_from(("whole", "whole", "cut", "byte", "deep", "twice"))):
        case "cut":
            return content[: draw(st.integers(0, len(content)))]
        case "byte":
            at = draw(st.integers(0, len(content)))
            return content[:at] + draw(st.binary(min_size=1, max_size=2)) + content[at + 1 :]
        case "deep":
            return b'{"a":' * draw(st.sampled_from((99, 101, 2_000))) + content
        case "twice":
            return content[:-1] + b"," + content[1:]
        case _:
            return content


def any_bytes() -> st.SearchStrategy[bytes]:
    """Draw anything, mostly near to YAML and JSON."""
    near = st.text("{}[]\"',:-&*!|>#%@`\\ \n\tabc019.eE+~<\0\ufeff\u2028").map(str.encode)
    return st.one_of(near, st.binary())
