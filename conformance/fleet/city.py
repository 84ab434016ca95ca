"""Certifies one city: the function that an engine calls, in another process or on another machine.

It never raises. Whatever goes wrong becomes the result of the city.
"""

import json
import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest

from conformance import __version__
from conformance.bbps.cleanup import CleanupState
from conformance.core.errors import ConformanceError, ExitCode, SetupError
from conformance.core.redaction import Redactor
from conformance.core.verdicts import Verdict
from conformance.fleet.own_files import meaning_of
from conformance.fleet.task import CityResult, CityTask, OpenPoint, is_marked, mark
from conformance.profile.loading import REFERENCE, leaves
from conformance.report.plain import clipped, without_paths
from conformance.results.attestation.pack import pack
from conformance.results.gating import exit_code
from conformance.results.model import RequirementRow, Results
from conformance.results.reading import JOURNAL
from conformance.results.validity import valid_until
from conformance.run.certify import carry_out
from conformance.run.cleaning import entries_of, undo
from conformance.run.config import RunConfig
from conformance.run.resume import Earlier, ResumeError, earlier_part
from conformance.run.session import Run

PROFILE: Final = "profile.yaml"
RUNS: Final = "runs"
INTERRUPTED: Final = "it was interrupted; run the fleet again to continue it"
LONGEST: Final = 400  # characters of a sentence
OPEN: Final = (Verdict.FAILED, Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.WAIVED)


def certify_city(task: CityTask) -> CityResult:
    """Certify a city, or continue its run, and return what it came to; never raises."""
    began = time.monotonic()
    try:
        with _folder(task) as folder:
            result = _certified(task, folder)
    except KeyboardInterrupt:
        result = without_verdict(task, ExitCode.INTERRUPTED, INTERRUPTED)
    except ConformanceError as problem:
        result = without_verdict(task, problem.exit_code, str(problem))
    except BaseException as problem:  # noqa: BLE001  it must not end other cities
        text = f"{type(problem).__name__}: {problem}"
        result = without_verdict(task, ExitCode.SUITE_ERROR, text)
    return replace(result, seconds=time.monotonic() - began)


def without_verdict(task: CityTask, code: ExitCode, error: str) -> CityResult:
    """Return the result of a city that has no verdict; `error` says why, in a sentence."""
    redactor = Redactor()
    for secret in _secrets(task.profile):
        redactor.learn(secret)
    return CityResult(
        city=task.city,
        base_url=str(task.profile["base_url"]),
        tenant=str(task.profile["tenant"]),
        task=task.checksum,
        suite=__version__,
        exit_code=int(code),
        error=redactor.plain(" ".join(error.split()))[:LONGEST],
    )


@contextmanager
def _folder(task: CityTask) -> Iterator[Path]:
    """Give the folder in which the city is certified, one that passes if its run is carried."""
    if not task.carried:
        yield task.folder
        return
    with TemporaryDirectory(prefix="bbps-city-") as folder:
        yield Path(folder)


def _certified(task: CityTask, folder: Path) -> CityResult:
    run, code = _carried_out(task, folder)
    if run.results is None:
        run.close()
        if code == pytest.ExitCode.INTERRUPTED and not run.invalid:
            return without_verdict(task, ExitCode.INTERRUPTED, INTERRUPTED)
        return without_verdict(task, ExitCode.SUITE_ERROR, run.invalid or "the run failed")
    spent, requests = run.bbps.ledger.spent, len(run.exchanges)
    result = replace(
        judged(run.results, task.city, str(task.profile["tenant"]), task.checksum),
        files=task.files,
        rupees=spent,
        requests=requests,
    )
    if task.clean:
        result = replace(result, left=_cleaned(run, run.results))
    if not task.carried:
        return result
    path = pack(run.folder, folder / "run.tar.gz")
    return replace(result, pack=path.read_bytes())


def _carried_out(task: CityTask, folder: Path) -> tuple[Run, int]:
    """Continue the run of the city if there is one that can be continued, else begin one."""
    config, earlier = _config(task, folder), _earlier(task, folder)
    if earlier is not None:
        try:
            return carry_out(config, None, earlier)
        except ResumeError:
            earlier.lock.release()
            if task.settle:
                raise
    return carry_out(config)


