"""The whole life of a payer's bills: fetch, create, report, replay, expire, cancel, change, pay.

Traces are executed side by side and compared with a small model of the rules (see stateful/): a
few fixed ones that come to every rule, then random ones. Each check answers for one rule, with the
shortest trace that breaks it; its exchanges, in order, are the evidence. Moves the clock.
"""

import pytest

from conformance.bbps.flow import Bbps
from conformance.checks.stateful import runner
from conformance.checks.stateful.results import StatefulResults
from conformance.client.exchange_log import ExchangeLog
from conformance.core.requirements import verifies
from conformance.core.verdicts import Inconclusive, NotApplicable, Violation
from conformance.generation.campaign import Campaign


@pytest.fixture
def results(bbps: Bbps, campaign: Campaign, recorded: ExchangeLog) -> StatefulResults:
    """All traces of the run, executed once for all checks."""
    plan = campaign.plan
    return bbps.once.as_filed(
        "traces",
        lambda: runner.run(bbps, recorded, depth=plan.depth, seed=plan.seed, jobs=plan.jobs),
    )


@verifies("BIL-04")
def test_bill_stays_the_same(results: StatefulResults, recorded: ExchangeLog) -> None:
    """In traces of one payer, several users fetch it again before anything changes."""
    _kept("BIL-04", results, recorded)


@verifies("BIL-05")
def test_paid_bill_is_gone(results: StatefulResults, recorded: ExchangeLog) -> None:
    """In traces of one payer, it is fetched again after it was paid in different ways."""
    _kept("BIL-05", results, recorded)


@verifies("BIL-06")
def test_outdated_bill_is_replaced(results: StatefulResults, recorded: ExchangeLog) -> None:
    """In traces of one payer, it expires, or its demand is changed or cancelled."""
    _kept("BIL-06", results, recorded)


@verifies("TXN-01")
def test_offered_bill_takes_a_transaction(results: StatefulResults, recorded: ExchangeLog) -> None:
    """In traces of one payer, it is offered again after something happened, and is to be paid."""
    _kept("TXN-01", results, recorded)


@verifies("TXN-04")
def test_one_transaction_at_a_time(results: StatefulResults, recorded: ExchangeLog) -> None:
    """In traces of one payer, transactions are created while others are pending, or ended."""
    _kept("TXN-04", results, recorded)


@verifies("TXN-05")
def test_owner_may_succeed(results: StatefulResults, recorded: ExchangeLog) -> None:
    """In traces of one payer, the owner reports success of a pending transaction."""
    _kept("TXN-05", results, recorded)


@verifies("TXN-06")
def test_owner_may_fail(results: StatefulResults, recorded: ExchangeLog) -> None:
    """In traces of one payer, the owner reports failure of a pending transaction."""
    _kept("TXN-06", results, recorded)


@verifies("TXN-08")
def test_outsiders_change_nothing(results: StatefulResults, recorded: ExchangeLog) -> None:
    """In traces of one payer, others than the owner report outcomes, at any moment."""
    _kept("TXN-08", results, recorded)


@verifies("TXN-09")
def test_success_stays(results: StatefulResults, recorded: ExchangeLog) -> None:
    """In traces of one payer, outcomes are reported again after a success."""
    _kept("TXN-09", results, recorded)


@verifies("TXN-10")
def test_failure_stays(results: StatefulResults, recorded: ExchangeLog) -> None:
    """In traces of one payer, outcomes are reported again after a failure."""
    _kept("TXN-10", results, recorded)


@verifies("TXN-12")
def test_other_amount_does_not_succeed(results: StatefulResults, recorded: ExchangeLog) -> None:
    """In traces of one payer, success is reported with another amount than promised."""
    _kept("TXN-12", results, recorded)


@verifies("TXN-13")
def test_search_lists_what_happened(results: StatefulResults, recorded: ExchangeLog) -> None:
    """At the end of each trace, the transactions of its bills are searched by the bill."""
    _kept("TXN-13", results, recorded)


@verifies("RCP-07")
def test_payments_add_up(results: StatefulResults, recorded: ExchangeLog) -> None:
    """In traces of one payer, payments and what is due add up, by all who pay and cancel."""
    _kept("RCP-07", results, recorded)


@verifies("RCP-01")
def test_success_has_its_receipt(results: StatefulResults, recorded: ExchangeLog) -> None:
    """In traces of one payer, the receipt of each success is searched."""
    _kept("RCP-01", results, recorded)


@verifies("RCP-04")
def test_late_success_has_its_receipt(results: StatefulResults, recorded: ExchangeLog) -> None:
    """In traces of one payer, success is reported after the bill has expired."""
    _kept("RCP-04", results, recorded)


@verifies("RCP-05")
def test_no_receipt_without_success(results: StatefulResults, recorded: ExchangeLog) -> None:
    """In traces of one payer, receipts are searched before success and after failure."""
    _kept("RCP-05", results, recorded)


@verifies("USR-12")
def test_dismissed_owner_is_shut_out(results: StatefulResults, recorded: ExchangeLog) -> None:
    """In traces of one payer, the owner's account is changed while its old token is still used."""
    _kept("USR-12", results, recorded)


@verifies("PAY-09")
def test_bill_has_one_payment(results: StatefulResults, recorded: ExchangeLog) -> None:
    """In traces of one payer, the counter and transactions try to pay it more than once."""
    _kept("PAY-09", results, recorded)


def _kept(requirement: str, results: StatefulResults, recorded: ExchangeLog) -> None:
    """Demand that no trace violates a requirement, and that one came to it at all."""
    if failed := results.failed.get(requirement):
        for exchange in (
            *(line.exchange for line in failed.lines),
            recorded.latest_of(failed.name),
        ):
            recorded.cite_id(exchange)
        raise Violation(
            failed.violation.required,
            f"{failed.violation.observed}. The shortest such trace:\n{failed.listing}",
        )
    if requirement not in results.judged and (why := results.why_beyond(requirement)):
        raise NotApplicable(f"{why}; other checks judge this rule")
    if requirement not in results.judged:
        raise Inconclusive(
            f"none of {results.executed} traces tested this rule: {results.obstacle}"
        )
    recorded.cite_all_of(results.judged[requirement])
