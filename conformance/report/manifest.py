"""The manifest of a run: a checksum for every file, so that a changed one is noticed later."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

FILE: Final = "SHA256SUMS"


class ManifestProblem(Exception):
    """A folder has no readable manifest; the message says which file and why."""


def write_manifest(folder: Path) -> Path:
    """Write SHA256SUMS, in the form that `sha256sum -c` reads, over every other file."""
    path = folder / FILE
    lines = [f"{_checksum(each)}  {each.relative_to(folder).as_posix()}" for each in _files(folder)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def verify(folder: Path) -> list[str]:
    """Return what no longer agrees with the manifest, one sentence each; empty if all does."""
    recorded = dict(_recorded(folder / FILE))
    present = {each.relative_to(folder).as_posix(): each for each in _files(folder)}
    faults = [f"{name}: is missing" for name in sorted(recorded.keys() - present.keys())]
    faults += [f"{name}: was added" for name in sorted(present.keys() - recorded.keys())]
    for name in sorted(recorded.keys() & present.keys()):
        if _checksum(present[name]) != recorded[name]:
            faults.append(f"{name}: was changed")
    return faults


def _files(folder: Path) -> list[Path]:
    found = [each for each in folder.rglob("*") if each.is_file() and each != folder / FILE]
    return sorted(found)


def _recorded(path: Path) -> Iterator[tuple[str, str]]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as problem:
        raise ManifestProblem(f"{path}: cannot be read: {problem.strerror}") from None
    for number, line in enumerate(lines, start=1):
        checksum, separator, name = line.partition("  ")
        if not separator or len(checksum) != 64:
            raise ManifestProblem(f"{path}: line {number} is no checksum with a name: {line!r}")
        yield name, checksum


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
