"""Searching payments: criteria alone and together, lists, tenants, pages, counting (PAY-11).

A few payments that differ in everything a search knows are made once for all checks. What a search
shows is judged twice: each payment shown must meet every criterion, and each of ours that does must
be shown. So payments that others make meanwhile disturb nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import pytest

from conformance.bbps import needs
from conformance.bbps.criteria import PAYMENT, unmet
from conformance.bbps.dimensions.payments import COUNTER
from conformance.bbps.flow import Bbps
from conformance.bbps.hindrance import unless_hindered
from conformance.bbps.models import Payment, payment_in, payments_in, read
from conformance.bbps.payloads import PAYER
from conformance.checks.controls import granted, taken
from conformance.checks.expect import accepted, demand, same
from conformance.checks.paying import paid_bills
from conformance.core.requirements import verifies
from conformance.core.verdicts import Inconclusive, NotApplicable
from conformance.profile.target import Service

pytestmark = pytest.mark.independent

SEARCHED: Final = "payment_search::the payments searched for"  # what making them is filed under
AT_HOME: Final = "payment_search::the payments' own tenant"
LATER: Final = frozenset({"consumerCodes", "status"})  # read from an offset on in another tenant
MOST: Final = 100  # payments that a search shows at most
COUNTED: Final = 300  # payments that are read at most to be counted
NOBODY: Final = "CONF-NONE"
SOMEBODY_ELSE: Final[dict[str, Any]] = {"paidBy": "Second payer", "payerName": "Second payer",
                        "mobileNumber": "9876501234"}  # fmt: skip
NARROWING: Final = ("ids", "billIds", "receiptNumbers", "consumerCodes", "transactionNumber")
SHARED: Final = (
    "status", "instrumentStatus", "paymentModes", "mobileNumber", "payerIds", "businessServices",
    "fromDate", "toDate",
)  # fmt: skip
CRITERIA: Final = NARROWING + SHARED
OF_A_DETAIL: Final = ("billIds", "consumerCodes", "receiptNumbers")
LISTED: Final = (
    "ids", "billIds", "receiptNumbers", "consumerCodes", "payerIds", "instrumentStatus",
    "paymentModes",
)  # fmt: skip
# A value that no payment has, where CONF-NONE would be none at all.
UNMET: Final[Mapping[str, str]] = {
    "mobileNumber": "6000000000", "fromDate": "4102444800000", "toDate": "1",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A payment of ours as a search shows it, and the mobile number that was sent with it."""

    payment: Payment
    mobile: str

    @property
    def service(self) -> str:
        """The business service of its first bill."""
        return str(read(self.payment.raw, "paymentDetails", 0, "businessService"))

    def value(self, name: str) -> str:
        """Return the value of a criterion that the payment meets; empty if it has none."""
        payment = self.payment
        return {
            "ids": payment.id,
            "billIds": next(iter(payment.bill_ids), ""),
            "receiptNumbers": next(iter(payment.receipt_numbers), ""),
            "consumerCodes": str(read(payment.raw, "paymentDetails", 0, "bill", "consumerCode")),
            "transactionNumber": payment.transaction_number,
            "status": payment.status,
            "instrumentStatus": payment.instrument_status,
            "paymentModes": payment.mode,
            "mobileNumber": self.mobile,
            "payerIds": str(payment.raw.get("payerId") or ""),
            "businessServices": self.service,
            "fromDate": str(payment.transaction_date),
            "toDate": str(payment.transaction_date),
        }[name]

    def criteria(self, names: Iterable[str]) -> dict[str, str]:
        """Return the values of criteria that the payment meets, but for those that it lacks."""
        return {name: value for name in names if (value := self.value(name))}

    def meets(self, query: Mapping[str, str]) -> bool:
        """Whether the payment may be shown: `toDate` may have 24 hours added, or not."""
        return not unmet(PAYMENT, {**self.payment.raw, "mobileNumber": self.mobile}, query)

    def surely_meets(self, query: Mapping[str, str]) -> bool:
        """Whether the payment must be shown."""
        last = query.get("toDate")
        return self.meets(query) and (last is None or self.payment.transaction_date <= int(last))


