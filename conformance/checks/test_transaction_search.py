"""Searching transactions: each criterion shows the same whole record, and together they narrow.

Two transactions that differ in everything a search knows are made once for all checks, each of a
payer of its own: one succeeds, one fails.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import pytest

from conformance.bbps.audit.differences import differences
from conformance.bbps.audit.fields import KEPT_OF_TRANSACTION, OF_SERVICE
from conformance.bbps.criteria import TRANSACTION, unmet
from conformance.bbps.dimensions.confirmations import small_bill
from conformance.bbps.flow import FAILURE, SUCCESS, Bbps, Signal
from conformance.bbps.models import Transaction, read
from conformance.checks.expect import demand, same
from conformance.core.requirements import verifies
from conformance.core.verdicts import NotApplicable

pytestmark = pytest.mark.independent

SOUGHT: Final = "transaction_search::the transactions searched for"  # what making them is under
NARROWING: Final = ("txnId", "billId", "consumerCode", "userUuid")
CRITERIA: Final = (*NARROWING, "txnStatus", "tenantId")


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedTransaction:
    """A transaction of ours that has ended, as a search by its id shows it, and what was sent."""

    shown: Transaction
    sent: Mapping[str, Any]

    def value(self, name: str) -> str:
        """Return the value of a criterion; NotApplicable where the record does not show it."""
        raw = self.shown.raw
        value = read(raw, "user").get("uuid") if name == "userUuid" else raw.get(name)
        if not value:
            raise NotApplicable(f"not looked at: transactions are shown without {name}")
        return str(value)

    def query(self, name: str) -> dict[str, str]:
        """Return a search by a criterion; by the consumer code, too, where others may meet it."""
        own = {} if name in NARROWING else {"consumerCode": self.value("consumerCode")}
        return {**own, name: self.value(name)}

    def criteria(self) -> dict[str, str]:
        """Return all the criteria of which the record shows a value."""
        found = {}
        for name in CRITERIA:
            try:
                found[name] = self.value(name)
            except NotApplicable:
                continue
        return found


@pytest.fixture
def known(bbps: Bbps) -> tuple[EndedTransaction, EndedTransaction]:
    """A successful and a failed transaction, the same for a whole run."""
    view = bbps.for_check(SOUGHT)
    return bbps.once(SOUGHT, lambda: (_ended(view, SUCCESS), _ended(view, FAILURE)))


@verifies("TXN-13")
def test_transaction_is_kept_as_it_was_sent(
    bbps: Bbps, known: tuple[EndedTransaction, EndedTransaction]
) -> None:
    """Transactions with every field that a client may fill are read back, once they have ended."""
    for each in known:
        stored = bbps.transaction(each.shown.id).raw
        kept = KEPT_OF_TRANSACTION | each.sent["additionalDetails"].keys()
        found = differences(each.sent, stored, left_out=OF_SERVICE, kept=kept)
        same(list(found), [], f"the list of changes to transaction {each.shown.id}")


@verifies("TXN-13")
@pytest.mark.parametrize("name", CRITERIA[1:])
def test_each_criterion_shows_the_same_record(
    bbps: Bbps, known: tuple[EndedTransaction, EndedTransaction], name: str
) -> None:
    """Two transactions that have ended, as a search by id shows them, are searched otherwise."""
    for each in known:
        query = each.query(name)
        found, agrees = bbps.polling.within_deadline(
            partial(_found, bbps, query), partial(_only, each)
        )
        _meet(found, query)
        demand(
            agrees,
            required=f"a search by {name} shows the transaction {each.shown.id} once, and whole",
            observed=_description(each, found),
        )


@verifies("TXN-13")
def test_unknown_values_show_nothing(
    bbps: Bbps, known: tuple[EndedTransaction, EndedTransaction]
) -> None:
    """Transactions are searched by values that none has, though one of ours begins with them."""
    criteria = known[0].criteria()
    for name in criteria.keys() & set(NARROWING):
        found = bbps.transactions(**{name: criteria[name][:-1]})
        same([each.id for each in found], [], f"the transactions found by an unknown {name}")


@verifies("TXN-13")
@pytest.mark.parametrize("name", CRITERIA)
def test_criteria_narrow_together(
    bbps: Bbps, known: tuple[EndedTransaction, EndedTransaction], name: str
) -> None:
    """A transaction is searched by criteria of which it meets all but one, then by two."""
    ours, other = known
    ours.value(name)
    wrong = bbps.target.other_tenant if name == "tenantId" else other.value(name)
    if not wrong:
        raise NotApplicable("not looked at: the profile names no second city")
    beside = "txnId" if name == "billId" else "billId"
    for query in ({**ours.criteria(), name: wrong}, {beside: ours.value(beside), name: wrong}):
        found = bbps.transactions(**query)
        _meet(found, query)


def _ended(bbps: Bbps, signal: Signal) -> EndedTransaction:
    """Have a transaction with every field that a client may fill, once it has ended."""
    number = f"6{secrets.randbelow(10**9):09d}"
    sent: dict[str, Any] = {
        "productInfo": "Bill payment through BBPS, searched for by each criterion of its own",
        "user": {
            "name": "Payer sought",
            "mobileNumber": number,
            "userName": number,
            "emailId": f"payer.{number}@bbps.example",
            "tenantId": bbps.target.state_tenant,
        },
        "additionalDetails": {"channel": "conformance check", "agent": number},
    }
    bill = small_bill(bbps)
    transaction = bbps.create_transaction(bill, **sent)
    requested = {**bbps.transaction_request(bill, bill.amount), **sent}
    return EndedTransaction(shown=bbps.finish(transaction, signal), sent=requested)


def _found(bbps: Bbps, query: Mapping[str, str]) -> list[Transaction]:
    return bbps.transactions(**query)


def _only(known: EndedTransaction, found: list[Transaction]) -> bool:
    """Whether a search shows one record, the known one, whole."""
    return [_same(known, each) for each in found] == [[]]


def _same(known: EndedTransaction, found: Transaction) -> list[str]:
    """Return how a record that was found differs from the one that is known."""
    if found.id != known.shown.id:
        return [f"it is {found.id}"]
    return list(differences(known.shown.raw, found.raw)) + list(
        differences(found.raw, known.shown.raw)
    )


def _meet(found: list[Transaction], query: Mapping[str, str]) -> None:
    """Demand that each transaction found meets all criteria."""
    for each in found:
        names = unmet(TRANSACTION, each.raw, query)
        demand(
            not names,
            required=f"a search by {', '.join(query)} shows what meets all of it",
            observed=f"transaction {each.id} does not meet {', '.join(names)}",
        )


def _description(known: EndedTransaction, found: list[Transaction]) -> str:
    if len(found) != 1:
        return f"it shows {[each.id for each in found]}"
    return "; ".join(_same(known, found[0])[:3])
