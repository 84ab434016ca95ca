"""Where the runs of earlier commands are."""

from pathlib import Path

from conformance.core.errors import SetupError


def folder_of(run: str, reports: Path) -> Path:
    """Find the folder of a run by path, id or `latest`; SetupError if there is none."""
    pointer = reports / "latest"
    if run == "latest" and pointer.is_file():  # where links are not to be had
        return reports / pointer.read_text(encoding="utf-8").strip()
    places = (pointer,) if run == "latest" else (reports / "runs" / run, Path(run))
    found = next((place for place in places if place.is_dir()), None)
    if found is None:
        raise SetupError(
            f"there is no run {run!r} in {reports / 'runs'}",
            remedy="give a folder, an id, or latest",
        )
    return found
