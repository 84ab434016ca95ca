"""User-facing text is plain modern English: these words must not come back in it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
# A word -> what to write instead.
REPLACED = {
    r"told|tells?|telling|tales?": "say, show, describe, report, distinguish",
    r"stor(?:y|ies)": "trace, sequence",
    r"asks?|asked|asking": "request, require, need, call",
    r"in words": "message, description",
    r"go(?:es)? on with|gone on with|went on with": "continue",
    r"whereby|thereby|hereby|hence|thus|thereof|whence": "because, so, by",
    r"beside": "next to, in parallel with, in the same folder as",
    r"anew": "again",
    r"spoilt": "invalid, lost",
    r"shut out": "refused",
    r"heeds?": "observe, respect",
    r"lanes?": "parallel, worker",
    r"overnight": "on another day",
    r"whoever|whosoever": "anybody who",
    r"lies (?:in|on|at|with)": "is in, is on",
    r"in vain": "without result",
    r"for good": "for ever, finally",
    r"(?:brought|bring|brings) about": "caused, made",
    r"nobody's": "of nobody",
    r"(?:can|could|may|cannot|to) be had": "can be obtained, is available",
    r"in trouble": "has a problem",
    r"in one go": "without a break",
    r"hunts?|hunting": "search",
    r"strays?": "others, unexpected",
    r"hitherto|henceforth|herein|therein|wherein|albeit|upon|amongst|lest|ere": "a modern word",
    r"gave up|gives up": "stop",
    r"made up": "invented",
}
# What documentation and names do without, too.
SPOKEN = re.compile(r"\b(?:told|tells?|telling|tales?|asks?|asked|asking|gone on)\b", re.IGNORECASE)
BANNED = re.compile(rf"\b(?:{'|'.join(REPLACED)})\b", re.IGNORECASE)
# What is no part of a sentence: `code`, attributes and statements of a template.
NAMES = re.compile(r"`[^`]*`|(?<=\w)\.\w+|\{%.*?%\}")
DOCUMENTS = ("*.md", "contracts/*.md", "scenarios/*.md", "reports/README.md", "tests/*.md")
DATA = (
    "contracts/*.yaml",
    "contracts/errata/*.yaml",
    "scenarios/**/*.yaml",
    "reports/templates/*",
    "conformance/examples/**/*.yaml",
    "Makefile",
)


def test_user_facing_text_is_plain() -> None:
    found = [
        f"{place}: {match.group()!r} in {line.strip()!r}"
        for place, line in [*texts_of_code(), *texts_of_files()]
        if (match := BANNED.search(NAMES.sub("", line)))
    ]
    assert not found, "\n".join(found)


def test_documentation_neither_tells_nor_asks() -> None:
    found = [
        f"{place}: {match.group()!r}"
        for place, text in documentation_of_code()
        if (match := SPOKEN.search(NAMES.sub("", text)))
    ]
    assert not found, "\n".join(found)


def documentation_of_code() -> Iterator[tuple[str, str]]:
    """Yield every docstring, and the names of functions and of what they assign."""
    for path in sorted((ROOT / "conformance").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            place = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                yield place, ast.get_docstring(node) or ""
            elif isinstance(node, ast.Name | ast.arg):
                yield place, getattr(node, "id", None) or getattr(node, "arg", "")


def texts_of_files() -> Iterator[tuple[str, str]]:
    """Yield each line of the documents and data files that people read."""
    for pattern in (*DOCUMENTS, *DATA):
        for path in sorted(ROOT.glob(pattern)):
            lines = path.read_text(encoding="utf-8").splitlines()
            for number, line in enumerate(lines, start=1):
                yield f"{path.relative_to(ROOT)}:{number}", line


def texts_of_code() -> Iterator[tuple[str, str]]:
    """Yield the messages in the code, the help of commands, and the titles of checks."""
    for path in sorted((ROOT / "conformance").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        pieces = {
            id(piece)
            for node in ast.walk(tree)
            if isinstance(node, ast.JoinedStr)
            for piece in node.values
        }
        for node in ast.walk(tree):
            place = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = node.value if id(node) in pieces else node.value.strip()
                if id(node) not in documentation and " " in text:
                    yield place, node.value
            elif isinstance(node, ast.FunctionDef) and shown(node):
                yield place, ast.get_docstring(node) or ""


def shown(function: ast.FunctionDef) -> bool:
    """Whether people read the docstring of a function: of a check, or of a command."""
    decorators = {ast.unparse(each).partition("(")[0] for each in function.decorator_list}
    return bool(decorators & {"verifies"}) or any(
        each.endswith((".command", ".group")) for each in decorators
    )
