"""What the audit says of a run that shows nothing it can judge."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.bbps.audit.sights import Sights
from conformance.checks.test_audit import Audit
from conformance.core.redaction import BODY_LIMIT, Redactor
from conformance.core.verdicts import Inconclusive, NotApplicable


@pytest.mark.parametrize(
    ("operation", "characters", "ending"),
    [
        ("transaction.create", BODY_LIMIT // 2, NotApplicable),
        ("transaction.create", BODY_LIMIT * 2, Inconclusive),
        ("transaction.search", BODY_LIMIT * 2, NotApplicable),  # it may find many
    ],
)
def test_answers_that_are_not_kept_whole_are_not_taken_for_none(
    operation: str, characters: int, ending: type[Exception]
) -> None:
    body = Redactor().text(f'{{"note": "{"x" * characters}"}}')
    answer = SimpleNamespace(
        operation=operation, status=200, response_body=body, url="", request_body="",
        started_at="2026-07-01T00:00:00+00:00", judged=True, request_conforms=True, id="1",
    )  # fmt: skip
    sights = Sights.of([cast(Any, answer)])
    with pytest.raises(ending, match="nothing of which ids differ"):
        Audit(cast(Any, None), cast(Any, None), cast(Any, None), sights).judge([], 0, "ids differ")
