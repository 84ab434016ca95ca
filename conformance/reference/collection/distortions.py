"""What the faults of a payment search do to its criteria and pages, and to what is stored."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from conformance.reference.platform.clock import DAY
from conformance.reference.platform.world import Call, World

Document = dict[str, Any]
Test = tuple[str, Callable[[Document], bool]]  # parameter, and whether a payment meets it
LOOSE: Final = frozenset({"status", "instrumentStatus", "paymentModes", "mobileNumber", "payerIds"})
MANY: Final = 8
DATES: Final = frozenset({"fromDate", "toDate"})


def applied(world: World, call: Call, tests: list[Test], start: int) -> list[Test]:
    """Return the tests that a search applies: all, unless a fault forgets some."""
    on, forgotten = world.faults.on, set[str]()
    if start > 0 and on("search-second-page-unfiltered"):
        return []
    if len(tests) > MANY and on("many-criteria-find-nothing"):
        return [("none", lambda _: False)]
    if "receiptNumbers" in call.query and on("receipt-numbers-alone-count"):
        return []
    if "paymentModes" in call.query and on("status-forgotten-with-mode"):
        forgotten.add("status")
    if "consumerCodes" in call.query and on("dates-forgotten-with-codes"):
        forgotten |= DATES
    return [test for test in tests if test[0] not in forgotten]


def meeting(world: World, tests: Sequence[Test], payments: list[Document]) -> list[Document]:
    """Return the payments that meet all tests; a fault joins some of them by OR."""
    loose = [meets for name, meets in tests if name in LOOSE]
    if len(loose) > 1 and world.faults.on("search-criteria-ored"):
        strict = [meets for name, meets in tests if name not in LOOSE]
        return [
            each
            for each in payments
            if all(meets(each) for meets in strict) and any(meets(each) for meets in loose)
        ]
    return [each for each in payments if all(meets(each) for _, meets in tests)]


def page(world: World, found: list[Document], start: int, limit: int) -> list[Document]:
    """Return one page of the payments found."""
    on = world.faults.on
    if start > 0:
        start += on("search-page-leaves-one-out") - on("search-pages-overlap")
    if start >= 2 * limit > 0 and on("later-pages-overlap"):
        start -= 1
    if 0 < start == len(found) - limit and on("full-last-page-left-out"):
        return []
    if start > 0 and on("search-offset-counts-pages"):
        start *= limit
    if len(found) > limit and on("search-limit-ignored"):
        limit = len(found)
    return found[start : start + limit]


def as_kept(world: World, payment: Document) -> Document:
    """Return a payment as the table keeps it: as it was answered, unless a fault garbles it."""
    on, kept = world.faults.on, dict(payment)
    if payment["instrumentNumber"] and on("instrument-number-cut"):
        kept["instrumentNumber"] = payment["instrumentNumber"][:12]
    if payment["paidBy"] != payment["payerName"] and on("paid-by-kept-as-payer"):
        kept["paidBy"] = payment["payerName"]
    if payment["additionalDetails"] and on("payment-details-not-kept"):
        kept["additionalDetails"] = None
    if payment["paymentMode"] == "DD" and on("draft-kept-a-day-earlier"):
        kept["instrumentDate"] = payment["instrumentDate"] - DAY
    if payment["ifscCode"] and on("bank-code-not-kept"):
        kept["ifscCode"] = None
    if payment["paymentMode"] == "CARD" and on("card-number-not-kept"):
        kept["transactionNumber"] = None
    return kept
