"""Where the time of a run went, beside the ideal; read from its journal and results."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from conformance.certify import drive
from conformance.lanes import lane_of
from conformance.plugin import Certification, check_id
from conformance.run import Run


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
        super().__init__(_nothing)
        self.lanes: dict[str, str | None] = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note the lanes, and leave nothing to do."""
        self.lanes = {check_id(item): lane_of(item) for item in session.items}
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
    lane = lanes()
    sent = _sent(run)
    seconds = {row["id"]: row["seconds"] for row in results["checks"]}
    beside = {check for check in seconds if lane.get(check)}
    in_lanes = sum(len(sent[check]) for check in beside)
    groups: dict[str | None, float] = defaultdict(float)
    for check in beside:
        groups[lane[check]] += seconds[check]
    spent = sum(
        _span([at for check in beside for at in sent[check] if begun <= at < ended])
        for begun, ended in pairwise(parts)
    )
    floors = {
        f"exchanges × {terms.latency} ms ÷ {terms.jobs}": in_lanes
        * terms.latency
        / 1000
        / terms.jobs,
        f"exchanges ÷ {terms.rate} per s": in_lanes / terms.rate,
        "longest lane": max(groups.values(), default=0.0),
    }
    ideal = max(floors.values())
    yield (
        f"{(parts[-1] - parts[0]).total_seconds():.0f} s in all. Lanes: {len(beside)} checks, "
        f"{in_lanes} exchanges, {spent:.0f} s; the ideal is {ideal:.0f} s "
        f"({', '.join(f'{name}: {value:.0f} s' for name, value in floors.items())}). Alone:"
    )
    yield from (
        "",
        "| checks | how many | exchanges | s | of which waiting |",
        "|---|---|---|---|---|",
    )
    alone: dict[str, list[str]] = defaultdict(list)
    for check in seconds.keys() - beside:
        alone[check.partition("::")[0]].append(check)
    for module, checks in sorted(alone.items()):
        took, count = sum(seconds[each] for each in checks), sum(len(sent[each]) for each in checks)
        waited = max(took - count * terms.latency / 1000, 0)
        yield f"| {module} | {len(checks)} | {count} | {took:.0f} | {waited:.0f} |"
    yield ""


def _sent(run: Path) -> dict[str, list[datetime]]:
    """Return when each check exchanged something, those that the kill cut short included."""
    found: dict[str, list[datetime]] = defaultdict(list)
    for line in (run / "journal.jsonl").read_text(encoding="utf-8").split("\n"):
        if line.startswith('{"kind": "exchange"') and line.endswith("}"):
            exchange = json.loads(line)
            found[exchange["check"]].append(datetime.fromisoformat(exchange["started_at"]))
    return found


def _span(moments: Sequence[datetime]) -> float:
    return (max(moments) - min(moments)).total_seconds() if moments else 0.0


def _nothing() -> Run:
    raise AssertionError("a collection opens no run")
