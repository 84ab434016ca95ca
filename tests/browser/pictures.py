"""Makes the pictures of README: `make pictures`. Needs chromium and allure (Allure 3).

They show real runs on the embedded reference: one that conforms, one with a fault.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from tests.browser.browsing import ALLURE, CHROMIUM, allure_page, browser, opened

FOLDER = Path(__file__).parents[2] / "reports/pictures"
FAULT = "owner-check-off"
COLUMNS = 100
LINES = 32  # of the end of the output
LARGEST = 150_000  # bytes of a picture
WINDOW = {"width": 1100, "height": 820}
TERMINAL = """\
<!doctype html><meta charset="utf-8"><body style="margin:0;background:{background}">
<pre style="display:inline-block;margin:0;padding:18px;font:13px/1.35 monospace;\
color:{foreground}">{code}</pre>"""


def certified(folder: Path, *options: str) -> tuple[Path, str]:
    """Certify the reference; return the folder of the run, and what a terminal shows."""
    command = [sys.executable, "-m", "conformance", "certify", "--jobs", "4", *options]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=1800, check=False,
        env=os.environ | {"FORCE_COLOR": "1", "COLUMNS": str(COLUMNS)},
    )  # fmt: skip
    (run,) = (folder / "reports/runs").iterdir()
    return run, done.stdout


def terminal(output: str) -> str:
    """Return the end of what was printed as a page."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True)
    lines = output.rstrip().splitlines()[-LINES:]
    console.print(Text.from_ansi("\n".join(lines)))
    return console.export_html(code_format=TERMINAL, inline_styles=True)


def main() -> Sequence[Path]:
    """Write the pictures."""
    if not (ALLURE and CHROMIUM.is_file()):
        sys.exit(f"pictures need {CHROMIUM} and the command allure")
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name, browser() as started:
        place = Path(name)
        for each in ("right", "wrong"):
            (place / each).mkdir()
        right, _ = certified(place / "right", "--depth", "quick")
        wrong, output = certified(place / "wrong", "--depth", "quick", "--fault", FAULT)
        page = place / "terminal.html"
        page.write_text(terminal(output), encoding="utf-8")
        allure = allure_page(wrong / "allure-results", place / "allure")
        made = [
            pictured(started, right / "certificate.html", "certificate"),
            pictured(started, allure, "allure"),
            pictured(started, page, "terminal", whole="pre"),
        ]
    large = [path.name for path in made if path.stat().st_size > LARGEST]
    if large:
        sys.exit(f"larger than {LARGEST} bytes: {', '.join(large)}")
    return made


def pictured(started: Any, page: Path, name: str, *, whole: str = "") -> Path:
    """Take a picture of the window, or of one whole element."""
    path = FOLDER / f"{name}.png"
    with opened(started, viewport=WINDOW, color_scheme="light") as found:
        found.show(page)
        if "Allure" in found.page.content():
            found.page.get_by_placeholder("Search tests").wait_for()
        shown = found.page.locator(whole).first if whole else found.page
        shown.screenshot(path=str(path), animations="disabled")
    return path


if __name__ == "__main__":
    for made_one in main():
        sys.stdout.write(f"{made_one.relative_to(FOLDER.parents[1])}\n")