class Sought:
    """The payments that are searched for, and searches of them by one check."""

    def __init__(self, bbps: Bbps) -> None:
        self.bbps = bbps
        self.all: tuple[Known, ...] = bbps.once(
            SEARCHED, lambda: tuple(_made(bbps.for_check(SEARCHED)))
        )

    def values(self, name: str) -> list[str]:
        """Return the different values of a criterion."""
        return list(dict.fromkeys(filter(None, (each.value(name) for each in self.all))))

    def query(self, name: str, value: str) -> dict[str, str]:
        """Return a search by a criterion; by our consumer codes, too, where others may meet it."""
        return self.own({name: value})

    def own(self, query: Mapping[str, str]) -> dict[str, str]:
        """Return a search that finds payments of ours only: one page, of whatever size, has all."""
        if set(NARROWING) & query.keys():
            return dict(query)
        return {"consumerCodes": ",".join(self.values("consumerCodes")), **query}

    def widest(self, name: str) -> dict[str, str]:
        """Return a search by a criterion that finds several payments, if any does."""
        values = self.values(name) or [NOBODY]
        value = ",".join(values) if name in LISTED else values[0]
        return self.query(name, UNMET[name] if name == "toDate" else value)

    def narrowed(self, name: str) -> Iterator[dict[str, str]]:
        """Yield searches by what our first payment meets, but for one criterion.

        With all others, with every other one, and with a single one.
        """
        ours, place = self.all[0], CRITERIA.index(name)
        wrong = next(
            (each for each in self.values(name) if not ours.meets({name: each})),
            UNMET.get(name, NOBODY),
        )
        others = [*CRITERIA[place + 1 :], *CRITERIA[:place]]
        for beside in (others, others[::2], others[:1]):
            yield self.own(ours.criteria(beside) | {name: wrong})

    def judged(self, query: Mapping[str, str]) -> None:
        """Search, and demand what meets the criteria, all of ours of it, and nothing else."""
        found = self.found({**query, "limit": str(MOST)})
        shown = {each.id for each in found}
        must = [each.payment.id for each in self.all if self._must(each, query)]
        missing = [id_ for id_ in must if id_ not in shown]
        same(missing, [], f"the list of payments missing in a search by {_names(query)}")

    def paged(self, query: Mapping[str, str], size: int) -> None:
        """Read a search page by page to its end; demand that pages are disjoint and complete."""
        wanted = sorted(self._meeting(query))
        starts = range(0, len(wanted) + size, size)
        pages = [self.page(query, start, size) for start in starts]
        demand(
            sorted(id_ for page in pages for id_ in page) == wanted,
            required=f"the pages of a search by {_names(query)} show each payment once",
            observed=f"from {list(starts)} on they show {pages}, of {wanted}",
        )

    def behind_the_first(self, query: Mapping[str, str]) -> None:
        """Read a search from its second payment on; demand all of ours that meet it but one."""
        wanted = self._meeting(query)
        page = self.page(query, 1, MOST)
        demand(
            len(set(page)) == len(page) == max(len(wanted) - 1, 0) and wanted.issuperset(page),
            required=f"behind the first payment of a search by {_names(query)} come the others",
            observed=f"it shows {page}, of {sorted(wanted)}",
        )

    def page(self, query: Mapping[str, str], start: int, limit: int) -> list[str]:
        """Read one page; demand that it has no more payments than its limit; return their ids."""
        page = self.found({**query, "offset": str(start), "limit": str(limit)})
        demand(
            len(page) <= limit,
            required=f"a page of at most {limit} payments has no more",
            observed=f"the page from {start} on has {len(page)}",
        )
        return [each.id for each in page]

    def found(self, query: Mapping[str, str]) -> list[Payment]:
        """Search, and demand that every payment shown meets every criterion."""
        response = self.bbps.search_payments(**query)
        accepted(response, f"a search of payments by {_names(query)}")
        found, ours = payments_in(response), {each.payment.id: each for each in self.all}
        query = self._with_module(query)
        for each in found:
            own = ours.get(each.id)
            names = unmet(PAYMENT, each.raw, query)
            if own is not None and not names and not own.meets(query):
                names = ["mobileNumber"]  # shown in part only
            demand(
                not names,
                required=f"every payment of a search by {_names(query)} meets all of it",
                observed=f"payment {each.id} does not meet {', '.join(names)}",
            )
        return found

    def _meeting(self, query: Mapping[str, str]) -> set[str]:
        query = self._with_module(query)
        return {each.payment.id for each in self.all if each.meets(query)}

    def _must(self, known: Known, query: Mapping[str, str]) -> bool:
        return known.surely_meets(self._with_module(query))

    def _with_module(self, query: Mapping[str, str]) -> dict[str, str]:
        """The module of the path counts as one more business service."""
        services, module = query.get("businessServices"), self.bbps.target.bills.search_module
        more = {} if services is None else {"businessServices": f"{services},{module}"}
        return {**query, **more}


