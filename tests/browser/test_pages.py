"""Both pages of a run in a real browser, for each way in which a run ends.

Nothing goes wrong on them, they ask nobody for anything, and what matters can be read and opened.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.browsing import ALLURE, CHROMIUM, allure_page, browser, opened, require_readable
from tests.browser.made_runs import ENDINGS, MISSING, OBSERVED, made

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.is_file(), reason=f"{CHROMIUM} is not installed"),
]
needs_allure = pytest.mark.skipif(not ALLURE, reason="allure is not installed")


@pytest.fixture(scope="module")
def started() -> Iterator[Any]:
    pytest.importorskip("playwright", reason="playwright drives the browser")
    with browser() as found:
        yield found


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {name: made(tmp_path_factory.mktemp("run"), each) for name, each in ENDINGS.items()}


@pytest.mark.parametrize("name", ENDINGS)
def test_a_certificate_is_quiet_and_says_what_matters(
    started: Any, runs: dict[str, Path], name: str
) -> None:
    with opened(started) as found:
        found.show(runs[name] / "certificate.html")
        assert found.page.inner_text("h1").split("\n")[-1].strip() == ENDINGS[name].verdict
        text = found.text()
        assert [each for each in ENDINGS[name].says if each not in text] == []
        assert (found.problems, found.asked) == ([], [])


def test_a_page_with_a_fault_and_a_request_would_be_noticed(started: Any, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text('<img src="http://pixel.invalid/1.png"><script>throw Error("x")</script>')
    with opened(started) as found:
        found.show(page)
        assert found.asked == ["http://pixel.invalid/1.png"]
        assert any("x" in each for each in found.problems)


def test_a_failure_opens_down_to_its_exchange(started: Any, runs: dict[str, Path]) -> None:
    with opened(started) as found:
        found.show(runs["non-conformant"] / "certificate.html")
        evidence = found.page.locator("details.evidence").first
        if evidence.get_attribute("open") is None:
            evidence.locator("summary").first.click()
        exchange = evidence.locator("details").first
        body = exchange.get_by_text("eg_pg_txnid=T1").last
        assert not body.is_visible()
        exchange.locator("summary").click()
        assert body.is_visible()
        assert (found.problems, found.asked) == ([], [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ENDINGS)
def test_a_certificate_can_be_read_by_everybody(
    started: Any, runs: dict[str, Path], name: str, scheme: str
) -> None:
    """No serious violation of WCAG that axe-core finds, with everything opened."""
    pytest.importorskip("axe_playwright_python.sync_playwright", reason="holds axe-core")
    with opened(started, color_scheme=scheme) as found:
        found.show(runs[name] / "certificate.html")
        require_readable(found)


@needs_allure
@pytest.mark.parametrize("name", ENDINGS)
def test_an_allure_page_is_quiet_and_opens_what_failed(
    started: Any, runs: dict[str, Path], tmp_path: Path, name: str
) -> None:
    page = allure_page(runs[name] / "allure-results", tmp_path / "page")
    with opened(started, viewport={"width": 1400, "height": 2000}) as found:
        found.show(page)
        found.page.get_by_text("BBPS conformance").first.wait_for()
        if ENDINGS[name].differs:
            title = ENDINGS[name].differs[0].title
            found.page.get_by_placeholder("Search tests").fill(title)
            found.page.get_by_text(title).last.click()
            wanted = MISSING if name == "incomplete" else OBSERVED
            found.page.get_by_text(wanted).first.wait_for()
        assert (found.problems, found.asked) == ([], [])
