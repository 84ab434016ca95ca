"""What became of each line of a script: nothing of it is lost unsaid."""

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tree_sitter import Node

LARGEST: Final = 256 * 1024  # characters of a script that is read
_COMMENT: Final = re.compile(r"\s*(//|/\*|\*)")
_BRACKETS: Final = re.compile(r"[\s{}()\[\];,]*(//.*)?")
TRANSLATED: Final = "translated"
LISTED: Final = "listed"


class Fate(IntEnum):
    """What became of a line; of several statements on it the highest counts."""

    COMMENT = 1
    WITHOUT_EFFECT = 2
    NO_REQUIREMENT = 3
    DATA = 4
    NOT_DATA = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptLine:
    """A line of a script that is not data: where it stands, what it says, and why."""

    place: str
    listen: str
    number: int
    text: str
    reason: str

    def __str__(self) -> str:
        """Return place, reason and text."""
        return f"{self.place}, {self.listen}, line {self.number}: {self.reason}: {self.text}"


class LineBook:
    """Notes what becomes of each line of one script."""

    def __init__(self, source: str) -> None:
        self.lines = source.split("\n") if len(source) <= LARGEST else []
        self._unread = source.count("\n") + 1 if len(source) > LARGEST else 0
        self._fates: dict[int, tuple[Fate, str]] = {}

    def mark(self, node: "Node", fate: Fate, reason: str = "") -> None:
        """Note the fate of all lines of a node."""
        self._rows(range(node.start_point.row, node.end_point.row + 1), fate, reason)

    def frame(self, node: "Node", body: "Node", fate: Fate, reason: str = "") -> None:
        """Note the fate of the lines of a node without those inside its body."""
        start, end = body.start_point.row, body.end_point.row
        self._rows(range(node.start_point.row, start + 1), fate, reason)
        self._rows(range(end, node.end_point.row + 1), fate, reason)

    def worst(self, node: "Node") -> Fate | None:
        """Return the highest fate of the lines of a node; None where none is noted."""
        rows = range(node.start_point.row, node.end_point.row + 1)
        return max((self._fates[row][0] for row in rows if row in self._fates), default=None)

    def holds_data(self, node: "Node") -> bool:
        """Whether some line of a node became data."""
        rows = range(node.start_point.row, node.end_point.row + 1)
        return any(self._fates.get(row, (None,))[0] == Fate.DATA for row in rows)

    def finished(self) -> list[tuple[int, str, Fate, str]]:
        """Return number, text, fate and reason of each line that is not blank."""
        found = []
        for row, text in enumerate(self.lines):
            if not text.strip():
                continue
            fate, reason = self._fates.get(row, (None, ""))
            if fate is None:
                if _COMMENT.match(text):
                    fate = Fate.COMMENT
                elif _BRACKETS.fullmatch(text):
                    fate = Fate.WITHOUT_EFFECT
                else:
                    fate, reason = Fate.NOT_DATA, "not understood"
            found.append((row + 1, text.strip(), fate, reason))
        if self._unread:
            reason = f"the script is larger than {LARGEST} characters, and is not read"
            found.append((1, f"({self._unread} lines)", Fate.NOT_DATA, reason))
        return found

    def _rows(self, rows: range, fate: Fate, reason: str) -> None:
        for row in rows:
            if row not in self._fates or self._fates[row][0] < fate:
                self._fates[row] = (fate, reason)
