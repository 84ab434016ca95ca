"""Cities, their results, and a template that lies beside them."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from conformance import __version__
from conformance.core.requirements import Register
from conformance.fleet.task import CityResult, OpenPoint

TEMPLATE = """\
base_url: http://digit.test/
mode: full
tenant: pb.amritsar
state_tenant: pb
actors:
  administrator: {username: admin, password: "${ADMIN_PASSWORD}", tenant: pb}
limits: {requests_per_second: 12, requests_in_flight: 8}
"""
ENVIRON = {"ADMIN_PASSWORD": "no-secret-of-anybody"}


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "state.yaml"
    path.write_text(TEMPLATE, encoding="utf-8")
    return path


def point(id_: str, verdict: str = "failed") -> OpenPoint:
    row = Register.load().of(id_)
    return OpenPoint(
        id=id_, area=row.area, level=str(row.level), verdict=verdict,
        statement=row.statement, seen=f"seen of {id_}",
    )  # fmt: skip


def result(city: str, verdict: str = "CONFORMANT", *points: OpenPoint, **more: Any) -> CityResult:
    codes = {"CONFORMANT": 0, "CONFORMANT WITH WAIVERS": 0, "NON-CONFORMANT": 1, "ERROR": 3, "": 2}
    settings: dict[str, Any] = {
        "base_url": "http://digit.test", "tenant": "pb.amritsar", "task": "task", "run": "run-1",
        "suite": __version__, "exit_code": codes.get(verdict, 4), "verdict": verdict,
        "verdict_line": verdict, "certificate": bool(verdict), "points": points,
        "areas": {each.area: {each.verdict: 1} for each in points} or {"Bill": {"passed": 3}},
        "requests": 10, "rupees": Decimal("1.50"),
    }  # fmt: skip
    return CityResult(city=city, **(settings | more))


Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return written
