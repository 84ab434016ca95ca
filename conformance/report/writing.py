"""Writes every report of a run that was closed, from its results and recorded exchanges."""

import shutil
from pathlib import Path

from conformance.core import resources
from conformance.report.allure import write_allure
from conformance.report.certificate import write_certificate
from conformance.report.har import cited, write_har
from conformance.report.junit import write_junit
from conformance.report.markdown import write_summary
from conformance.results.exchange_store import Evidence
from conformance.results.manifest import write_manifest
from conformance.results.model import SCHEMA, Results


def write_all(folder: Path, results: Results, exchanges: Evidence) -> None:
    """Write all reports into the run's folder; the certificate only for a whole, complete run."""
    shutil.copyfile(resources.file("templates", SCHEMA), folder / SCHEMA)
    write_junit(folder, results, exchanges)
    write_har(folder, cited(results, exchanges))
    write_summary(folder, results)
    write_allure(folder, results, exchanges)
    if results.certifiable:
        write_certificate(folder, results, exchanges)
    write_manifest(folder)
