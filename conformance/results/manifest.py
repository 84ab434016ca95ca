"""The manifest of a run: a checksum for every file, so that a changed one is noticed later."""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from conformance.core.errors import SetupError
from conformance.core.parsing import Unreadable, parse_json
from conformance.results.lock import LOCK

FILE: Final = "manifest.json"
ATTESTATION: Final = "attestation.json"  # signs the manifest too, so it comes after it
ALGORITHM: Final = "sha256"
HELD: Final = re.compile(rb"(pid\d+)?")  # what a lock may hold: who had it when it was killed


class ManifestProblem(SetupError):
    """A folder has no readable manifest; the message says which file and why."""


def write_manifest(folder: Path) -> Path:
    """Write manifest.json, with the SHA-256 of every other file of the folder."""
    path = folder / FILE
    document = {"algorithm": ALGORITHM, "files": checksums(folder)}
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def verify(folder: Path) -> list[str]:
    """Return what no longer agrees with the manifest, one sentence each; empty if all does.

    ManifestProblem if the folder has no manifest that can be read.
    """
    recorded, present = _recorded(folder / FILE), checksums(folder)
    faults = [f"{name}: is missing" for name in sorted(recorded.keys() - present.keys())]
    faults += [f"{name}: was added" for name in sorted(present.keys() - recorded.keys())]
    faults += _strange(folder)
    shared = sorted(recorded.keys() & present.keys())
    return faults + [f"{name}: was changed" for name in shared if present[name] != recorded[name]]


def _strange(folder: Path) -> Iterator[str]:
    """Say what no run leaves in its folder, and no checksum can name."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir():
            if not any(path.iterdir()):
                yield f"{name}: was added, an empty folder"
        elif not path.is_file():
            yield f"{name}: was added, and is no file"
    lock = folder / LOCK
    if lock.is_file() and not HELD.fullmatch(lock.read_bytes()):
        yield f"{LOCK}: was changed"


def altered(folder: Path, name: str) -> bool:
    """Whether a file is not as the manifest recorded it; False without a manifest.

    ManifestProblem if there is one that cannot be read.
    """
    path = folder / FILE
    return path.exists() and _recorded(path).get(name) != checksum(folder / name)


def checksums(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file that a manifest of the folder has to name, by its path."""
    left_out = {folder / FILE, folder / LOCK, folder / ATTESTATION}
    files = sorted(each for each in folder.rglob("*") if each.is_file() and each not in left_out)
    return {each.relative_to(folder).as_posix(): checksum(each) for each in files}


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits; OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, ALGORITHM).hexdigest()


def _recorded(path: Path) -> dict[str, str]:
    try:
        document = parse_json(path.read_text("utf-8"))
    except OSError as problem:
        raise ManifestProblem(f"{path}: cannot be read: {problem.strerror}") from None
    except UnicodeDecodeError as problem:
        raise ManifestProblem(f"{path}: is not JSON: {problem}") from None
    except Unreadable as unreadable:
        raise ManifestProblem(f"{path}: {unreadable.mistakes[0].message}") from None
    files = document.get("files") if isinstance(document, dict) else None
    if not isinstance(files, dict) or document.get("algorithm") != ALGORITHM:
        raise ManifestProblem(
            f"{path}: contains no {ALGORITHM} checksums; it is not the manifest of a run"
        )
    return {str(name): str(checksum) for name, checksum in files.items()}
