"""Bills out of a pool: consumer codes from a CSV file, each used once, by one run.

Used codes are remembered beside the file; a lock keeps two runs from taking the same bill.
"""

import csv
import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from conformance.verdicts import Inconclusive

CODE: Final = "consumer_code"
OPTIONAL: Final = ("business_service", "tenant")  # an empty cell fits any
USED_COLUMNS: Final = (CODE, "run", "at")


class Pool:
    """The consumer codes of one CSV file; what is taken stays taken."""

    def __init__(self, path: Path | str) -> None:
        """Name the pool; it is read anew whenever a code is wanted."""
        self._path = Path(path)

    @property
    def used_file(self) -> Path:
        """Where used codes are remembered."""
        return self._path.with_name(f"{self._path.name}.used")

    def unused(self, *, service: str, tenant: str) -> list[str]:
        """Return the codes for a service and tenant that no run took; takes none."""
        used = self._used()
        fitting = (row for row in self._rows() if _fits(row, service, tenant))
        return [code for row in fitting if (code := row[CODE].strip()) not in used]

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

    def _rows(self) -> list[Mapping[str, str]]:
        try:
            with self._path.open(encoding="utf-8-sig", newline="") as file:
                reader = csv.DictReader(file, skipinitialspace=True, restval="")
                rows: list[Mapping[str, str]] = [
                    row for row in reader if (row.get(CODE) or "").strip()
                ]
                columns = reader.fieldnames or ()
        except (OSError, UnicodeDecodeError, csv.Error) as problem:
            raise Inconclusive(
                f"the pool {self._path} cannot be read ({problem})", "correct bills.pool"
            ) from None
        if CODE not in columns:
            raise Inconclusive(
                f"the pool {self._path} has no column {CODE}",
                f"let its first line name the columns: {', '.join((CODE, *OPTIONAL))}",
            )
        return rows

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
            with self._path.with_name(f"{self._path.name}.lock").open("w") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield
        except OSError as problem:
            raise Inconclusive(
                f"the pool {self._path} cannot be locked ({problem.strerror})",
                "let this user write files beside the pool",
            ) from None


def _fits(row: Mapping[str, str], service: str, tenant: str) -> bool:
    wanted = {"business_service": service, "tenant": tenant}
    return all((row.get(name) or value).strip() == value for name, value in wanted.items())
