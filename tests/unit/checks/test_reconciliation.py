"""What the checks that look back say where they see too little."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.checks import test_reconciliation as checks
from conformance.core.verdicts import Inconclusive


@pytest.mark.parametrize(
    ("bodies", "reason"),
    [
        ([], "no transaction was created in this run"),
        (['{"remark": "xxx\u2026 (90000 characters, the rest left out)'], "too large to be kept"),
        (["{}"], "too large to be kept whole, or has none"),
    ],
)
def test_answers_that_are_not_kept_whole_were_given_all_the_same(
    bodies: list[str], reason: str
) -> None:
    answers = [SimpleNamespace(id="x", response_body=body) for body in bodies]
    recorded = cast(Any, SimpleNamespace(accepted=lambda _: iter(answers)))
    with pytest.raises(Inconclusive, match=reason):
        checks.test_answered_transaction_is_there(cast(Any, None), recorded)
