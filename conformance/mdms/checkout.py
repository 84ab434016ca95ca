"""Master data as a checkout of the MDMS repository has it, with the line of each row.

DIGIT's repository has a folder for each state, in it a folder for each module and one for each
city, which has folders of modules again: `data/pb/tenant/tenants.json` is of the state pb,
`data/pb/amritsar/BillingService/TaxPeriod.json` of the tenant pb.amritsar.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

from conformance.core.errors import SetupError
from conformance.core.foreign_files import FileError, ForeignFile, Place, read
from conformance.core.verdicts import Inconclusive
from conformance.mdms.masters import MASTERS, PLACES, MasterRows, Masters, Spot

TENANT: Final = "tenantId"


def checked_out(folder: Path) -> Masters:
    """Return the masters of a state folder of an MDMS repository, which are read when needed."""
    return Masters(lambda file: rows_of(folder / PLACES[file][0] / file, PLACES[file][1]))


def rows_of(path: Path, key: str, reading: Callable[[Path], ForeignFile] = read) -> MasterRows:
    """Return the rows that stand in a file under the name of their master; Inconclusive."""
    try:
        file = reading(path)
        header = file.mapping(f"write a list of rows below {key!r}")
        rows = header.get(key)
        if not isinstance(rows, list):
            raise file.error((key,), "is not a list", f"write a list of rows below {key!r}")
    except FileError as problem:
        raise Inconclusive(problem.message, problem.remedy) from None

    def spot(index: int | None, *inner: str) -> Spot:
        place: Place = inner if index is None else (key, index, *inner)
        return Spot(path, file.line(place))

    header = {name: each for name, each in header.items() if name != key}
    return MasterRows(rows=rows, spot=spot, header=header)


class Checkout:
    """The folder of one state in a checkout; each file is read once, when it is first needed."""

    def __init__(self, folder: Path, state: str = "") -> None:
        """Find the state's folder, in a whole checkout too; SetupError if there is not just one.

        Without `state`, its tenant is what the files of the state say.
        """
        self.root = folder
        self.folder = _state_folder(folder, state)
        self.read = cache(read)
        self.state = state or self._stated()

    def path(self, file: str, city: str = "") -> Path:
        """Return where a master of the state or of a city has its place."""
        return self.folder / city / MASTERS[file][0] / file

    def masters(self, city: str = "") -> Masters:
        """Return the masters that a tenant has: its own, and for the others those of the state."""

        def master_of(file: str) -> MasterRows:
            own = self.path(file, city)
            path = own if own.is_file() else self.path(file)
            return rows_of(path, MASTERS[file][1], self.read)

        return Masters(master_of)

    @cached_property
    def files(self) -> list[Path]:
        """Every JSON file of the state and its cities."""
        return sorted(
            path
            for path in self.folder.rglob("*.json")
            if path.is_file() and not _hidden(path.relative_to(self.folder))
        )

    @cached_property
    def cities(self) -> list[str]:
        """The folders that hold masters, or of which some file says that it is of a city."""
        named = ((self._first(path), self._tenant(path)) for path in self.files)
        stated = {name for name, tenant in named if tenant == f"{self.state}.{name}"}
        holding = {each.name for each in self.folder.iterdir() if _holds_masters(each)}
        return sorted(stated | holding)

    def tenant_of(self, path: Path) -> str:
        """Return the tenant of whom a file must be, by the folder in which it is."""
        first = self._first(path)
        return f"{self.state}.{first}" if first in self.cities else self.state

    def _first(self, path: Path) -> str:
        """Return the folder of the state in which a file is: a module, or a city."""
        return path.relative_to(self.folder).parts[0]

    def _stated(self) -> str:
        """Return the tenant of most masters of the state; that of its folder if some name it."""
        found = (self._tenant(self.path(file)) for file in MASTERS)
        said = Counter(each for each in found if isinstance(each, str))
        named = self.folder.resolve().name
        return named if not said or named in said else said.most_common(1)[0][0]

    def _tenant(self, path: Path) -> Any:
        with suppress(FileError):
            value = self.read(path).value
            return value.get(TENANT) if isinstance(value, dict) else None
        return None


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _state_folder(folder: Path, state: str) -> Path:
    if not folder.is_dir():
        raise SetupError(f"there is no folder {folder}", remedy="give that of an MDMS checkout")
    if _holds_masters(folder):
        return folder
    found = [each for each in _below(folder) if _holds_masters(each)]
    named = [each for each in found if each.name == state]
    match named or found:
        case [only]:
            return only
        case []:
            modules = ", ".join(module for module, _ in PLACES.values())
            raise SetupError(
                f"{folder} holds no master data",
                cause=f"no folder {modules} is in it, or in one below",
                remedy="give the folder of a state, such as data/pb",
            )
        case several:
            names = ", ".join(each.name for each in several)
            raise SetupError(
                f"{folder} holds the data of {names}", remedy=f"give one, such as {several[0]}"
            )


def _below(folder: Path) -> Iterator[Path]:
    for parent in (folder / "data", folder):
        if parent.is_dir():
            yield from sorted(each for each in parent.iterdir() if each.is_dir())


def _holds_masters(folder: Path) -> bool:
    return any((folder / module).is_dir() for module, _ in MASTERS.values())
