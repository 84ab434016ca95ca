"""What is requested of a run: one frozen RunConfig, built by the command and by plain pytest."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance.core.errors import SetupError
from conformance.results.gate import GATES, USUAL
from conformance.run.choices import DEPTHS, LINEAGES, MODES, MOST_JOBS


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceOptions:
    """How the embedded reference behaves: faults, variations, lineage, delays in ms, noise.

    `noise` is the percentage of exchanges that are lost or mangled. SetupError for an unknown
    lineage; unknown faults and variations are refused when the reference starts.
    """

    faults: tuple[str, ...] = ()
    variations: tuple[str, ...] = ()
    lineage: str = "strict"
    latency_ms: int = 0
    lag_ms: int | None = None
    noise: float = 0

    def __post_init__(self) -> None:
        """Refuse what no reference can be."""
        _require_one_of("--lineage", self.lineage, LINEAGES)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunConfig:
    """What a person requested of a run; SetupError names the option that cannot be used.

    `target` is the profile, None the shipped one of the embedded reference; `settings` replace
    values of the profile, where they are not None. `documents` maps a service to the user's own
    contract file. `only` are ids of requirements and `checks` names of checks, None for all.
    `seed` is that of everything that is drawn.
    """

    target: Path | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    known_as: str = ""  # the name of the production deployment that may be changed
    documents: Mapping[str, Path] = field(default_factory=dict)
    reference: ReferenceOptions = field(default_factory=ReferenceOptions)
    only: tuple[str, ...] = ()
    checks: frozenset[str] | None = None
    scenarios: tuple[Path, ...] = ()  # files, or folders with some, of the user's own
    scenarios_only: bool = False  # nothing but these: a partial run
    depth: str = "standard"
    seed: int = 0
    jobs: int = 1  # independent checks that run at the same time
    reports: Path = Path("reports")
    written: bool = True  # False leaves out every report but the results
    split: bool = False  # leave what another day decides to a later part of the run
    earlier: Path | None = None  # folder of the run to continue
    settle: bool = False  # decide what the earlier part left to another day
    clean: bool = False  # undo at the end what the run created
    gate: str = USUAL  # the level that decides the exit code
    baseline: Path | None = None  # an earlier run, or its results.json: only regressions gate

    def __post_init__(self) -> None:
        """Refuse values that no run can have."""
        _require_one_of("--depth", self.depth, DEPTHS)
        _require_one_of("--gate", self.gate, tuple(GATES))
        if self.settings.get("mode") is not None:
            _require_one_of("--mode", self.settings["mode"], MODES)
        if not 1 <= self.jobs <= MOST_JOBS:
            raise SetupError(f"--jobs {self.jobs}: write a number from 1 to {MOST_JOBS}")


def documents_of(contracts: Iterable[str]) -> dict[str, Path]:
    """Return service -> file from texts SERVICE=FILE; SetupError if one is written otherwise."""
    documents = {}
    for each in contracts:
        service, separator, path = each.partition("=")
        if not separator or not path:
            raise SetupError(
                f"--contract {each!r}: write SERVICE=FILE, e.g. collection-services=V-2-0.yml"
            )
        documents[service] = Path(path)
    return documents


def path_of(file: Path | None) -> str | None:
    """Return a file as a setting of the profile, to which other paths are relative."""
    return None if file is None else str(file.absolute())


def _require_one_of(option: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise SetupError(f"{option} {value!r}: write one of {', '.join(choices)}")
