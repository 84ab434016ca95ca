"""Reconciliation: records are read back after the other checks (RCP-07, TXN-01).

Two are compared at a time, over the bills that the ledger names; each check has bills of its own,
so that none can mend what another one broke. Transactions that nobody read back are searched for.
"""

import re
from typing import Final

import pytest

from conformance.bbps.audit.sights import Sights
from conformance.bbps.flow import Bbps
from conformance.bbps.reconciliation.comparison import (
    BEFORE,
    BOOKS,
    RULES,
    Comparison,
    Disagreement,
    Reading,
)
from conformance.bbps.reconciliation.records import BillRecords, filed_under
from conformance.checks.expect import WHOLE_ANSWERS, demand
from conformance.client.exchange_log import ExchangeLog
from conformance.client.response import decode
from conformance.core.exchange import Exchange
from conformance.core.requirements import verifies
from conformance.core.sharing import SHARED
from conformance.core.verdicts import RUN_THE_OTHERS, Inconclusive, NotApplicable

READING_BACK: Final = "reconciliation::reading back"  # what these exchanges are filed under
NARROW: Final = re.compile(r"[?&](txnId|billId|consumerCode)=.")  # a search for one bill
SHOWN: Final = 3  # disagreements shown in one finding


@pytest.fixture
def reading(bbps: Bbps, sights: Sights) -> Reading:
    """All books on the bills of the run, read once for all checks."""
    books = BillRecords(bbps.for_check(READING_BACK), sights.read_back)
    return bbps.once.as_filed(READING_BACK, lambda: books.side_by_side().reading())


@verifies("RCP-07")
@pytest.mark.parametrize("pair", RULES)
def test_books_agree(reading: Reading, recorded: ExchangeLog, bbps: Bbps, pair: str) -> None:
    """Bills on which a check tried to move money are read back; two records are compared."""
    comparison = reading.compared(pair)

    shown = comparison.disagreements[:SHOWN]
    _cite(recorded, pair, shown)
    demand(
        not shown,
        required=f"{pair} agree on every bill of the run",
        observed=_description(comparison.disagreements, shown),
    )
    _conclusive(reading, comparison)
    bbps.remark(comparison.description)


@verifies("TXN-01")
def test_answered_transaction_is_there(bbps: Bbps, recorded: ExchangeLog) -> None:
    """Transactions of all checks that no check has read back are searched for by their ids."""
    created: dict[str, str] = {}
    answered = False
    for each in recorded.accepted("transaction.create"):
        answered = True
        created |= dict.fromkeys(_transaction_ids(each), each.id)
    if answered and not created:
        raise Inconclusive(
            "no answer to a creation shows an id: each is too large to be kept whole, or has none",
            WHOLE_ANSWERS,
        )
    if not created:
        raise Inconclusive("no transaction was created in this run", RUN_THE_OTHERS)
    for exchange in recorded.accepted("transaction.search"):
        # What a wider search shows of other checks depends on what happens at the same time.
        seen = created.keys() & _transaction_ids(exchange) if NARROW.search(exchange.url) else ()
        if seen:
            recorded.cite(exchange)
        for id_ in seen:
            del created[id_]

    missing, _ = bbps.polling.within_deadline(
        lambda: [each for each in created if not bbps.transactions(txnId=each)],
        lambda missing: not missing,
    )

    for id_ in missing[:SHOWN]:
        recorded.cite_id(created[id_])
    demand(
        not missing,
        required="every transaction whose creation was answered with a 2xx is found by its id",
        observed=f"{len(missing)} are not: "
        + ", ".join(f"{each} (created in {created[each]})" for each in missing[:SHOWN]),
    )


def _transaction_ids(exchange: Exchange) -> set[str]:
    """The ids of the transactions that a response holds, as one or as a list."""
    body = decode(exchange.response_body)
    found = body.get("Transaction") if isinstance(body, dict) else None
    rows = found if isinstance(found, list) else [found]
    return {str(row["txnId"]) for row in rows if isinstance(row, dict) and row.get("txnId")}


def _conclusive(reading: Reading, comparison: Comparison) -> None:
    """Inconclusive if something could not be read, or nothing was there to be compared."""
    for why, count in comparison.unread.most_common(1):
        raise Inconclusive(
            f"{count} of {len(reading.pages)} consumer codes could not be read back: {why}",
            "see to that first; where a right is missing, check readers in the profile",
        )
    if set(comparison.left_open) == {BEFORE} and not comparison.agreeing:
        raise NotApplicable(BEFORE)
    if not comparison.agreeing:
        raise Inconclusive(f"nothing could be compared: {comparison.description}")


def _cite(recorded: ExchangeLog, pair: str, shown: list[Disagreement]) -> None:
    """Count as evidence what moved the money and what was read back, the first shown last."""
    for disagreement in reversed(shown):
        page = disagreement.page
        for source in (SHARED, page.check, *filed_under(READING_BACK)):
            recorded.cite_about(source, *page.keys)
    if not shown:
        for source in filed_under(READING_BACK):
            recorded.cite_all_of(source, [BOOKS[book] for book in RULES[pair][1]])


def _description(found: list[Disagreement], shown: list[Disagreement]) -> str:
    more = len(found) - len(shown)
    rest = f"; and {more} more" if more else ""
    return "; ".join(each.description for each in shown) + rest
