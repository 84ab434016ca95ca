"""By which parameters a code is fetched: alone, in a list, with its payer's number or a demand."""

import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from conformance.bbps.dimensions.bills import Shape, main_service, money_may_move
from conformance.bbps.dimensions.dimension import Combination, Dimension
from conformance.bbps.flow import Bbps
from conformance.bbps.hindrance import unless_hindered
from conformance.bbps.models import Bill, masked
from conformance.bbps.shelf import cheap_bill
from conformance.client.response import Response
from conformance.core.verdicts import NotApplicable

NUMBER: Final = re.compile(r"[0-9]{10}")
BY_NUMBER: Final = "with the payer's number"
LIST_BY_NUMBER: Final = "in a list, with the payer's number"
BY_DEMAND: Final = "with the id of its demand"
DUE_BESIDE: Final = "a due bill in a list"  # the same for a run
NAME: Final = "Payer with a number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a fetch wants: bills of consumer codes, of the payer with a number, of a demand's id."""

    codes: tuple[str, ...]
    mobile: str = ""
    demand: str = ""

    def fetch(self, bbps: Bbps) -> Response:
        """Fetch it, for the main business service in the city of the profile."""
        return bbps.fetch(",".join(self.codes), mobile=self.mobile, demand=self.demand)

    def covers(self, bill: Bill) -> bool:
        """Whether a bill is wanted, so that it may be offered."""
        number = str(bill.raw.get("mobileNumber") or "")
        payers = bool(self.mobile) and (number == self.mobile or masked(number, self.mobile))
        demanded = bool(self.demand) and self.demand in _demands_of(bill)
        return bill.consumer_code in self.codes or payers or demanded


Fetch = Callable[[Bbps, Bill], Wanted]  # how to fetch a bill's consumer code


def payers_bill(bbps: Bbps) -> Bill:
    """Provide a bill of a payer who has no other, where demands name who owes them."""
    if bbps.target.bills.provision == "pool":
        return bbps.new_bill()
    return Shape(owner={"name": NAME, "mobileNumber": f"9{secrets.randbelow(10**9):09d}"})(bbps)


def bill_for(bbps: Bbps, combination: Combination) -> Bill:
    """Provide a bill that suits a way of fetch."""
    by_number = combination.name(FETCH) in (BY_NUMBER, LIST_BY_NUMBER)
    return payers_bill(bbps) if by_number else bbps.new_bill()


def unknown(code: str) -> str:
    """Return a consumer code that nobody has."""
    return f"{code}-NOBODY"


def _with_a_due_one(bbps: Bbps, bill: Bill) -> Wanted:
    beside = bbps.made_once(DUE_BESIDE, bbps.new_bill)
    return Wanted(codes=(bill.consumer_code, beside.consumer_code))


def _with_a_paid_one(bbps: Bbps, bill: Bill) -> Wanted:
    money_may_move(bbps)
    name = "a paid bill in a list"
    paid = unless_hindered(lambda: bbps.made_once(name, lambda: _paid(bbps)))
    return Wanted(codes=(bill.consumer_code, paid.consumer_code))


def _paid(bbps: Bbps) -> Bill:
    bill = cheap_bill(bbps, main_service(bbps))
    bbps.pay(bill)
    return bill


def _with_the_number(_: Bbps, bill: Bill) -> Wanted:
    number = str(bill.raw.get("mobileNumber") or "")
    if not NUMBER.fullmatch(number):
        raise NotApplicable("not looked at: the bill shows no mobile number of its payer")
    return Wanted(codes=(bill.consumer_code,), mobile=number)


def _list_with_the_number(bbps: Bbps, bill: Bill) -> Wanted:
    return replace(_with_a_due_one(bbps, bill), mobile=_with_the_number(bbps, bill).mobile)


def _with_the_demand(_: Bbps, bill: Bill) -> Wanted:
    demand = next(_demands_of(bill), "")
    if not demand:
        raise NotApplicable("not looked at: the bill shows no id of its demand")
    return Wanted(codes=(bill.consumer_code,), demand=demand)


def _demands_of(bill: Bill) -> Iterator[str]:
    """Yield the ids of the demands that a bill shows."""
    details = bill.raw.get("billDetails")
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, Mapping) and detail.get("demandId"):
            yield str(detail["demandId"])


FETCH: Final[Dimension[Fetch]] = Dimension(
    name="way of fetch",
    source="fetchBill of DIGIT takes a list of consumer codes, a payer's number, a demand's id",
    values={
        "the code alone": lambda _, bill: Wanted(codes=(bill.consumer_code,)),
        "before an unknown one": lambda _, bill: Wanted(
            codes=(bill.consumer_code, unknown(bill.consumer_code))
        ),
        "after an unknown one": lambda _, bill: Wanted(
            codes=(unknown(bill.consumer_code), bill.consumer_code)
        ),
        "in a list with a due one": _with_a_due_one,
        "in a list with a paid one": _with_a_paid_one,
        "named twice": lambda _, bill: Wanted(codes=(bill.consumer_code,) * 2),
        BY_NUMBER: _with_the_number,
        LIST_BY_NUMBER: _list_with_the_number,
        BY_DEMAND: _with_the_demand,
    },
)
