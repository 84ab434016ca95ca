"""Where the runs of earlier commands are."""

from pathlib import Path
from typing import TYPE_CHECKING

from conformance.core.errors import SetupError

if TYPE_CHECKING:
    from conformance.results.model import CheckRow, Results


def folder_of(run: str, reports: Path) -> Path:
    """Find the folder of a run by path, id or `latest`; SetupError if there is none."""
    pointer = reports / "latest"
    if run == "latest" and pointer.is_file():  # where links are not to be had
        pointer = reports / pointer.read_text(encoding="utf-8", errors="replace").strip()
    places = (pointer,) if run == "latest" else (reports / "runs" / run, Path(run))
    found = next((place for place in places if run and place.is_dir()), None)
    if found is None:
        raise SetupError(
            f"there is no run {run!r} in {reports / 'runs'}",
            remedy="give a folder, an id, or latest",
        )
    return found


def results_of(run: str, reports: Path) -> Path:
    """Find a results.json by its path, or the folder of a run; SetupError if there is none."""
    path = Path(run)
    return path if path.is_file() else folder_of(run, reports)


def check_of(results: "Results", check: str) -> "CheckRow":
    """Find a check by its name, or by a part that only one has; SetupError if it is not one."""
    from conformance.core.verdicts import Verdict

    rows = [row for row in results.checks if row.id == check] or [
        row for row in results.checks if check in row.id
    ]
    rows = [row for row in rows if row.verdict is Verdict.FAILED] or rows
    if len(rows) != 1:
        raise SetupError(
            f"{len(rows)} checks of the run are called {check!r}",
            cause="; ".join(row.id for row in rows[:5]),
            remedy="give the whole name of one, as the certificate shows it",
        )
    return rows[0]
