"""What is told when books disagree: which two, on which bill, after which check, by what."""

import tempfile
from pathlib import Path

import pytest

from conformance.certify import Order, carry_out
from conformance.report.results import Results
from conformance.run import Run
from conformance.verdicts import Verdict

PAID_BY = "receipt::books_agree_after_success"
TOLD = {
    "demand-not-settled": ("payment and demand", "payments say ₹ 100.00 paid, demand says ₹ 0"),
    "receipt-missing": ("transaction and payment", "says SUCCESS, payments with its id: none"),
    "bill-stays-active": ("payment and bill", "says ₹ 100.00 paid, bill says ACTIVE"),
}


def certified(fault: str) -> tuple[Run, Results]:
    with tempfile.TemporaryDirectory() as folder:
        order = Order(faults=(fault,), only=("RCP-07",), reports=Path(folder), written=False)
        run, _ = carry_out(order)
    assert run.results is not None
    return run, run.results


@pytest.mark.parametrize("fault", TOLD)
def test_two_books_bill_check_and_evidence_are_told(fault: str) -> None:
    run, results = certified(fault)
    pair, words = TOLD[fault]
    found = {row.id: row for row in results.checks}
    row = found[f"books::books_agree[{pair}]"]
    assert row.verdict == Verdict.FAILED
    assert row.required == f"{pair} tell the same story of every bill of the run"
    assert words in row.observed
    assert f"check {PAID_BY})" in row.observed
    cited = [each for each in run.exchanges if each.id in row.exchanges]
    assert {"transaction.update"} <= {each.operation for each in cited if each.check == PAID_BY}
    assert {"payment.module-search"} <= {
        each.operation for each in cited if each.check == "books::reading back"
    }
    others = [other for id_, other in found.items() if id_.startswith("books::") and other != row]
    assert all(other.verdict != Verdict.FAILED for other in others)
