"""A real browser under our control: the chromium of the system, which may reach nobody."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from conformance.core import resources
from conformance.report.allure_page import closed

CHROMIUM: Final = Path("/usr/bin/chromium")
GRAVE = {"serious", "critical"}
FLAGS: Final = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip
ALLURE: Final = shutil.which("allure")
CONFIG: Final = resources.file("templates", "allurerc.mjs")


@dataclass(slots=True)
class Opened:
    """A page that is open, with what went wrong on it and what it asked others for."""

    page: Any
    problems: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def show(self, path: Path) -> None:
        """Open a file, and wait until the page is quiet."""
        self.page.goto(path.as_uri())
        self.page.wait_for_load_state("load")

    def text(self) -> str:
        """Return what a person can read on the page, blanks as one."""
        return " ".join(self.page.inner_text("body").split())


@contextmanager
def browser() -> Iterator[Any]:
    """Have a browser; needs playwright and chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
        try:
            yield started
        finally:
            started.close()


@contextmanager
def opened(started: Any, **settings: Any) -> Iterator[Opened]:
    """Have an empty page in a context of its own; `settings` are those of a context."""
    context = started.new_context(**settings)
    found = Opened(context.new_page())
    found.page.on("console", lambda each: each.type == "error" and found.problems.append(each.text))
    found.page.on("pageerror", lambda each: found.problems.append(str(each)))
    found.page.on(
        "request", lambda each: each.url.startswith("http") and found.asked.append(each.url)
    )
    try:
        yield found
    finally:
        context.close()


def require_readable(found: Opened) -> None:
    """Require that axe-core finds no grave violation of WCAG, with everything opened."""
    from axe_playwright_python.sync_playwright import Axe

    found.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    seen = Axe().run(found.page).response
    grave = [
        f"{each['id']}: {each['help']}: {each['nodes'][0]['html'][:200]}"
        for each in seen["violations"]
        if each["impact"] in GRAVE
    ]
    assert grave == []
    assert len(seen["passes"]) > 10  # it did look


def allure_page(results: Path, folder: Path) -> Path:
    """Make the one page of Allure as `report --allure` does, and return it; needs allure."""
    assert ALLURE
    command = [ALLURE, "generate", "--config", str(CONFIG), "--output", str(folder), str(results)]
    done = subprocess.run(
        command, cwd=results.parent, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    page = folder / "index.html"
    page.write_text(closed(page.read_text("utf-8")), encoding="utf-8")
    return page