@pytest.fixture
def sought(bbps: Bbps) -> Sought:
    """The payments that are searched for, the same for a whole run."""
    return Sought(bbps)


@verifies("PAY-11")
@pytest.mark.parametrize("name", CRITERIA)
def test_search_finds_by_criterion(sought: Sought, name: str) -> None:
    """Payments are searched by one criterion, then by a value that matches nothing."""
    if name == "businessServices":
        needs.second_service(sought.bbps)
    for value in sought.values(name)[: 2 if name in SHARED else 1]:
        sought.judged(sought.query(name, value))

    sought.judged(sought.query(name, UNMET.get(name, NOBODY)))


@verifies("PAY-11")
def test_search_finds_by_all_criteria_together(sought: Sought) -> None:
    """Three different payments are searched by all their criteria at once."""
    for known in (*sought.all[:1], *sought.all[-2:]):
        sought.judged(known.criteria(CRITERIA))


@verifies("PAY-11")
@pytest.mark.parametrize("name", CRITERIA)
def test_criteria_narrow_together(sought: Sought, name: str) -> None:
    """A payment is searched by criteria of which it meets all but one."""
    for query in sought.narrowed(name):
        sought.judged(query)


@verifies("PAY-11")
@pytest.mark.parametrize("name", LISTED)
def test_search_finds_by_each_of_a_list(sought: Sought, name: str) -> None:
    """Payments are searched by all their values of one criterion."""
    if len(sought.values(name)) < 2:
        raise Inconclusive(f"the payments do not differ in {name}", "see PAY-01 to PAY-05")

    sought.judged(sought.widest(name))


@verifies("PAY-11")
@pytest.mark.parametrize("name", CRITERIA)
def test_search_keeps_tenants_apart(sought: Sought, name: str) -> None:
    """Payments are searched by one criterion in another tenant; by some from an offset on."""
    bbps, query = sought.bbps, sought.widest(name)
    city = bbps.target.second_city
    response = bbps.once(
        AT_HOME,
        lambda: bbps.for_check(AT_HOME).search_payments(
            as_="administrator", **sought.widest("ids")
        ),
    )
    granted(response, "a search in the payments' own tenant")
    pages = [{}, {"offset": "1", "limit": str(MOST)}] if name in LATER else [{}]

    for page in pages:
        response = bbps.search_payments(as_="administrator", **(query | page | {"tenantId": city}))

        if taken(response, "a search in another tenant"):
            tenants = {str(read(each.raw, "tenantId")) for each in payments_in(response)}
            same(sorted(tenants - {city}), [], f"the list of other tenants in a search of {city}")


@verifies("PAY-11")
@pytest.mark.parametrize("name", CRITERIA)
def test_second_page_meets_the_criterion(sought: Sought, name: str) -> None:
    """Payments are searched by one criterion, from the second one on."""
    sought.behind_the_first(sought.widest(name))


