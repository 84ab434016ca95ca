"""Bills out of a pool: consumer codes from a CSV file, each used once, by one run.

Used codes are remembered next to the file; a lock keeps two runs from taking the same bill.
"""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from filelock import FileLock

from conformance.core.charsets import UTF_8, encoding_of, text_of
from conformance.core.errors import SetupError
from conformance.core.foreign_files import FileError, read_bytes
from conformance.core.verdicts import Inconclusive

CODE: Final = "consumer_code"
COLUMNS: Final = (CODE, "business_service", "tenant")  # an empty cell of the last two fits any
USED_COLUMNS: Final = (CODE, "run", "at")
Row = dict[str, str]


class PoolMistake(SetupError):
    """The file is no pool; the message completes "the pool FILE ..."."""


class BillPool:
    """The consumer codes of one CSV file; what is taken stays taken."""

    def __init__(self, path: Path | str) -> None:
        """Name the pool; it is read again whenever a code is wanted."""
        self._path = Path(path)

    @property
    def used_file(self) -> Path:
        """Where used codes are remembered."""
        return self._path.with_name(f"{self._path.name}.used")

    def unused(self, *, service: str, tenant: str) -> list[str]:
        """Return the codes for a service and tenant that no run took; takes none."""
        used = self._used()
        fitting = (row for row in self._rows() if _fits(row, service, tenant))
        return [row[CODE] for row in fitting if row[CODE] not in used]

    def take(self, *, service: str, tenant: str, run: str) -> str:
        """Take the next unused code for a run; Inconclusive when the pool is dry or unreadable."""
        with self._locked():
            codes = self.unused(service=service, tenant=tenant)
            if not codes:
                raise Inconclusive(
                    f"the pool {self._path} has no unused consumer code left for {service} "
                    f"in {tenant}",
                    f"add codes with an unpaid bill; those already used stand in {self.used_file}",
                )
            self._remember(codes[0], run)
            return codes[0]

    def _rows(self) -> list[Row]:
        try:
            return _read(read_bytes(self._path))
        except FileError as problem:
            (mistake,) = problem.mistakes
            what = mistake.message
        except PoolMistake as problem:
            what = str(problem)
        raise Inconclusive(
            f"the pool {self._path} {what}",
            f"correct bills.pool; its first line names its columns: {', '.join(COLUMNS)}",
        )

    def _used(self) -> set[str]:
        if not self.used_file.is_file():
            return set()
        with self.used_file.open(encoding="utf-8", newline="") as file:
            return {row[CODE] for row in csv.DictReader(file) if row.get(CODE)}

    def _remember(self, code: str, run: str) -> None:
        fresh = not self.used_file.exists()
        with self.used_file.open("a", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            if fresh:
                writer.writerow(USED_COLUMNS)
            writer.writerow((code, run, datetime.now(UTC).isoformat(timespec="seconds")))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the pool alone, against other runs on this machine and threads of this one."""
        try:
            self._path.parent.stat()  # the lock would create a folder that is missing
            # A lock of its own for each use, so that threads exclude each other, too.
            with FileLock(f"{self._path}.lock", poll_interval=0.01, fallback_to_soft=False):
                yield
        except OSError as problem:
            raise Inconclusive(
                f"the pool {self._path} cannot be locked ({problem.strerror})",
                "let this user write files next to the pool",
            ) from None


def _read(content: bytes) -> list[Row]:
    """Return the rows of a CSV file; Mistake names the line of the first one."""
    if encoding_of(content) != UTF_8:  # a byte order mark, or UTF-16 as spreadsheets save it
        text, problem = text_of(content)
        if problem:
            raise PoolMistake(f"is no text: {problem}")
        content = text.encode()
    lines = [_text(number, line) for number, line in enumerate(content.splitlines(True), 1)]
    reader = csv.reader(lines, skipinitialspace=True, strict=True)
    rows: list[Row] = []
    number = 1  # of the line at which a row begins
    try:
        columns = _columns([name.strip() for name in next(reader, [])])
        number = reader.line_num + 1
        for cells in reader:
            if any(cells):
                rows.append(_row(number, columns, cells, rows))
            number = reader.line_num + 1
    except csv.Error as problem:
        raise PoolMistake(f"has a mistake in line {number}: {problem}") from None
    return [row for row in rows if row[CODE]]


def _text(number: int, line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise PoolMistake(f"is no text in UTF-8, see line {number}") from None


def _columns(names: list[str]) -> list[str]:
    if CODE not in names:
        raise PoolMistake(f"has no column {CODE} in line 1")
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise PoolMistake(f"has a column {unknown[0]!r} in line 1, which is not known")
    return names


def _row(number: int, columns: list[str], cells: list[str], before: list[Row]) -> Row:
    if len(cells) > len(columns):
        raise PoolMistake(f"has {len(cells)} cells in line {number}, and {len(columns)} columns")
    row = dict.fromkeys(COLUMNS, "") | {
        name: cell.strip() for name, cell in zip(columns, cells, strict=False)
    }
    if row in before:
        raise PoolMistake(f"has {row[CODE]} twice, again in line {number}")
    return row


def _fits(row: Row, service: str, tenant: str) -> bool:
    wanted = {"business_service": service, "tenant": tenant}
    return all(row[name] in {"", value} for name, value in wanted.items())
