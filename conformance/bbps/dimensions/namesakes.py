"""Where else a consumer code may have a bill: in another city, of another business service."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from conformance.bbps import needs
from conformance.bbps.dimensions.bills import main_service
from conformance.bbps.dimensions.dimension import Dimension
from conformance.bbps.flow import Bbps
from conformance.bbps.hindrance import unless_hindered
from conformance.bbps.models import Bill
from conformance.core.verdicts import NotApplicable
from conformance.profile.target import Service

OWN: Final = Decimal(7)  # rupees
OTHERS: Final = Decimal(12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """A business service in a city.

    With `one_at_a_time` a bill there may be refused while the code has another payable one: DIGIT
    keeps one active bill of a consumer code in a city, whatever its service.
    """

    service: Service
    tenant: str
    one_at_a_time: bool = False


def _demands_are_raised(bbps: Bbps) -> None:
    if bbps.target.bills.provision == "pool":
        raise NotApplicable("not looked at: the bills of a pool are as they are")


def _another_city(bbps: Bbps) -> Elsewhere:
    _demands_are_raised(bbps)
    if not bbps.target.other_tenant:
        raise NotApplicable("the profile names no second city")
    place = Elsewhere(service=main_service(bbps), tenant=bbps.target.second_city)
    unless_hindered(lambda: bbps.new_bill(tenant=place.tenant), " in another city")
    return place


def _another_service(bbps: Bbps) -> Elsewhere:
    _demands_are_raised(bbps)
    service = needs.second_service(bbps)
    return Elsewhere(service=service, tenant=bbps.target.tenant, one_at_a_time=True)


NAMESAKE: Final[Dimension[Callable[[Bbps], Elsewhere]]] = Dimension(
    name="namesake bill",
    source="BIL-01: a bill is that of a consumer code and a business service, in a city",
    values={"in another city": _another_city, "of another service": _another_service},
)


def namesakes(bbps: Bbps, place: Elsewhere) -> tuple[Bill, Bill]:
    """Raise demands for one consumer code at two places, ₹ 7 at the usual and ₹ 12 at another.

    Return the bill of the usual place, and a description without an id of that of the other.
    """
    code, usual = bbps.provision.new_consumer_code(), main_service(bbps)
    _demand(bbps, code, usual, bbps.target.tenant, OWN)
    unless_hindered(lambda: _demand(bbps, code, place.service, place.tenant, OTHERS))
    bill = bbps.offered(code, service=usual.business_service, tenant=bbps.target.tenant)
    other = replace(
        bill,
        id="",
        tenant=place.tenant,
        business_service=place.service.business_service,
        amount=OTHERS,
    )
    unless_hindered(
        lambda: bbps.polling.eventually(
            lambda: bbps.provision.due_on(other), lambda due: due == OTHERS, "the demand elsewhere"
        )
    )
    return bill, other


def _demand(bbps: Bbps, code: str, service: Service, tenant: str, amount: Decimal) -> None:
    bbps.provision.demand(
        code,
        amount=amount,
        service=service.business_service,
        tax_head=service.tax_head,
        tenant=tenant,
    )
