"""The page of Allure in one file that needs nothing outside, made with an installed `allure`."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from conformance.core import resources
from conformance.core.errors import SetupError
from conformance.report.allure import write_results
from conformance.results.exchange_store import Evidence
from conformance.results.model import Results

GENERATOR: Final = "allure"
CONFIG: Final = "allurerc.mjs"
SECONDS: Final = 900  # that the generator may take
# Both generators put a tag for statistics into the page; what a later one adds cannot load either.
POLICY: Final = (
    '<meta http-equiv="Content-Security-Policy" content="default-src data: blob: '
    "'unsafe-inline' 'unsafe-eval'; connect-src data: blob:; form-action 'none'\">"
)
_TAG: Final = re.compile(
    r"<script[^>]*googletagmanager[^>]*>\s*</script>\s*"
    r"(?:<script>(?:(?!</script>).)*?dataLayer(?:(?!</script>).)*</script>)?",
    re.DOTALL,
)


def write_page(path: Path, results: Results, exchanges: Evidence, history: Path) -> str:
    """Write the page into a file, and return the version of `allure` that made it.

    Allure 3 reads from `history` how earlier runs ended, and adds this one. SetupError if no
    `allure` is installed, or if it fails.
    """
    program = shutil.which(GENERATOR)
    if program is None:
        raise SetupError(
            f"no {GENERATOR} is installed, which makes the page",
            remedy="install Node.js and `npm install --global allure` (Allure 3), or Allure 2",
        )
    version = _run([program, "--version"], {}).strip().splitlines()[-1:] or [""]
    with tempfile.TemporaryDirectory() as place:
        home, made = Path(place, "allure-results"), Path(place, "made")
        write_results(home, results, exchanges, clean=True)
        if version[0].startswith("2."):
            command = ["generate", "--single-file", "--clean", "--output", str(made), str(home)]
        else:
            config = str(resources.file("templates", CONFIG))
            command = ["generate", "--config", config, str(home)]
        history.parent.mkdir(parents=True, exist_ok=True)
        environment = {
            "ALLURE_NO_ANALYTICS": "true",
            "BBPS_ALLURE_OUTPUT": str(made),
            "BBPS_ALLURE_HISTORY": str(history.absolute()),
        }
        printed = _run([program, *command], environment)
        page = made / "index.html"
        if not page.is_file():
            raise SetupError(f"{GENERATOR} {version[0]} made no page", cause=printed[-500:])
        path.write_text(closed(page.read_text("utf-8")), encoding="utf-8")
    return version[0]


def closed(page: str) -> str:
    """Return a page that loads nothing from outside: without its tag, and with a policy."""
    return _TAG.sub("", page).replace("<head>", f"<head>\n{POLICY}", 1)


def _run(command: list[str], environment: dict[str, str]) -> str:
    """Run the generator and return what it printed; SetupError if it fails."""
    try:
        done = subprocess.run(  # noqa: S603  the program is found by its fixed name
            command,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise SetupError(f"{GENERATOR} cannot be run", cause=str(problem)) from None
    if done.returncode:
        cause = (done.stderr or done.stdout)[-500:]
        raise SetupError(f"{GENERATOR} ended with {done.returncode}", cause=cause)
    return done.stdout