def _cleaned(run: Run, results: Results) -> str:
    """Undo what a run created, and return what remains, as a clause; the verdict stands."""
    if run.profile.target.embedded:
        return ""
    if results.settle:
        return "not cleaned, because it is still to be settled"
    try:
        left = undo(run.folder, run.profile, entries_of(run.folder), lambda _: None)
    except SetupError as problem:
        return f"not cleaned: {problem}"
    count = left[CleanupState.LEFT]
    return f"{count} of what it created must be reversed by a person" if count else ""


def judged(results: Results, city: str, tenant: str, task: str) -> CityResult:
    """Return what a run that came to its end says of its city; `task` is a checksum."""
    target = results.header.target
    areas: dict[str, Counter[str]] = {}
    for row in results.requirements:
        areas.setdefault(row.area, Counter())[row.word] += 1
    return CityResult(
        city=city,
        base_url=target["base_url"],
        tenant=tenant,
        task=task,
        suite=results.header.suite["version"],
        exit_code=int(exit_code(results)),
        verdict=str(results.verdict),
        verdict_line=results.verdict_line,
        rehearsal=results.header.rehearsal is not None,
        certificate=results.certifiable,
        settle=results.settle_window if results.settle else "",
        areas={area: dict(counts) for area, counts in areas.items()},
        points=tuple(_point(row, results) for row in results.requirements if row.verdict in OPEN),
        run=results.header.run,
        finished=results.finished,
        valid_until=str(valid_until(results) or ""),
    )


def _point(row: RequirementRow, results: Results) -> OpenPoint:
    own = [each for each in results.checks if row.id in each.requirements]
    worst = max(own, key=lambda each: list(Verdict).index(each.verdict), default=None)
    seen = (worst.observed or worst.reason) if worst else ""
    return OpenPoint(
        id=row.id,
        area=row.area,
        level=str(row.level),
        verdict=row.word,
        statement=row.statement,
        seen=clipped(without_paths(" ".join(seen.split())), LONGEST),
    )


def _earlier(task: CityTask, folder: Path) -> Earlier | None:
    """Return the part of a run of the same task that this one continues; SetupError to settle none.

    A run that came to its end is not continued, but to settle it.
    """
    runs = sorted((folder / RUNS).glob(f"*/{JOURNAL}"))
    if runs and is_marked(folder, task.checksum, __version__):
        with suppress(ResumeError):  # it cannot be continued, so a new one begins
            earlier = earlier_part(runs[-1].parent, settle=task.settle)
            if task.settle or not earlier.kept.complete:
                return earlier
            earlier.lock.release()
    if task.settle:
        raise SetupError(
            "there is no run of this city that can be settled",
            remedy="certify it with --open first, and settle it with the same settings",
        )
    mark(folder, task.checksum, __version__)
    return None


def _config(task: CityTask, folder: Path) -> RunConfig:
    """Return what is requested of the run; its profile is written beside it, without secrets.

    SetupError where own contracts or scenarios are others than those of the task.
    """
    if meaning_of(task.documents, task.scenarios) != task.own:
        raise SetupError(
            "the files of --contract or --scenarios are not those with which the fleet began",
            remedy="change none meanwhile, and put the same at the same paths on each worker",
        )
    limits = dict(task.profile.get("limits") or {})
    limits |= {"requests_per_second": task.rate, "requests_in_flight": task.in_flight}
    path = folder / PROFILE
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**task.profile, "limits": limits}, indent=1, default=str)
    path.write_text(text, encoding="utf-8")
    # Given as options too: what the environment says of one target is not for all of them.
    named = {name: task.profile[name] for name in ("base_url", "tenant", "mode")}
    return RunConfig(
        target=path,
        settings=named,
        known_as=task.known_as,
        only=task.only,
        documents=task.documents,
        scenarios=task.scenarios,
        depth=task.depth,
        seed=task.seed,
        jobs=task.jobs,
        gate=task.gate,
        reports=folder,
        split=task.split,
        settle=task.settle,
        clean=task.clean,
    )


def _secrets(profile: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the variables and files hold that a profile names; an error may repeat it."""
    for _, value in leaves(profile):
        if isinstance(value, str):
            yield from (os.environ.get(name, "") for name in REFERENCE.findall(value))
            if value.startswith("file:"):
                with suppress(OSError, ValueError):
                    yield Path(value.removeprefix("file:")).read_text(encoding="utf-8").strip()
