"""What `--alluredir` of allure-pytest holds of checks: the same as allure-results of the run."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from conformance.report.allure import write_results
from conformance.results.exchange_store import Evidence
from conformance.results.model import Results


def write_for_allure(config: pytest.Config, results: Results, exchanges: Evidence) -> None:
    """Write the checks of a run where allure-pytest writes tests, if that is requested.

    What allure-pytest itself writes of a check has neither labels nor a name that lasts, for a
    check is executed by the run: it is removed. Tests of a user stay.
    """
    place = config.getoption("--alluredir", None)
    if not place:
        return
    home = Path(place)
    for path in (*home.glob("*-result.json"), *home.glob("*-container.json")):
        with suppress(OSError, ValueError):
            if _says_nothing(json.loads(path.read_text("utf-8"))):
                path.unlink()
    write_results(home, results, exchanges, clean=False)


def _says_nothing(document: Any) -> bool:
    """Whether a result has no full name, or a container holds nothing that stays."""
    return isinstance(document, dict) and not (document.get("fullName") or document.get("children"))
