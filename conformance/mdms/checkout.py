"""Master data as a checkout of the MDMS repository has it, with the line of each row."""

from pathlib import Path

from conformance.core.foreign_files import FileError, read
from conformance.core.verdicts import Inconclusive
from conformance.mdms.masters import PLACES, MasterRows, Masters


def checked_out(folder: Path) -> Masters:
    """Return the masters of a state folder of an MDMS repository, which are read when needed."""
    return Masters(lambda file: _rows_of(folder / PLACES[file][0] / file, PLACES[file][1]))


def _rows_of(path: Path, key: str) -> MasterRows:
    try:
        file = read(path)
        header = file.mapping(f"write a list of rows below {key!r}")
        rows = header.get(key)
        if not isinstance(rows, list):
            raise file.error((key,), "is not a list", f"write a list of rows below {key!r}")
    except FileError as problem:
        raise Inconclusive(problem.message, problem.remedy) from None
    return MasterRows(
        rows=rows,
        place=lambda index: f"{path}, line {file.line((key, index))}",
        header={name: each for name, each in header.items() if name != key},
    )
