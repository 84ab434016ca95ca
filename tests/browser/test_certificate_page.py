"""The certificate in a real browser: opened from disk, in light and dark, wide, narrow, in print.

Nothing is fetched from anywhere: every request but the page's own would fail the test.
"""

import html
import json
import re
import subprocess
from pathlib import Path

import pytest

from conformance.core.exchange import Exchange
from conformance.core.requirements import Register
from conformance.core.verdicts import Finding, Verdict
from conformance.report.certificate import write_certificate
from conformance.results.journal import Journal, PlannedCheck
from conformance.results.model import Header

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # the browser's own errands reach nobody either
)  # fmt: skip
MARKUP = "<img src=x onerror=\"document.title='taken over'\"><script>document.title='x'</script>"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.is_file(), reason=f"{CHROMIUM} is not installed"),
]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate with a failure whose evidence is hostile markup."""
    folder = tmp_path_factory.mktemp("run")
    header = Header(
        run="20260110T093000-cafe",
        suite={"name": "digit-bbps-conformance", "version": "0.1.0"},
        target={"name": MARKUP, "base_url": "http://127.0.0.1:1", "fingerprint": "8f1c"},
        profile={},
        contract={"form": "effective"},
        mode="full",
        seed=0,
        partial=False,
        rehearsal=None,
    )
    planned = PlannedCheck(check="c", title=MARKUP, requirements=("TXN-08",))
    journal = Journal(folder, header, Register.load(), (planned,))
    journal.finding(
        Finding(
            check="c",
            title=MARKUP,
            requirements=("TXN-08",),
            verdict=Verdict.FAILED,
            required="An outsider's update is refused.",
            observed=MARKUP,
            exchanges=("x1",),
        )
    )
    return write_certificate(folder, journal.close(), {"x1": hostile_exchange()})


def hostile_exchange() -> Exchange:
    return Exchange(
        id="x1",
        check="c",
        operation="transaction.update",
        actor="rival",
        method="POST",
        url=f"http://127.0.0.1:1/{MARKUP}",
        request_headers={},
        request_body=MARKUP,
        status=200,
        response_headers={},
        response_body=json.dumps({"name": MARKUP}),
        started_at="2026-01-10T09:30:01+05:30",
        milliseconds=1.0,
    )


def browse(profile: Path, address: str, *flags: str) -> str:
    """Run the browser once with a fresh profile; return what it printed."""
    command = [str(CHROMIUM), *FLAGS, f"--user-data-dir={profile}", *flags, address]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_opens_from_disk_and_runs_nothing_of_the_deployment(page: Path, tmp_path: Path) -> None:
    dom = browse(tmp_path, page.as_uri(), "--dump-dom")
    assert "<h1>NON-CONFORMANT</h1>" in dom
    assert "<title>NON-CONFORMANT: " in dom
    assert "taken over</title>" not in dom
    assert "<img" not in dom
    assert html.escape("<script>", quote=False) in dom


def asked_by(page: Path, folder: Path) -> set[str]:
    """Return the addresses that the page, not the browser itself, asked for."""
    log = folder / "net.json"
    browse(folder / "profile", page.as_uri(), "--dump-dom", f"--log-net-log={log}")
    events = [event.get("params", {}) for event in json.loads(log.read_text("utf-8"))["events"]]
    return {
        each["url"]
        for each in events
        if each.get("initiator", "not an origin") != "not an origin"
        and each["url"].startswith(("http:", "https:"))
    }


def test_asks_for_nothing_but_itself(page: Path, tmp_path: Path) -> None:
    assert asked_by(page, tmp_path) == set()


def test_a_page_that_asks_for_more_would_be_noticed(tmp_path: Path) -> None:
    greedy = tmp_path / "greedy.html"
    greedy.write_text('<img src="http://pixel.invalid/one.png">')
    assert asked_by(greedy, tmp_path) == {"http://pixel.invalid/one.png"}


@pytest.mark.parametrize("size", ["1100,900", "500,900"])
@pytest.mark.parametrize("scheme", ["0", "1"], ids=["dark", "light"])
def test_is_drawn_in_both_schemes_and_widths(
    page: Path, tmp_path: Path, size: str, scheme: str
) -> None:
    picture = tmp_path / "page.png"
    browse(
        tmp_path / "profile",
        page.as_uri(),
        f"--screenshot={picture}",
        f"--window-size={size}",
        f"--blink-settings=preferredColorScheme={scheme}",
    )
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 10_000  # an empty page compresses to less


def pages_of(page: Path, folder: Path) -> int:
    """Print the page, and return how many sheets that takes."""
    paper = folder / "page.pdf"
    browse(folder / "profile", page.as_uri(), f"--print-to-pdf={paper}", "--no-pdf-header-footer")
    content = paper.read_bytes()
    assert content.startswith(b"%PDF")
    return len(re.findall(rb"/Type */Page\b", content))


def test_prints_one_sheet_for_the_official(page: Path, tmp_path: Path) -> None:
    assert pages_of(page, tmp_path) == 1


def test_prints_the_appendix_where_it_is_wanted(page: Path, tmp_path: Path) -> None:
    wanted = tmp_path / "wanted.html"
    text = page.read_text("utf-8")
    assert text.count('type="checkbox" id="whole"') == 1
    wanted.write_text(
        text.replace('type="checkbox" id="whole"', 'type="checkbox" checked id="whole"')
    )
    assert pages_of(wanted, tmp_path) > 1
