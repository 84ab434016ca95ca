"""A finding on books that disagree: which two, on which bill, after which check, by what."""

import re
from pathlib import Path

import pytest
import yaml

from conformance.core.sharing import SHARED
from conformance.core.verdicts import Verdict
from conformance.reference import Settings, serve
from conformance.results.model import Results
from conformance.run.certify import carry_out
from conformance.run.config import ReferenceOptions, RunConfig
from conformance.run.session import Run
from tests.faults.collected import limits

AFTER_SUCCESS = "receipt::books_agree_after_success"
MOVES_MONEY = {"transaction.update", "payment.create"}
FOUND = {
    "demand-not-settled": ("payment and demand", " paid, demand says ₹ 0 collected"),
    "receipt-missing": ("transaction and payment", "says SUCCESS, payments with its id: none"),
    "bill-stays-active": ("payment and bill", " paid, bill says ACTIVE"),
}


def certified(fault: str, folder: Path) -> tuple[Run, Results]:
    config = RunConfig(
        settings={"limits": limits()},
        reference=ReferenceOptions(faults=(fault,)),
        only=("RCP-07",),
        reports=folder,
        written=False,
    )
    run, _ = carry_out(config)
    assert run.results is not None
    return run, run.results


@pytest.mark.parametrize("fault", FOUND)
def test_two_books_bill_check_and_evidence_are_named(fault: str, tmp_path: Path) -> None:
    run, results = certified(fault, tmp_path)
    pair, words = FOUND[fault]
    found = {row.id: row for row in results.checks}
    row = found[f"reconciliation::books_agree[{pair}]"]
    assert row.verdict == Verdict.FAILED
    assert row.required == f"{pair} agree on every bill of the run"
    assert words in row.observed
    named = re.search(r", check (.+?)\)", row.observed)
    assert named is not None
    assert named[1] in found
    cited = [each for each in run.exchanges if each.id in row.exchanges]
    assert MOVES_MONEY & {each.operation for each in cited if each.check in {named[1], SHARED}}
    assert {"payment.module-search"} <= {
        each.operation for each in cited if each.check.startswith("reconciliation::reading back")
    }
    others = [
        other for id_, other in found.items() if id_.startswith("reconciliation::") and other != row
    ]
    assert all(other.verdict != Verdict.FAILED for other in others)


def test_what_was_collected_before_the_run_blames_nobody(tmp_path: Path) -> None:
    """Bills out of a pool, on whose demands somebody has paid a part before."""
    codes = [f"POOL-{number}" for number in range(120)]
    demand = {"tenantId": "pb.amritsar", "consumerType": "house", "businessService": "PT"}
    detail = {"taxHeadMasterCode": "PT_TAX", "taxAmount": 100, "collectionAmount": 30}
    demands = [{**demand, "consumerCode": code, "demandDetails": [detail]} for code in codes]
    seeds, pool = tmp_path / "seeds.yaml", tmp_path / "codes.csv"
    seeds.write_text(yaml.safe_dump({"demands": demands}), encoding="utf-8")
    pool.write_text("\n".join(["consumer_code", *codes]), encoding="utf-8")
    with serve(Settings(seed_data=seeds)) as deployment:
        settings = {
            "base_url": deployment.base_url,
            "bills": {"provision": "pool", "pool": str(pool), "business_service": "PT"},
        }
        config = RunConfig(settings=settings, only=("RCP-07",), reports=tmp_path, written=False)
        run, _ = carry_out(config)
    assert run.results is not None
    verdicts = {row.id: row.verdict for row in run.results.checks}
    paid = {verdict for id_, verdict in verdicts.items() if id_.startswith(AFTER_SUCCESS)}
    assert Verdict.PASSED in paid <= {Verdict.PASSED, Verdict.NOT_APPLICABLE}
    assert verdicts["reconciliation::books_agree[payment and demand]"] == Verdict.NOT_APPLICABLE
    assert verdicts["reconciliation::books_agree[transaction and payment]"] == Verdict.PASSED
    (requirement,) = [row for row in run.results.requirements if row.id == "RCP-07"]
    assert requirement.verdict == Verdict.PASSED
