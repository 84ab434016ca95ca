"""Where the time of a run went, beside the ideal; read from its journal and results."""

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
from conformance.run.planning import check_id
from conformance.run.plugin import Certification
from conformance.run.session import Run

JOURNAL: Final = "journal.jsonl"
TOO_MANY: Final = '"status": 429, '


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """How the deployment is served and asked: times in ms, `rate` in requests per second."""

    latency: int = 100
    lag: int = 2000
    rate: int = 100
    jobs: int = 16


class Collected(Certification):
    """Learns the lane of each check, and runs none; None is the lane of one that runs alone."""

    def __init__(self) -> None:
        super().__init__(RunConfig(), _nothing)
        self.lanes: dict[str, str | None] = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note the lanes, and leave nothing to do."""
        self.lanes = {check_id(item): parallel_group(item) for item in session.items}
        session.items.clear()


def lanes() -> dict[str, str | None]:
    """Return the lane of each check of the suite."""
    collected = Collected()
    drive(collected)
    return collected.lanes


def told(
    run: Path, results: Mapping[str, Any], terms: Conditions, parts: Sequence[datetime]
) -> Iterator[str]:
    """Tell the wall time of a run in lines of Markdown; `parts` is when each began, and the end."""
    lane, sent = lanes(), _sent(run)
    seconds = {row["id"]: row["seconds"] for row in results["checks"]}
    beside = {check: sent[check] for check in seconds if lane.get(check)}
    groups: dict[str | None, float] = defaultdict(float)
    for check in beside:
        groups[lane[check]] += seconds[check]
    count = sum(map(len, beside.values()))
    spent = sum(
        _span([at for moments in beside.values() for at in moments if begun <= at < ended])
        for begun, ended in pairwise(parts)
    )
    floors = {
        "exchanges × latency ÷ lanes": count * terms.latency / 1000 / terms.jobs,
        "exchanges ÷ rate": count / terms.rate,
        "longest lane": max(groups.values(), default=0.0),
    }
    told = ", ".join(f"{name} {value:.0f} s" for name, value in floors.items())
    yield (
        f"{_span(parts):.0f} s in all. Side by side: {len(beside)} checks, {count} exchanges in "
        f"{spent:.0f} s; ideal {max(floors.values()):.0f} s ({told}). Their own time, "
        f"waiting included, ÷ lanes is {sum(groups.values()) / terms.jobs:.0f} s. Answered 429: "
        f"{(run / JOURNAL).read_text(encoding='utf-8').count(TOO_MANY)}."
    )
    yield from (
        "",
        "| alone | checks | exchanges | s | of which waiting |",
        "|---|---|---|---|---|",
    )
    alone = {check: took for check, took in seconds.items() if check not in beside}
    for module in sorted({check.partition("::")[0] for check in alone}):
        took = [value for check, value in alone.items() if check.startswith(f"{module}::")]
        count = sum(  # what fixtures of these checks sent stands under names of their own
            len(moments)
            for check, moments in sent.items()
            if check.startswith(f"{module}::") and check not in beside
        )
        waited = max(sum(took) - count * terms.latency / 1000, 0)
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
