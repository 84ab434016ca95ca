"""What an odd request of ours wrote is no departure of the deployment from its contract."""

import pytest

from conformance.client.odd_records import OddRecords

ANSWER = {"Payments": [{"id": "good", "more": 1}, {"id": "odd", "details": [{"more": False}]}]}


@pytest.mark.parametrize(
    ("pointer", "ours"),
    [
        ("/Payments/1/more", True),
        ("/Payments/1/details/0/more", True),
        ("/Payments/0/more", False),
        ("/Payments/7/more", False),
        ("/Payments", False),
        ("", False),
    ],
)
def test_only_what_stands_in_an_odd_record_is_ours(pointer: str, ours: bool) -> None:
    records = OddRecords()
    records.learn({}, {"Payments": [{"id": "odd", "paymentDetails": [{"id": "part"}]}]})

    assert records.hold(ANSWER, pointer) is ours


def test_records_are_known_by_the_ids_of_any_service() -> None:
    records = OddRecords()
    records.learn({}, {"Transaction": {"txnId": "t"}, "user": [{"uuid": "u", "id": 7}]})

    assert records.hold({"Transaction": [{"txnId": "t"}]}, "/Transaction/0/user")
    assert records.hold({"user": [{"uuid": "u"}]}, "/user/0/name")
    assert not records.hold({"user": [{"uuid": "v", "id": 7}]}, "/user/0/name")


def test_record_whose_answer_was_lost_is_known_by_its_bill() -> None:
    records = OddRecords()
    records.learn({"Payment": {"paymentDetails": [{"billId": "b"}]}}, None)
    payments = [
        {"id": id_, "more": False, "paymentDetails": [{"billId": bill}]}
        for id_, bill in (("x", "b"), ("y", "c"))
    ]
    answer = {"Payments": payments}

    assert records.hold(answer, "/Payments/0/more")
    assert not records.hold(answer, "/Payments/1/more")
