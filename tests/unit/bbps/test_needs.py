"""What a certified business service supplies: a mode, a part, the exact amount, a refused mode."""

from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from conformance.bbps import needs
from conformance.core.verdicts import Inconclusive, NotApplicable
from conformance.profile.target import Target

FIVE = ("CASH", "CHEQUE", "DD", "ONLINE", "CARD")
PARTIAL = {"business_service": "SMP", "tax_head": "SMP_TAX"}
PUNJAB = {"code": "PT", "partPaymentAllowed": True, "collectionModesNotAllowed": ["DD"]}
PLAIN = {"code": "PT", "partPaymentAllowed": False, "collectionModesNotAllowed": []}


@pytest.fixture
def bbps(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that makes the verbs on a target whose masters have some services."""

    def made(*rows: dict[str, Any], modes: tuple[str, ...] = FIVE, **settings: Any) -> Any:
        def master(*_: str) -> list[dict[str, Any]]:
            if not rows:
                raise Inconclusive("the master is not served")
            return list(rows)

        monkeypatch.setattr(needs, "master", master)
        target = Target.model_validate(
            {
                "name": "a city", "base_url": "http://127.0.0.1:1", "tenant": "pb.a",
                "state_tenant": "pb", "payment_modes": modes, **settings,
            }
        )  # fmt: skip
        return SimpleNamespace(client=None, target=target)

    return made


def without(mode: str) -> tuple[str, ...]:
    return tuple(each for each in FIVE if each != mode)


def test_a_mode_that_no_service_takes_does_not_apply_once_it_is_left_out(bbps: Any) -> None:
    with pytest.raises(NotApplicable, match="takes DD, as the masters prove"):
        needs.taking(bbps(PUNJAB, modes=without("DD")), "DD")
    with pytest.raises(NotApplicable, match="as the masters prove"):
        needs.taking(bbps(PUNJAB, not_applicable={"PAY-03": "no drafts"}), "DD")
    with pytest.raises(Inconclusive, match="leave DD out of payment_modes, for the masters prove"):
        needs.taking(bbps(PUNJAB), "DD")


def test_a_mode_that_a_service_takes_applies_whatever_the_profile_says(bbps: Any) -> None:
    for left_out in (
        bbps(PLAIN, modes=without("DD")),
        bbps(PLAIN, not_applicable={"PAY-03": "no drafts"}),
    ):
        with pytest.raises(Inconclusive, match="leaves out mode DD, which PT takes"):
            needs.taking(left_out, "DD")
    other = {**PLAIN, "code": "SMP"}
    assert needs.taking(bbps(PUNJAB, other, bills={"partial": PARTIAL}), "DD").tax_head == "SMP_TAX"


def test_without_masters_nothing_is_proven(bbps: Any) -> None:
    with pytest.raises(Inconclusive, match="not served"):
        needs.taking(bbps(modes=without("DD")), "DD")
    assert needs.taking(bbps(), "DD").business_service == "PT"
    with pytest.raises(Inconclusive, match="not served"):
        needs.refusing(bbps(), less=True)


def test_an_added_mode_is_certified_where_the_profile_lists_it(bbps: Any) -> None:
    with pytest.raises(NotApplicable, match="does not list mode QR_CODE"):
        needs.taking(bbps(PLAIN), "QR_CODE")
    assert needs.taking(bbps(PLAIN, modes=(*FIVE, "QR_CODE")), "QR_CODE").business_service == "PT"


def test_the_main_service_may_be_partial_and_restricted_itself(bbps: Any) -> None:
    punjab = bbps(PUNJAB)
    assert needs.part_payment(punjab).business_service == "PT"
    assert needs.disallowing(punjab).shut == ("DD",)


ONLINE_CLOSED = {**PLAIN, "code": "CTR", "collectionModesNotAllowed": ["ONLINE"]}
RESTRICTED = {"business_service": "CTR", "tax_head": "CTR_TAX"}


def test_transactions_are_tried_where_they_are_taken(bbps: Any) -> None:
    tried: list[str] = []

    def trial(_: Any, service: Any) -> None:
        tried.append(service.business_service)

    main_closed = bbps({**ONLINE_CLOSED, "code": "PT"}, {**PLAIN, "code": "SMP"},
                       bills={"partial": PARTIAL})  # fmt: skip
    needs.by_transaction(main_closed, trial)
    assert tried == ["SMP"]
    with pytest.raises(NotApplicable, match="no certified business service takes mode ONLINE"):
        needs.by_transaction(bbps({**ONLINE_CLOSED, "code": "PT"}), trial)
    assert tried == ["SMP"]


def test_a_service_without_transactions_is_paired_with_one_that_takes_them(bbps: Any) -> None:
    both = bbps(PLAIN, ONLINE_CLOSED, bills={"restricted": RESTRICTED})
    terms, other = needs.not_by_transaction(both)
    assert (terms.code, other.business_service) == ("CTR", "PT")
    with pytest.raises(NotApplicable, match="PT takes mode ONLINE"):
        needs.not_by_transaction(bbps(PUNJAB))
    with pytest.raises(Inconclusive, match="no certified business service takes ONLINE"):
        needs.not_by_transaction(bbps({**ONLINE_CLOSED, "code": "PT"}))


def test_a_refused_transaction_is_no_fault_of_a_service_that_takes_none(bbps: Any) -> None:
    both = bbps(PLAIN, ONLINE_CLOSED, bills={"restricted": RESTRICTED})
    needs.open_to(both, "PT", "ONLINE")
    with pytest.raises(Inconclusive, match="CTR does not take mode ONLINE"):
        needs.open_to(both, "CTR", "ONLINE")
    needs.open_to(bbps(), "PT", "ONLINE")  # without masters the transaction decides


def test_the_counter_takes_another_mode_where_cash_is_closed(bbps: Any) -> None:
    closed = bbps({**PLAIN, "collectionModesNotAllowed": ["CASH"]})
    assert needs.counter_mode(closed, closed.target.bills.certified[0]) == "CHEQUE"
    with pytest.raises(Inconclusive, match="PT does not take mode CASH"):
        needs.cash(closed)
    open_ = bbps(PLAIN)
    assert needs.counter_mode(open_, open_.target.bills.certified[0]) == "CASH"
    nothing = bbps({**PLAIN, "collectionModesNotAllowed": list(FIVE)})
    with pytest.raises(NotApplicable, match="no mode that the profile lists"):
        needs.counter_mode(nothing, nothing.target.bills.certified[0])


def test_a_second_service_takes_transactions(bbps: Any) -> None:
    with pytest.raises(NotApplicable, match="CTR: no second business service takes mode ONLINE"):
        needs.second_service(bbps(PLAIN, ONLINE_CLOSED, bills={"restricted": RESTRICTED}))
    parts = {**PUNJAB, "code": "SMP", "collectionModesNotAllowed": ["ONLINE"]}
    with pytest.raises(NotApplicable, match="takes parts in mode ONLINE"):
        needs.part_by_transaction(bbps(PLAIN, parts, bills={"partial": PARTIAL}))
    assert needs.part_by_transaction(bbps(PUNJAB)).business_service == "PT"


def test_each_added_mode_is_taken_somewhere(bbps: Any) -> None:
    needs.added_modes(bbps(PLAIN, modes=(*FIVE, "QR_CODE")))
    closed = {**PLAIN, "collectionModesNotAllowed": ["QR_CODE"]}
    with pytest.raises(Inconclusive, match="no certified business service takes QR_CODE"):
        needs.added_modes(bbps(closed, modes=(*FIVE, "QR_CODE")))


def test_an_amount_that_a_master_permits_is_not_wrong(bbps: Any) -> None:
    with pytest.raises(NotApplicable, match="each certified business service allows part payment"):
        needs.refusing(bbps(PUNJAB), less=True)
    with pytest.raises(NotApplicable, match="allows advance payment"):
        needs.refusing(bbps({**PLAIN, "isAdvanceAllowed": True}), more=True)
    assert needs.refusing(bbps(PUNJAB), more=True).code == "PT"
    assert needs.refusing(bbps({**PLAIN, "isAdvanceAllowed": True}), less=True).code == "PT"
    smp = {**PLAIN, "code": "SMP"}
    both = bbps(PUNJAB, smp, bills={"partial": PARTIAL})
    assert needs.refusing(both, less=True).code == "SMP"


def test_what_the_deployment_does_not_have_does_not_apply(bbps: Any) -> None:
    plain = bbps(PLAIN)
    for need in (needs.part_payment, needs.disallowing, needs.second_service):
        with pytest.raises(NotApplicable):
            need(plain)
    with pytest.raises(NotApplicable):
        needs.inactive_gateway(plain)
    assert needs.inactive_gateway(bbps(outcome={"inactive_gateway": "PAYTM"})) == "PAYTM"


def test_a_service_that_is_named_for_what_it_does_not_do_is_a_mistake(bbps: Any) -> None:
    smp = {**PLAIN, "code": "SMP"}
    with pytest.raises(Inconclusive, match="SMP does not allow part payment; correct or remove"):
        needs.part_payment(bbps(PLAIN, smp, bills={"partial": PARTIAL}))
    with pytest.raises(Inconclusive, match="SMP disallows none of the five modes"):
        needs.disallowing(bbps(PLAIN, smp, bills={"restricted": PARTIAL}))
    with pytest.raises(Inconclusive, match="has no row SMP"):
        needs.certified(bbps(PLAIN, bills={"partial": PARTIAL}))


PAISE = Decimal("100.50")


def offering(bbps: Any, bill_of: Callable[..., Any], **settings: Any) -> Any:
    made = bbps(PLAIN, **settings)
    made.bill_of = bill_of
    return made


def test_a_bill_in_paise_is_supplied(bbps: Any) -> None:
    made = offering(bbps, lambda _service, amount: SimpleNamespace(amount=amount))
    bill, terms = needs.bill_in_paise(made, PAISE)
    assert (bill.amount, terms.code) == (PAISE, "PT")


def test_bills_in_whole_rupees_owe_no_paise(bbps: Any) -> None:
    rounding_up = offering(bbps, lambda *_, **__: SimpleNamespace(amount=Decimal(101)))
    with pytest.raises(NotApplicable, match=r"a demand of ₹ 100.50 makes a bill of ₹ 101"):
        needs.bill_in_paise(rounding_up, PAISE)
    pool = {"provision": "pool", "pool": "bills.csv"}
    with pytest.raises(NotApplicable, match="the amounts of a pool's bills are given"):
        needs.bill_in_paise(offering(bbps, lambda *_: None, bills=pool), PAISE)


def test_demands_that_refuse_paise_are_told_from_those_that_are_refused(bbps: Any) -> None:
    def whole_only(_service: Any, amount: Decimal = Decimal(100)) -> Any:
        if amount % 1:
            raise Inconclusive("INVALID_AMOUNT")
        return SimpleNamespace(amount=amount)

    def none(_service: Any, amount: Decimal = Decimal(100)) -> Any:
        raise Inconclusive("no demand could be raised")

    with pytest.raises(NotApplicable, match="INVALID_AMOUNT"):
        needs.bill_in_paise(offering(bbps, whole_only), PAISE)
    with pytest.raises(Inconclusive, match="no demand could be raised"):
        needs.bill_in_paise(offering(bbps, none), PAISE)
