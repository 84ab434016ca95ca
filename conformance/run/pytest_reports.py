"""What pytest, and the plugins that a user has, get to know of an executed check."""

from collections.abc import Iterator
from typing import Any

import pytest

from conformance.core.verdicts import Verdict
from conformance.run.executor import Execution


def reports_of(execution: Execution) -> Iterator[pytest.TestReport]:
    """Yield the reports of the three phases; the second one says what the finding says."""
    for when in ("setup", "call", "teardown"):
        if when == "call":
            yield _called(execution)
        else:
            yield _report(execution, when, "passed", None)


def _called(execution: Execution) -> pytest.TestReport:
    """Return the report of the call; whatever did not pass is red, unless it does not apply."""
    item, finding = execution.item, execution.finding
    if finding.verdict is Verdict.PASSED:
        return _report(execution, "call", "passed", None)
    if finding.verdict is Verdict.NOT_APPLICABLE:
        path, line, _ = item.location
        return _report(execution, "call", "skipped", (path, line or 0, finding.reason))
    problem = execution.problem
    if problem is None:
        return _report(execution, "call", "failed", finding.reason)
    shown = item.repr_failure(pytest.ExceptionInfo.from_exception(problem))
    return _report(execution, "call", "failed", shown)


def _report(execution: Execution, when: Any, outcome: Any, shown: Any) -> pytest.TestReport:
    item = execution.item
    return pytest.TestReport(
        nodeid=item.nodeid,
        location=item.location,
        keywords=dict.fromkeys(item.keywords, 1),
        outcome=outcome,
        longrepr=shown,
        when=when,
        duration=execution.finding.seconds if when == "call" else 0,
    )