@verifies("PAY-11")
@pytest.mark.parametrize("name", OF_A_DETAIL)
def test_search_finds_by_the_second_detail(bbps: Bbps, name: str) -> None:
    """A payment of two bills is searched by what only its second bill has."""
    cash = COUNTER.values["CASH"]
    bills = unless_hindered(lambda: paid_bills(bbps, cash, *[needs.taking(bbps, "CASH")] * 2))
    payment = bbps.payments_of_bill(bills[0])[0]
    numbers = dict(zip(payment.bill_ids, payment.receipt_numbers, strict=True))
    value = {
        "billIds": bills[1].id,
        "consumerCodes": bills[1].consumer_code,
        "receiptNumbers": numbers[bills[1].id],
    }[name]

    found, shown = bbps.polling.within_deadline(
        lambda: [each.id for each in bbps.payments(**{name: value})],
        lambda ids: payment.id in ids,
    )

    demand(
        shown,
        required=f"a search by {name} of its second bill shows a payment of two bills",
        observed=f"it shows {found or 'nothing'}",
    )


@verifies("PAY-11")
def test_pages_are_disjoint_and_complete(sought: Sought) -> None:
    """Our payments are read page by page, to a page behind the last."""
    sought.paged(sought.widest("consumerCodes"), size=2)


@verifies("PAY-11")
def test_count_is_of_what_a_search_shows(sought: Sought) -> None:
    """The payments of a business service are counted, and read page by page between two counts."""
    service = sought.all[-1].service
    before = _count(sought.bbps, service)
    if before > COUNTED:
        raise NotApplicable(f"not looked at: {before} payments of {service} are too many to read")

    found: dict[str, Payment] = {}
    rows = 0
    while page := sought.found(
        {"businessServices": service, "offset": str(rows), "limit": str(MOST)}
    ):
        # Once each: what others pay meanwhile moves the rest to the next page, which repeats it.
        found |= {each.id: each for each in page}
        rows += len(page)
        if rows > 2 * COUNTED:
            # Of a service that is often paid, or the same page again: the check of pages judges it.
            raise NotApplicable(f"not looked at: a search by {service} shows too many others")
    after = _count(sought.bbps, service)

    own = [
        [detail.get("businessService") for detail in read(each.raw, "paymentDetails")]
        for each in found.values()
    ]
    payments = sum(service in services for services in own)
    receipts = sum(services.count(service) for services in own)
    demand(
        before <= receipts and payments <= after,
        required=f"as many payments of {service} are counted as a search shows",
        observed=f"counted before and after: {before}, {after}; shown: {payments}",
    )


def _made(bbps: Bbps) -> Iterator[Known]:
    """Make payments that differ in mode, state, payer and business service, one after another."""
    main, *others = bbps.target.bills.certified
    yield _paid(bbps, main, "CASH")
    yield _paid(bbps, main, "CASH", **SOMEBODY_ELSE)
    for mode in ("CHEQUE", "CARD"):
        with suppress(Inconclusive, NotApplicable):
            yield _paid(bbps, needs.taking(bbps, mode), mode)
    with suppress(Inconclusive, NotApplicable):
        yield _paid(bbps, main, "CASH", cancelled=True, **SOMEBODY_ELSE)
    for other in others[:1]:
        with suppress(Inconclusive, NotApplicable):
            yield _paid(bbps, other, "CASH")


def _paid(
    bbps: Bbps, service: Service, mode: str, *, cancelled: bool = False, **changes: Any
) -> Known:
    """Have a payment of a bill, once a search by its id shows it."""
    response = bbps.submit_payment(bbps.bill_of(service), mode, **changes)
    granted(response, f"a payment in mode {mode}")
    payment = payment_in(response)
    if cancelled:
        granted(bbps.cancel(payment), "the cancellation of a fresh payment")
    stored = bbps.polling.eventually(
        lambda: bbps.payment(payment.id),
        lambda sight: not cancelled or sight.status == "CANCELLED",
        f"the payment {payment.id}",
    )
    return Known(payment=stored, mobile=str(changes.get("mobileNumber", PAYER["mobileNumber"])))


def _count(bbps: Bbps, service: str) -> int:
    """Return how many payments of a business service the deployment counts."""
    response = bbps.search_payments(businessServices=service, isCountRequest="true")
    count = response.body.get("Count") if isinstance(response.body, dict) else None
    if not response.succeeded or not isinstance(count, int):
        raise NotApplicable(f"payments are not counted: {response.description}")
    return count


def _names(query: Mapping[str, str]) -> str:
    return ", ".join(name for name in query if name in PAYMENT)
