"""Writes the reports of a run, from its results and recorded exchanges: at its end, or again.

What no run writes into its own folder is imported where somebody wants it.
"""

import json
import shutil
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from conformance.core import resources
from conformance.core.errors import SetupError
from conformance.report.allure import write_allure
from conformance.report.har import cited, write_har
from conformance.report.junit import write_junit
from conformance.report.markdown import write_summary
from conformance.results.exchange_store import ExchangeStore
from conformance.results.manifest import write_manifest
from conformance.results.model import SCHEMA, Results

POSTMAN: Final = "postman_collection.json"
ANNOTATIONS: Final = "annotations.txt"
SARIF: Final = "mdms.sarif"


def write_all(folder: Path, results: Results, exchanges: ExchangeStore) -> None:
    """Write all reports into the run's folder; the certificate only for a whole, complete run."""
    shutil.copyfile(resources.file("templates", SCHEMA), folder / SCHEMA)
    for form in OF_A_RUN:
        if form != "certificate" or results.certifiable:
            FORMS[form](folder, results, exchanges)
    write_manifest(folder)


def write_again(
    folder: Path, results: Results, exchanges: ExchangeStore, forms: Collection[str]
) -> list[Path]:
    """Write reports of an earlier run into a folder, and return where they are.

    `forms` are keys of FORMS, all of them where none is named. SetupError for a certificate of a
    run that gets none.
    """
    if "certificate" in forms and not results.certifiable:
        raise SetupError(
            f"there is no certificate of this run: {results.verdict_line}",
            remedy="choose other formats; only a whole run that came to its end has one",
        )
    folder.mkdir(parents=True, exist_ok=True)
    chosen = [form for form in FORMS if form in forms or not forms]
    if not results.certifiable and "certificate" in chosen:
        chosen.remove("certificate")
    return [FORMS[form](folder, results, exchanges) for form in chosen]


def _write_certificate(folder: Path, results: Results, exchanges: ExchangeStore) -> Path:
    from conformance.report.certificate import write_certificate  # few runs get one

    return write_certificate(folder, results, exchanges)


def _write_har(folder: Path, results: Results, exchanges: ExchangeStore) -> Path:
    comment = None if results.complete else results.verdict_line
    return write_har(folder, cited(results, exchanges), comment)


def _write_summary(folder: Path, results: Results, _: ExchangeStore) -> Path:
    return write_summary(folder, results)


def _write_results(folder: Path, results: Results, _: ExchangeStore) -> Path:
    text = json.dumps(results.as_json(), indent=1, ensure_ascii=False)
    return _written(folder / "results.json", text)


def _write_postman(folder: Path, results: Results, exchanges: ExchangeStore) -> Path:
    from conformance.report.postman import collection_of

    found = sorted(exchanges, key=lambda each: (each.started_at, each.id))
    collection = collection_of(found, title_of(results))
    return _written(folder / POSTMAN, json.dumps(collection, indent=2, ensure_ascii=False) + "\n")


def title_of(results: Results) -> str:
    """Return the title of a collection of what a run exchanged."""
    mark = "" if results.complete else ", INCOMPLETE"
    return f"BBPS conformance, run {results.header.run}{mark}"


def _write_annotations(folder: Path, results: Results, _: ExchangeStore) -> Path:
    from conformance.report.annotations import annotations

    return _written(folder / ANNOTATIONS, "".join(f"{each}\n" for each in annotations(results)))


def _write_sarif(folder: Path, results: Results, exchanges: ExchangeStore) -> Path:
    """Write what is wrong with the master data that the run was served, as far as it shows."""
    from conformance.mdms.flaws import every_flaw
    from conformance.mdms.recorded import SEARCH, recorded
    from conformance.report.lint import as_sarif

    state = str(results.header.profile.get("settings", {}).get("state_tenant", ""))
    masters = recorded(exchanges.where("operation = ?", SEARCH), state)
    flaws = [
        replace(
            each, message=f"{each.message} ({each.spot.row})" if each.spot.row else each.message
        )
        for each in every_flaw(masters, state)
    ]
    log = json.loads(as_sarif(flaws, 0))
    if not results.complete:
        notice = {"level": "error", "message": {"text": results.verdict_line}}
        log["runs"][0]["invocations"] = [
            {"executionSuccessful": False, "toolExecutionNotifications": [notice]}
        ]
    return _written(folder / SARIF, json.dumps(log, indent=1) + "\n")


def _written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", errors="backslashreplace")
    return path


FORMS: Final[Mapping[str, Callable[[Path, Results, ExchangeStore], Path]]] = {
    "certificate": _write_certificate,
    "results": _write_results,
    "junit": write_junit,
    "allure": write_allure,
    "har": _write_har,
    "markdown": _write_summary,
    "postman": _write_postman,
    "github": _write_annotations,
    "sarif": _write_sarif,
}
OF_A_RUN: Final = ("junit", "har", "markdown", "allure", "certificate")  # in its own folder
