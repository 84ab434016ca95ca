"""Where the time of a run went, compared with the ideal; read from its journal and results."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest

from conformance.results.reading import exchanges_of
from conformance.run.certify import drive
from conformance.run.config import RunConfig
from conformance.run.parallel import parallel_group
from conformance.run.planning import check_id, place_of
from conformance.run.plugin import Certification
from conformance.run.session import Run

JOURNAL: Final = "journal.jsonl"
TOO_MANY: Final = '"status": 429, '


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """How the deployment is served and called: times in ms, `rate` in requests per second."""

    latency: int = 100
    lag: int = 2000
    rate: int = 100
    jobs: int = 16


class Collected(Certification):
    """Learns the parallel group of each check, and runs none; None where a check runs alone."""

    def __init__(self) -> None:
        super().__init__(RunConfig(), _nothing)
        self.group_of: dict[str, str | None] = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note the groups of those that come first, and leave nothing to do."""
        self.group_of = {
            check_id(item): None if place_of(item)[0] else parallel_group(item)
            for item in session.items
        }
        session.items.clear()


def parallel_groups() -> dict[str, str | None]:
    """Return the parallel group of each check of the suite."""
    collected = Collected()
    drive(collected)
    return collected.group_of


def wall_time(
    run: Path,
    results: Mapping[str, Any],
    conditions: Conditions,
    parts: Sequence[datetime],
) -> Iterator[str]:
    """Describe the wall time of a run in Markdown; `parts` is when each started, and the end."""
    group_of, sent = parallel_groups(), _sent(run)
    seconds = {row["id"]: row["seconds"] for row in results["checks"]}
    parallel = {check: sent[check] for check in seconds if group_of.get(check)}
    groups: dict[str | None, float] = defaultdict(float)
    for check in parallel:
        groups[group_of[check]] += seconds[check]
    count = sum(map(len, parallel.values()))
    spent = sum(
        _span([at for moments in parallel.values() for at in moments if started <= at < ended])
        for started, ended in pairwise(parts)
    )
    floors = {
        "exchanges × latency ÷ jobs": count * conditions.latency / 1000 / conditions.jobs,
        "exchanges ÷ rate": count / conditions.rate,
        "longest group": max(groups.values(), default=0.0),
    }
    ideals = ", ".join(f"{name} {value:.0f} s" for name, value in floors.items())
    yield (
        f"{_span(parts):.0f} s in all. In parallel: {len(parallel)} checks, {count} exchanges in "
        f"{spent:.0f} s; ideal {max(floors.values()):.0f} s ({ideals}). Their own time, "
        f"waiting included, ÷ jobs is {sum(groups.values()) / conditions.jobs:.0f} s. "
        f"Answered 429: {(run / JOURNAL).read_text(encoding='utf-8').count(TOO_MANY)}."
    )
    yield from (
        "",
        "| alone | checks | exchanges | s | of which waiting |",
        "|---|---|---|---|---|",
    )
    alone = {check: took for check, took in seconds.items() if check not in parallel}
    for module in sorted({check.partition("::")[0] for check in alone}):
        took = [value for check, value in alone.items() if check.startswith(f"{module}::")]
        count = sum(  # what fixtures of these checks sent has names of its own
            len(moments)
            for check, moments in sent.items()
            if check.startswith(f"{module}::") and check not in parallel
        )
        waited = max(sum(took) - count * conditions.latency / 1000, 0)
        yield f"| {module} | {len(took)} | {count} | {sum(took):.0f} | {waited:.0f} |"
    yield ""


def _sent(run: Path) -> dict[str, list[datetime]]:
    """Return when each check exchanged something, those that the kill cut short included."""
    found: dict[str, list[datetime]] = defaultdict(list)
    for exchange in exchanges_of(run):
        found[exchange.check].append(datetime.fromisoformat(exchange.started_at))
    return found


def _span(moments: Sequence[datetime]) -> float:
    return (max(moments) - min(moments)).total_seconds() if moments else 0.0


def _nothing() -> Run:
    raise AssertionError("a collection opens no run")
