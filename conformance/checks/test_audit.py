"""The run judges itself: everything it created is compared with what was sent and answered.

Nearly all of it comes from what was recorded. Payments are read back once more, many in a search,
by one criterion after another. What others change in the meantime is no finding.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import pytest

from conformance.bbps.audit import rules
from conformance.bbps.audit.readback import Readback
from conformance.bbps.audit.rules import Mismatch, Rule
from conformance.bbps.audit.sights import Sights
from conformance.bbps.flow import Bbps
from conformance.bbps.reconciliation.records import filed_under
from conformance.checks.expect import WHOLE_ANSWERS, demand
from conformance.client.exchange_log import ExchangeLog
from conformance.core.requirements import verifies
from conformance.core.verdicts import Inconclusive, NotApplicable

READING_BACK: Final = "audit::reading back"  # what these exchanges are filed under
LOOKED_AT: Final = "audit::what was read back"
# What the checks that look back exchanged after the sights of the run were put together.
LATE: Final = (
    *filed_under("reconciliation::reading back"),
    "reconciliation::answered_transaction_is_there",
    READING_BACK,
)
SHOWN: Final = 3  # findings shown in one message


@dataclass(frozen=True, slots=True)
class Audit:
    """What the run has seen, judged for one check."""

    bbps: Bbps
    recorded: ExchangeLog
    readback: Readback
    sights: Sights

    def demand(self, rule: Rule, required: str) -> None:
        """Demand that a rule holds of everything; NotApplicable where nothing is of its kind."""
        applied = rules.judged(rule, self.sights)
        self.judge(applied.mismatches, applied.applied, required)

    def payments(self, mode: str) -> None:
        """Demand that the payments in a mode, taken at the counter, are shown as they were sent."""
        self.demand(
            partial(rules.payments_keep, mode=mode),
            f"a payment in {mode} is shown as it was sent, but for what a workflow changes",
        )

    def judge(self, findings: Sequence[Mismatch], applied: int, required: str) -> None:
        """Demand that nothing was found among the records that were looked at."""
        shown = findings[:SHOWN]
        for exchange in dict.fromkeys(id_ for each in shown for id_ in each.exchanges):
            self.recorded.cite_id(exchange)
        more = f"; and {len(findings) - SHOWN} more" if len(findings) > SHOWN else ""
        demand(
            not findings,
            required=required,
            observed="; ".join(each.text for each in shown) + more,
        )
        if not applied and self.sights.unread:
            raise Inconclusive(
                f"{self.sights.unread} answers to creations and updates are too large to be kept "
                f"whole; the others show nothing of which {required}",
                WHOLE_ANSWERS,
            )
        if not applied:
            raise NotApplicable(f"not looked at: this run shows nothing of which {required}")
        self.recorded.cite_all_of(READING_BACK)
        self.bbps.remark(f"looked at: {applied}")


@pytest.fixture
def audit(bbps: Bbps, recorded: ExchangeLog, sights: Sights) -> Audit:
    """Everything that the run has seen, read back once for all checks."""

    def look() -> Readback:
        readback = Readback(bbps.for_check(READING_BACK), sights)
        readback.read()
        for name in LATE:
            sights.take(recorded.filed_under(name))
        return readback

    return Audit(bbps, recorded, bbps.once.as_filed(LOOKED_AT, look), sights)


@verifies("TXN-01")
def test_transaction_ids_are_unique(audit: Audit) -> None:
    """The ids of all transactions that the run created are compared."""
    audit.demand(rules.ids_are_unique, "no two transactions have the same id")


@verifies("TXN-01")
def test_transactions_are_created_in_their_order(audit: Audit) -> None:
    """The creation times of all transactions of the run are compared with their order."""
    audit.demand(
        rules.created_in_order, "a transaction has no earlier creation time than one before it"
    )


@verifies("TXN-13")
def test_creation_data_are_shown_as_sent(audit: Audit) -> None:
    """Each answer about a transaction is compared with its creation, field by field."""
    audit.demand(
        rules.creations_keep, "a transaction is shown as it was sent, but for what ends it"
    )


@verifies("TXN-13")
def test_ended_transaction_is_shown_as_ended(audit: Audit, bbps: Bbps) -> None:
    """The states that searches showed of each transaction are compared in their order."""
    audit.demand(
        partial(rules.ends_stay, settle_seconds=bbps.target.limits.settle_seconds),
        "no search shows a transaction as pending that has ended",
    )


@verifies("BIL-03")
def test_bills_are_of_the_codes_that_were_named(audit: Audit) -> None:
    """Each bill that a fetch by consumer codes showed is compared with these, and the city."""
    audit.demand(
        rules.bills_were_wanted, "a fetch shows bills of the codes and the city that it names"
    )


@verifies("TXN-13")
def test_search_shows_transactions_that_meet_it(audit: Audit) -> None:
    """Each transaction that a search showed is compared with the criteria."""
    audit.demand(
        rules.transactions_were_sought, "a search shows transactions that meet all its criteria"
    )


@verifies("RCP-01")
def test_transaction_has_one_payment(audit: Audit) -> None:
    """The payments of each transaction of the run are counted."""
    audit.demand(rules.one_receipt_each, "a transaction has one payment at most")


@verifies("RCP-02")
def test_receipts_are_dated_at_creation(audit: Audit, bbps: Bbps) -> None:
    """The receipts of transactions that succeeded on a later day are looked at."""
    audit.demand(
        partial(rules.receipts_are_dated_at_creation, day=bbps.clock.day),
        "a receipt is dated at the day on which its transaction was created",
    )


@verifies("RCP-06")
def test_receipt_numbers_are_unique(audit: Audit) -> None:
    """The receipt numbers of all payments that the run has seen are compared."""
    audit.demand(rules.receipts_are_unique, "no two receipts have the same number")


@verifies("RCP-06")
def test_receipts_repeat_their_transactions(audit: Audit) -> None:
    """Each receipt of a transaction is compared with it, and with the bills that were fetched."""
    audit.demand(
        rules.receipts_repeat_transactions,
        "a receipt has the amounts, payer, bills and services of its transaction, mode ONLINE",
    )


@verifies("RCP-06")
def test_receipts_do_not_change(audit: Audit) -> None:
    """All that searches showed of the payment of a transaction is compared."""
    audit.demand(rules.receipts_keep, "a receipt is the same in every search")


@verifies("PAY-01")
def test_cash_payments_are_shown_as_sent(audit: Audit) -> None:
    """Each answer about a payment in CASH is compared with its creation, field by field."""
    audit.payments("CASH")


@verifies("PAY-02")
def test_cheque_payments_are_shown_as_sent(audit: Audit) -> None:
    """Each answer about a payment in CHEQUE is compared with its creation, field by field."""
    audit.payments("CHEQUE")


@verifies("PAY-03")
def test_demand_draft_payments_are_shown_as_sent(audit: Audit) -> None:
    """Each answer about a payment in DD is compared with its creation, field by field."""
    audit.payments("DD")


@verifies("PAY-04")
def test_online_payments_are_shown_as_sent(audit: Audit) -> None:
    """Each answer about a payment in ONLINE is compared with its creation, field by field."""
    audit.payments("ONLINE")


@verifies("PAY-05")
def test_card_payments_are_shown_as_sent(audit: Audit) -> None:
    """Each answer about a payment in CARD is compared with its creation, field by field."""
    audit.payments("CARD")


@verifies("PAY-11")
def test_search_shows_payments_that_meet_it(audit: Audit) -> None:
    """Each payment that a search showed is compared with the criteria."""
    audit.demand(rules.payments_were_sought, "a search shows payments that meet all its criteria")


@verifies("PAY-11")
def test_payments_are_found_again(audit: Audit) -> None:
    """The payments of the run are searched by ids, bills and receipt numbers in turn."""
    if audit.readback.problem is not None:
        raise audit.readback.problem
    audit.judge(
        audit.readback.missing,
        audit.readback.sought,
        "a search finds every payment of the run by its id, its bill or its receipt number",
    )
