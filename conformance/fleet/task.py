"""What is sent to where a city is certified, and what comes back: both small, without secrets."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Self

from pydantic import TypeAdapter

from conformance.core.errors import ExitCode, SetupError
from conformance.core.json_text import loaded
from conformance.core.verdicts import RunVerdict

FILE: Final = "city.json"
MARK: Final = "task.json"
# What changes no verdict: where a city is certified, how fast, and which part of its run.
ELSEWHERE: Final = (
    "folder", "jobs", "rate", "in_flight", "carried", "settle", "clean", "files", "documents",
    "scenarios",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CityTask:
    """One city to certify; it can be pickled, and holds no secret.

    `profile` is the whole profile as data: passwords stand in it as `${VARIABLE}` or `file:PATH`
    and are read where the city is certified. `origin` names the deployment that it shares with
    other cities (scheme, host and port of its base URL). `folder` is the folder of the city.
    `meaning` is a checksum of the profile with the values of its variables, passwords left out;
    `files` is one of the files that it names, which may change until an open run is settled.
    `documents` (contracts by service) and `scenarios` are files of the user's own, which lie at the
    same place wherever the city is certified; `own` is a checksum of what they say.
    `rate` (requests per second) and `in_flight` (requests) are its share of the limits. With
    `carried`, the engine shares no disk with the command: the run is packed into the result.
    """

    city: str
    profile: Mapping[str, Any]
    origin: str
    folder: Path
    rate: float
    in_flight: int
    meaning: str = ""
    files: str = ""
    documents: Mapping[str, Path] = field(default_factory=dict)
    scenarios: tuple[Path, ...] = ()
    own: str = ""
    depth: str = "standard"
    seed: int = 0
    jobs: int = 1
    only: tuple[str, ...] = ()
    gate: str = "must"
    known_as: str = ""  # the name of the production deployment that may be changed
    split: bool = False  # leave what another day decides to a later part
    settle: bool = False  # decide that now
    clean: bool = False  # undo at the end what the run created
    carried: bool = False

    @property
    def checksum(self) -> str:
        """A checksum of what is requested of the city: 16 hexadecimal digits."""
        wanted = {key: value for key, value in asdict(self).items() if key not in ELSEWHERE}
        text = json.dumps(wanted, sort_keys=True, default=str)
        return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPoint:
    """A requirement that a city fails, or that stayed undecided, with what was seen there."""

    id: str
    area: str
    level: str
    verdict: str  # failed, waived, inconclusive or error
    statement: str
    seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CityResult:
    """What a city came to; it can be pickled, and is what city.json holds.

    `verdict` is empty where the city has none: `error` says why. `areas` counts the requirements
    of each area by their verdict. `rupees` are those that moved or may have moved, `seconds` what
    this part of the run took. `certificate` says that the run has the page of one. `pack` is the
    packed run folder, and never stands in city.json.
    """

    city: str
    base_url: str
    tenant: str
    task: str  # checksum of the task
    files: str = ""  # checksum of the files that its profile names
    suite: str  # version
    exit_code: int
    verdict: str = ""
    verdict_line: str = ""
    rehearsal: bool = False
    certificate: bool = False
    left: str = ""  # what of the run remains on the deployment, although it was to be undone
    settle: str = ""  # when what waits for another day can be settled, if anything does
    areas: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    points: tuple[OpenPoint, ...] = ()
    requests: int = 0
    rupees: Decimal = Decimal(0)
    seconds: float = 0.0
    run: str = ""
    finished: str = ""  # when its run came to its end, as results.json has it
    valid_until: str = ""  # the last day on which it proves anything, such as 2027-05-29
    error: str = ""
    pack: bytes | None = field(default=None, repr=False, compare=False)

    @property
    def interrupted(self) -> bool:
        """Whether somebody ended it before its end."""
        return self.exit_code == ExitCode.INTERRUPTED

    @property
    def final(self) -> bool:
        """Whether the deployment was judged: what ended by the set-up or the suite was not."""
        ended = (ExitCode.SETUP, ExitCode.SUITE_ERROR, ExitCode.INTERRUPTED)
        return bool(self.verdict) and self.exit_code not in ended

    def expired(self, today: date) -> bool:
        """Whether it no longer proves anything."""
        return "" < self.valid_until < today.isoformat()

    def as_json(self) -> dict[str, Any]:
        """Return what city.json holds."""
        document = asdict(self)
        del document["pack"]
        return document | {"rupees": str(self.rupees), "seconds": round(self.seconds, 1)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Rebuild it from `as_json`; ValueError if it is something else."""
        result: Self = TypeAdapter(cls).validate_python(dict(data))
        if result.verdict and result.verdict not in set(RunVerdict):
            raise ValueError(f"{result.verdict!r} is no verdict")
        if Path(result.run).name != result.run:
            raise ValueError(f"{result.run!r} is no run")
        return result


def write_result(folder: Path, result: CityResult) -> None:
    """Write city.json into the folder of a city, whole or not at all; OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{FILE}.draft"
    text = json.dumps(result.as_json(), indent=1, ensure_ascii=False)
    draft.write_text(text, encoding="utf-8", errors="backslashreplace")
    draft.replace(folder / FILE)


def read_result(folder: Path) -> CityResult | None:
    """Return the result in the folder of a city, None where there is none; SetupError."""
    path = folder / FILE
    try:
        result = CityResult.from_json(loaded(path.read_text(encoding="utf-8")))
        if result.city != folder.name:
            raise ValueError(f"it is of {result.city}")
        return result
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as problem:
        raise SetupError(
            f"{path}: is no result of a city that this suite can read",
            cause=" ".join(str(problem).split())[:200],
            remedy="delete it; the city is then certified again",
        ) from None


def mark(folder: Path, task: str, suite: str) -> None:
    """Note in the folder of a city whose run is in it: the checksum of the task; OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"task": task, "suite": suite})
    (folder / MARK).write_text(text, encoding="utf-8")


def is_marked(folder: Path, task: str, suite: str) -> bool:
    """Whether the run in the folder of a city is of this task and suite."""
    try:
        found = loaded((folder / MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(found == {"task": task, "suite": suite})
