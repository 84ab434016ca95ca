"""The folder of a fleet: its cities by name, and their results, which a later command continues."""

import json
import os
import shlex
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import quote

from conformance import __version__
from conformance.core.errors import ExitCode, SetupError
from conformance.core.json_text import loaded
from conformance.fleet.city import RUNS, judged
from conformance.fleet.overview import PASSED, CityLine, Overview, overview_of
from conformance.fleet.plan import CITIES
from conformance.fleet.sharing import Shard
from conformance.fleet.task import FILE as RESULT
from conformance.fleet.task import CityResult, mark, read_result, write_result
from conformance.report.certificate import FILE as CERTIFICATE
from conformance.results.attestation.pack import PackProblem, unpack
from conformance.results.lock import RunLock
from conformance.results.manifest import altered
from conformance.results.reading import RESULTS, read

FILE: Final = "fleet.json"
# What a result says only as its run says it.
OF_THE_RUN: Final = (
    "base_url", "suite", "exit_code", "verdict", "verdict_line", "rehearsal", "certificate",
    "settle", "areas", "run", "finished", "valid_until",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Which cities a folder is about: all of the fleet, and those of its shard.

    `settings` is a checksum of the file of cities, its template and the options of the command.
    """

    fleet: str
    shard: Shard
    cities: tuple[str, ...]
    settings: str = ""

    @property
    def own(self) -> tuple[str, ...]:
        """The cities of this shard."""
        return self.shard.dealt(self.cities)


def home_of(reports: Path, fleet: str, shard: Shard) -> Path:
    """Return the folder of a fleet, or of one of its shards; SetupError where none can have it."""
    if not fleet.strip("."):
        raise SetupError(f"{fleet!r} cannot be the name of a folder", remedy="rename the file")
    part = f".{shard.number}-of-{shard.of}" if shard.of > 1 else ""
    return reports / "fleet" / f"{fleet}{part}"


@contextmanager
def opened(home: Path, manifest: Manifest) -> Iterator[None]:
    """Keep other commands from the folder, in which the manifest then stands; RunLocked, OSError.

    What an earlier command left in it is continued.
    """
    home.mkdir(parents=True, exist_ok=True)
    lock = RunLock(home)
    try:
        document = {
            "fleet": manifest.fleet,
            "shard": f"{manifest.shard.number}/{manifest.shard.of}",
            "cities": list(manifest.cities),
            "settings": manifest.settings,
        }
        text = json.dumps(document, indent=1, ensure_ascii=False)
        (home / FILE).write_text(text, encoding="utf-8")
        yield
    finally:
        lock.release()


def manifest_in(home: Path) -> Manifest:
    """Read which cities a folder is about; SetupError where it holds no fleet."""
    path = home / FILE
    try:
        document = loaded(path.read_text(encoding="utf-8"))
        number, of = map(int, document["shard"].split("/"))
        names = [*document["cities"], document["fleet"]]
        if not 1 <= number <= of or any(Path(name).name != name or not name for name in names):
            raise ValueError("it names no shard, or a city that no folder can have")
        return Manifest(
            fleet=str(document["fleet"]),
            shard=Shard(number, of),
            cities=tuple(map(str, document["cities"])),
            settings=str(document["settings"]),
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as problem:
        raise SetupError(
            f"{home}: holds no fleet", cause=str(problem), remedy="give a folder of `fleet run`"
        ) from None


def keep(folder: Path, result: CityResult) -> CityResult:
    """Write down what a city came to, and the run that came with it; OSError."""
    if result.pack is not None:
        try:
            _unpack(folder, result)
            mark(folder, result.task, result.suite)
        except PackProblem as problem:
            result = replace(result, certificate=False, error=str(problem), verdict="",
                             exit_code=int(ExitCode.SUITE_ERROR))  # fmt: skip
    result = replace(result, pack=None)
    write_result(folder, result)
    return result


def require_as_run(folder: Path, result: CityResult) -> None:
    """Raise SetupError where the result of a city is not what its run says.

    What was measured beside the verdict, and why a run could not be settled, the run does not know.
    """
    if not result.verdict:
        return
    run = folder / RUNS / result.run
    remedy = f"get the folder once more, or certify with --again {shlex.quote(result.city)}"
    try:
        said = judged(read(run), result.city, result.tenant, result.task)
        wrong = [name for name in OF_THE_RUN if getattr(said, name) != getattr(result, name)]
        wrong += ["points"] * (_open(said) != _open(result))
        changed = altered(run, RESULTS)
    except SetupError as problem:
        raise SetupError(f"{folder}: {problem.message}", remedy=remedy) from None
    if wrong:
        raise SetupError(
            f"{folder}: {RESULT} says {result.verdict_line!r}, and its run {said.verdict_line!r}",
            cause=f"they differ in {', '.join(wrong)}: one of them was changed",
            remedy=remedy,
        )
    if changed:
        raise SetupError(f"{run / RESULTS}: was changed after the run", remedy=remedy)


def _open(result: CityResult) -> set[tuple[str, str, str]]:
    return {(each.id, each.level, each.verdict) for each in result.points}


def _unpack(folder: Path, result: CityResult) -> None:
    """Put the packed run of a result into the folder of its city; PackProblem."""
    assert result.pack is not None
    runs = folder / RUNS
    runs.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".pack-", dir=folder) as draft:
        packed = Path(draft) / "run.tar.gz"
        packed.write_bytes(result.pack)
        run = unpack(packed, Path(draft))
        if run.name != result.run:
            raise PackProblem(f"the pack of {result.city} holds the run {run.name}")
        shutil.rmtree(runs / run.name, ignore_errors=True)
        run.rename(runs / run.name)


def overview_in(
    home: Path, manifest: Manifest, folders: Mapping[str, Path], cities: Sequence[str]
) -> Overview:
    """Return the overview of some cities, whose folders are given, to be written into `home`."""
    return overview_of(
        manifest.fleet, __version__, (_line(home, name, folders.get(name)) for name in cities)
    )


def folders_in(home: Path, manifest: Manifest) -> dict[str, Path]:
    """Return the folder of each city of this shard, whether it exists or not."""
    return {name: home / CITIES / name for name in manifest.own}


def _line(home: Path, name: str, folder: Path | None) -> CityLine:
    result = read_result(folder) if folder else None
    if folder is None or result is None or not result.run:
        return CityLine(name=name, result=result)
    page = folder / RUNS / result.run / CERTIFICATE
    if not page.is_file():
        return CityLine(name=name, result=result)
    link = Path(os.path.relpath(page, home)).as_posix()
    line = CityLine(name=name, result=result, page=quote(link))
    if line.state in PASSED and result.expired(datetime.now(UTC).date()):
        ended = f"its certificate was valid until {result.valid_until}"
        return CityLine(name=name, result=replace(result, error=ended))
    return line
