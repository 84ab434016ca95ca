"""What a deployment must show of a payer after each act, as read back and judged."""

from collections.abc import Callable
from typing import Final

from conformance.bbps.flow import Bbps
from conformance.bbps.models import Bill, Transaction
from conformance.bbps.models import transaction_in as read_transaction
from conformance.checks.stateful.account import ENDED, PENDING, SUCCESS, Expected, KnownTransaction
from conformance.checks.stateful.payer import PayerModel
from conformance.checks.stateful.readings import Observation, Readings
from conformance.checks.stateful.record import TraceRecord
from conformance.checks.stateful.steps import OTHER_AMOUNT, STATUS
from conformance.client.response import Response
from conformance.core.verdicts import Inconclusive

ONE_PAYMENT: Final = Expected("PAY-09", True)


class TraceObserver:
    """Reads what a trace made, and compares it with what is known of the payer.

    Raises ModelViolation where it is not what must show, Inconclusive where it shows nothing.
    """

    def __init__(self, bbps: Bbps, payer: PayerModel, record: TraceRecord) -> None:
        self._bbps = bbps
        self._payer = payer
        self._record = record
        self._readings = Readings(bbps)
        self._seen: dict[str, Observation] = {}  # of each transaction, as last seen

    def offered(self, expected: Expected, bill: Bill, account: int, actor: str) -> list[Bill]:
        """Judge what fetchBill offers an actor in place of a bill."""
        known = self._payer.accounts[account]

        def as_expected(offered: list[Bill]) -> bool:
            if not expected.holds:
                return expected.holds is None or not offered
            due = len(offered) == 1 and offered[0].amount == known.due
            return due and known.may_be(offered[0].id)

        offered, as_due = self._bbps.polling.within_deadline(
            lambda: self._readings.offered(bill, actor), as_expected
        )
        shown = ", ".join(f"{each.id} over ₹ {each.amount}" for each in offered) or "nothing"
        self._record.called(f"{actor} fetches the bill {bill.id} again and gets {shown}")
        outdated = f" in place of one that is outdated ({known.outdated})" if known.outdated else ""
        rule = (
            f"a bill over ₹ {known.due} is offered{outdated}"
            if expected.holds
            else "no bill is offered where nothing is due"
        )
        self._record.judge(expected, as_due, rule, f"{shown} is offered")
        return offered

    def created(self, entry: KnownTransaction) -> None:
        """Look at a new transaction; it is pending. Its receipts are read when it ends."""
        seen = Observation(self._bbps.transaction(entry.id), ())
        self._seen[entry.id] = seen
        if seen.status != PENDING:
            raise Inconclusive(f"a new transaction is {seen.status}", "see TXN-01")

    def ended(self, entry: KnownTransaction, outcome: str, response: Response) -> Observation:
        """Judge what came of the owner's report on a pending transaction."""
        expected = self._expected_end(entry, outcome)
        status = STATUS.get(outcome, "") if expected.holds else ""
        if expected.holds:
            rule = f"the owner's report of {outcome} is accepted"
            self._record.accepted(expected, response, rule)
        after = self._settled(entry, status, response)
        judge = self._record.judge
        if status:
            rule = "TXN-05" if status == SUCCESS else "TXN-06"
            what = f"the transaction is a {outcome}"
            judge(Expected(rule, True), after.status == status, what, after.description)
        elif outcome == OTHER_AMOUNT:
            what = "a transaction does not succeed with another amount than promised"
            judge(Expected("TXN-12", True), after.status != SUCCESS, what, after.description)
        if after.status == SUCCESS:
            bills = "" if len(entry.shares) == 1 else f" for each of {len(entry.shares)} bills"
            late = ", also when late" if entry.late else ""
            what = f"a success has exactly one receipt{bills}{late}"
            one = len(after.receipts) == len(entry.shares) and all(after.receipts)
            rule = "RCP-04" if entry.late else "RCP-01"
            judge(Expected(rule, True), one, what, after.description)
        self._no_receipt_without_success(after)
        return after

    def _expected_end(self, entry: KnownTransaction, outcome: str) -> Expected:
        """Return what must come of the owner's report on a pending transaction."""
        if outcome == "success":
            return self._payer.success(entry)
        return Expected("TXN-06", True) if outcome == "failure" else Expected()

    def stays(self, requirement: str, entry: KnownTransaction) -> None:
        """Demand, by a requirement, that a transaction stays as it was last seen."""
        before = self._seen[entry.id]
        ended = before.status in ENDED  # else its receipts are read when it ends
        after = self._watched(
            lambda: self._readings.of(entry.id) if ended else self._readings.again(before),
            lambda seen: seen.state == before.state,
        )
        rule = f"the transaction stays as it was: {before.description}"
        same = after.state == before.state
        self._record.judge(Expected(requirement, True), same, rule, after.description)

    def listed(self, bill: str) -> None:
        """Demand that a search by a bill shows its transactions, and how each ended."""
        paying = [each for each in self._payer.transactions if bill in each.shares]
        mine = {each.id: each.status for each in paying if each.bill == bill}
        if not mine:
            return
        others = {each.id for each in paying} - mine.keys()  # it may show what pays it, too
        seen, as_known = self._bbps.polling.within_deadline(
            lambda: self._readings.listed(bill),
            lambda seen: {id_: each for id_, each in seen.items() if id_ not in others} == mine,
        )
        rule = f"a search by the bill {bill} shows {_listing(mine)}"
        self._record.judge(Expected("TXN-13", True), as_known, rule, f"it shows {_listing(seen)}")

    def paid(self, bill: Bill) -> None:
        """Demand the payments of a bill that the trace has made, and no others."""
        standing = [each for account in self._payer.accounts for each in account.standing]
        mine = [each for each in standing if each.bill == bill.id]
        seen = self._bbps.polling.lastingly(
            lambda: self._readings.standing(bill), lambda seen: len(seen) <= len(mine)
        )
        if len(seen) < len(mine):
            seen, _ = self._bbps.polling.within_deadline(
                lambda: self._readings.standing(bill), lambda seen: len(seen) >= len(mine)
            )
        shares = [each.paid_on(bill.id) for each in seen]
        found = ", ".join(
            f"₹ {share} in mode {each.mode}" for share, each in zip(shares, seen, strict=True)
        )
        found = found or "none"
        rule = "a bill has one payment at most that stands"
        self._record.judge(ONE_PAYMENT, len(seen) < 2, rule, f"it has {len(seen)}: {found}")
        paid = sum(each.amount for each in mine)
        rule = f"the payments of the bill {bill.id} are over ₹ {paid} together"
        self._record.judge(
            Expected("RCP-07", True), sum(shares) == paid, rule, f"there are: {found}"
        )

    def _settled(self, entry: KnownTransaction, expected: str, response: Response) -> Observation:
        """Return a transaction once search shows what the update answered, or what is expected.

        Where they keep disagreeing, TXN-13 has its own checks, and this trace can show no more.
        """
        before = self._seen[entry.id]
        answered = read_transaction(response).status if response.succeeded else ""
        wanted = answered if answered in ENDED else expected
        if not wanted:
            return self._watched(
                lambda: self._readings.of(entry.id),
                lambda seen: seen.status == before.status and not seen.receipts,
            )
        after, _ = self._bbps.polling.within_deadline(
            lambda: self._readings.of(entry.id),
            lambda seen: seen.status == wanted and (wanted != SUCCESS or bool(seen.receipts)),
        )
        self._seen[entry.id] = after
        if answered in ENDED and after.status != answered:
            raise Inconclusive(
                f"the update answered {answered}, and a search shows {after.status}", "see TXN-13"
            )
        if wanted == SUCCESS or after.receipts:
            return after
        return self._watched(
            lambda: self._readings.receipts_of(after), lambda seen: not seen.receipts
        )

    def _no_receipt_without_success(self, seen: Observation) -> None:
        if seen.status != SUCCESS:
            rule = f"a transaction that is {seen.status} has no receipt"
            none = not seen.receipts
            self._record.judge(Expected("RCP-05", True), none, rule, seen.description)

    def _watched(
        self, read: Callable[[], Observation], holds: Callable[[Observation], bool]
    ) -> Observation:
        seen = self._bbps.polling.lastingly(read, holds)
        self._seen[seen.transaction.id] = seen
        return seen

    def transaction(self, entry: KnownTransaction) -> Transaction:
        """Return a transaction as it was last seen, as updates name it."""
        return self._seen[entry.id].transaction


def _listing(statuses: dict[str, str]) -> str:
    return ", ".join(f"{id_} {status}" for id_, status in sorted(statuses.items())) or "nothing"
