"""The overview of a fleet in a real browser: twelve cities, three hundred, a rehearsal."""

from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from conformance.core.requirements import Register
from conformance.fleet.overview import CityLine, Overview, overview_of
from conformance.fleet.writing import write_overview
from tests.browser.browsing import CHROMIUM, browser, opened, require_readable
from tests.unit.fleet.conftest import point, result

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.is_file(), reason=f"{CHROMIUM} is not installed"),
]
KINDS = (
    ("NON-CONFORMANT", (("TXN-08", "failed"), ("RCP-04", "failed"), ("PAY-01", "inconclusive"))),
    ("CONFORMANT", ()),
    ("INCONCLUSIVE", (("TXN-01", "inconclusive"), ("MDM-05", "inconclusive"))),
    ("CONFORMANT WITH WAIVERS", (("RCP-04", "waived"),)),
    ("", ()),
    ("PARTIAL", ()),
    ("ERROR", (("BIL-01", "error"),)),
)


def fleet(count: int, *, rehearsal: bool = False) -> Overview:
    """Return the overview of so many cities, of every kind in turn."""
    areas = {area: {"passed": 4} for area in Register.load().areas}
    lines = []
    for number, (verdict, points) in zip(range(count), cycle(KINDS), strict=False):
        rows = [point(id_, kind) for id_, kind in points]
        found = result(
            f"City <b>{number}</b>", verdict, *rows, rehearsal=rehearsal,
            areas=areas | {each.area: {each.verdict: 2} for each in rows} if verdict else {},
            error="" if verdict else "the target does not answer; start it",
            finished="2026-11-30T17:00:00+05:30" if verdict else "",
        )  # fmt: skip
        lines.append(CityLine(name=found.city, result=found, page="page.html" if verdict else ""))
    return overview_of("state", "0.1.0", lines)


FLEETS = {"few": fleet(12), "many": fleet(300), "rehearsal": fleet(12, rehearsal=True)}


@pytest.fixture(scope="module")
def started() -> Iterator[Any]:
    pytest.importorskip("playwright", reason="playwright drives the browser")
    with browser() as found:
        yield found


@pytest.mark.parametrize("name", FLEETS)
@pytest.mark.parametrize("width", [360, 1280])
def test_the_overview_fits_and_asks_nobody(
    started: Any, tmp_path: Path, name: str, width: int
) -> None:
    page = write_overview(tmp_path, FLEETS[name])
    with opened(started, viewport={"width": width, "height": 900}) as found:
        found.show(page)
        assert found.page.inner_text("h1") == FLEETS[name].headline
        assert found.page.locator(".cities tbody tr").count() == len(FLEETS[name].cities)
        assert "City <b>0</b>" in found.text()
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert found.page.evaluate(wide) <= 0  # a wide table moves in its own frame
        assert (found.problems, found.asked) == ([], [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["few", "rehearsal"])
def test_the_overview_can_be_read_by_everybody(
    started: Any, tmp_path: Path, name: str, scheme: str
) -> None:
    pytest.importorskip("axe_playwright_python.sync_playwright", reason="holds axe-core")
    page = write_overview(tmp_path, FLEETS[name])
    with opened(started, color_scheme=scheme) as found:
        found.show(page)
        require_readable(found)
