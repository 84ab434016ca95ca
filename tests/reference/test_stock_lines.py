"""What the stock lines do with money otherwise than the strict reference: as the real services."""

from collections.abc import Callable

import pytest

from conformance.reference import Settings
from conformance.reference.app.application import new_world
from conformance.reference.collection.payments import OVERTAKEN, overtaken_by_none
from conformance.reference.collection.rules import ALREADY_PAID
from conformance.reference.platform.errors import ServiceProblem
from tests.reference.conftest import NOON, Rehearsal
from tests.reference.money import Till, problems

FOR_EVER = 600_000  # ms of lag: longer than any test


@pytest.fixture(scope="module")
def strict(digit: Rehearsal) -> Till:
    return Till(digit)


@pytest.fixture
def line(faulty: Callable[..., Rehearsal]) -> Callable[..., Till]:
    """Serve a lineage."""
    return lambda name, **knobs: Till(faulty(lineage=name, **knobs))


def test_withdrawn_bill_is_payable_until_its_day_ends(line: Callable[..., Till]) -> None:
    till = line("digit-2.8")
    demand = till.raised(amount=100)
    old = till.bill_of(demand["consumerCode"])
    demand["demandDetails"][0]["taxAmount"] = 150
    assert till.submit_demand(demand, action="_update").status_code == 201
    assert till.bill_of(demand["consumerCode"])["id"] != old["id"]
    assert till.submit(old).status_code == 200


# what is on its way to the tables --------------------------------------------------------------


def test_creations_pass_each_other_while_the_first_is_on_its_way(line: Callable[..., Till]) -> None:
    till = line("digit-2.8", lag_ms=FOR_EVER)
    bill = till.bill()
    assert till.submit(bill).status_code == till.submit(bill).status_code == 200


def test_strict_decides_by_the_rows_whatever_readers_see(line: Callable[..., Till]) -> None:
    till = line("strict", lag_ms=FOR_EVER)
    bill = till.bill()
    transaction = till.created(bill)
    assert set(problems(till.submit(bill))) == {"TXN_ABRUPTLY_DISCARDED"}
    assert till.update(transaction).status_code == 200


def test_transaction_on_its_way_cannot_be_updated(line: Callable[..., Till]) -> None:
    till = line("digit-2.8", lag_ms=FOR_EVER)
    assert set(problems(till.update(till.created(till.bill())))) == {"TXN_UPDATE_NOT_FOUND"}


@pytest.mark.parametrize(
    ("lineage", "problem"), [("strict", ALREADY_PAID), ("digit-2.8", OVERTAKEN)]
)
def test_overtaken_payment_fails_in_the_write(lineage: str, problem: tuple[str, str]) -> None:
    world = new_world(Settings(clock_ms=NOON, lineage=lineage, lag_ms=0))
    with pytest.raises(ServiceProblem) as refused, overtaken_by_none(world, ["bill"]):
        raise ServiceProblem(ALREADY_PAID)
    assert refused.value.items == (problem,)


def test_later_payment_is_refused_before_the_write(line: Callable[..., Till]) -> None:
    till = line("digit-2.8")
    bill = till.bill()
    transaction = till.created(bill)
    till.receipt(bill)
    assert set(problems(till.pay(bill))) == {"BILL_ALREADY_PAID"}
    assert set(problems(till.update(transaction))) == {"BILL_ALREADY_PAID"}


# errors ------------------------------------------------------------------------------------------


def test_errors_of_queries_show_sql_and_classes(line: Callable[..., Till], strict: Till) -> None:
    till = line("digit-2.8")
    assert "SQL [" in till.search_payments(offset=-1).text
    assert "org.springframework." in till.search_payments(limit="many").text
    assert "SQL [" not in strict.search_payments(offset=-1).text
    assert "org.springframework." not in strict.search_payments(limit="many").text


@pytest.mark.parametrize(
    ("lineage", "code"),
    [
        ("strict", "DataIntegrityViolationException"),
        ("digit-2.8", "DataIntegrityViolationException"),
        ("digit-lts", "QUERY_EXECUTION_ERROR"),
    ],
)
def test_control_character_breaks_the_query(
    line: Callable[..., Till], lineage: str, code: str
) -> None:
    till = line(lineage)
    assert set(problems(till.submit(till.bill(), billId="a\0b"))) == {code}


def test_errors_of_collections_are_relayed_in_their_own_form(line: Callable[..., Till]) -> None:
    for lineage, keys in (("digit-2.8", 4), ("digit-lts", 6)):
        till = line(lineage)
        (own,) = till.submit(till.bill(), gateway="NONE").json()["Errors"]
        (relayed,) = till.submit(till.bill(), amount=7).json()["Errors"]
        assert (own["description"], len(own)) == ("", keys)
        assert (relayed["description"], len(relayed)) == (None, 4)


def test_gateway_and_bill_are_looked_at_before_the_callback(strict: Till) -> None:
    bill = strict.bill()
    odd = {"callbackUrl": "ftp://x"}
    found = problems(strict.submit(bill, gateway="NONE", **odd))
    assert set(found) == {"INVALID_PAYMENT_GATEWAY"}
    assert set(problems(strict.submit(bill, amount=7, **odd))) == {"INVALID_PAYMENTDETAIL"}
    assert set(problems(strict.submit(bill, **odd))) == {"IllegalArgumentException"}


def test_amount_that_no_column_holds_fails_in_the_write(strict: Till) -> None:
    bill = strict.bill(businessService="ADV")
    assert set(problems(strict.pay(bill, amount=10**10))) == {"PAYMENT_CREATION_FAILED"}


# what they show ----------------------------------------------------------------------------------


def test_payments_of_the_fork_carry_further_fields(line: Callable[..., Till], strict: Till) -> None:
    till = line("mseva")
    bill = till.bill()
    validated = till.pay(bill, action="_validate").json()["Payments"][0]
    payment = till.receipt(bill)
    (found,) = till.payments(ids=payment["id"])
    known = strict.receipt(strict.bill()).keys()
    for shown in (validated, payment, found):
        assert {shown[key] for key in shown.keys() - known} == {None}
        assert len(shown.keys() - known) == 17


def test_fork_overwrites_the_payers_address(line: Callable[..., Till], strict: Till) -> None:
    for till, address in ((strict, "12, Mall Road"), (line("mseva"), None)):
        payment = till.receipt(till.bill(), payerAddress="12, Mall Road")
        assert payment["payerAddress"] == address


def test_lts_shows_no_number_of_the_payer(line: Callable[..., Till]) -> None:
    till = line("digit-lts")
    transaction = till.created(till.bill())
    assert "id" not in transaction["user"]
    assert "id" not in till.sight(transaction)["user"]


def test_unstored_transaction_of_nothing_is_paid_all_the_same(line: Callable[..., Till]) -> None:
    till = line("digit-lts")
    bill = till.bill(amount=0)
    answered = till.created(bill, productInfo="x" * 600)
    assert answered["txnStatus"] == "SUCCESS"
    assert till.seen(billId=bill["id"]) == []
    assert set(problems(till.submit(bill))) == {"BILL_ALREADY_PAID"}


def test_modes_not_allowed_are_kept_as_one_text(strict: Till) -> None:
    payment = strict.receipt(strict.bill())
    (found,) = strict.payments(ids=payment["id"])
    assert found["paymentDetails"][0]["bill"]["collectionModesNotAllowed"] == [""]
