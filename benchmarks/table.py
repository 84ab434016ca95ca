"""One table of measured figures: what was measured, beside what, and what is wanted."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

HEAD: Final = ("measured", "ours", "beside", "ratio", "wanted", "how")


@dataclass(frozen=True)
class Row:
    """One line of the table; `ratio` is ours to the peer's, None where nothing was compared."""

    subject: str
    ours: str
    peer: str
    ratio: float | None
    wanted: str
    method: str

    def cells(self) -> tuple[str, ...]:
        """Return the words of the line, in the order of the columns."""
        ratio = "-" if self.ratio is None else f"{self.ratio:.2f}"
        return self.subject, self.ours, self.peer, ratio, self.wanted, self.method


def printed(rows: Iterable[Row]) -> str:
    """Return the rows as a Markdown table, a line for each; a bar in a cell is escaped."""
    lines = [HEAD, ("---",) * len(HEAD), *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(_plain(cell) for cell in cells)} |" for cells in lines)


def _plain(cell: str) -> str:
    return " ".join(cell.replace("|", r"\|").split())
