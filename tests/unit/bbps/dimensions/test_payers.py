from conformance.bbps.dimensions.judged import JUDGED
from conformance.bbps.dimensions.payers import PAYER, TEXTS
from conformance.bbps.dimensions.payments import FIVE

LONGEST = {"payerEmail": 64, "payerAddress": 1024}  # by the contract


def test_every_payer_and_text_is_valid_under_the_contract() -> None:
    payers = PAYER.values.items()
    assert {name for name, each in payers if not 0 < len(each.name) <= 128} == set()
    assert {name for name, each in payers if not 0 < len(each.number) <= 64} == set()
    fields = [(key, text) for each in TEXTS.values.values() for key, text in each.items()]
    assert [key for key, text in fields if not 0 < len(text) <= LONGEST[key]] == []


def test_payers_differ_from_the_usual_one_in_one_thing() -> None:
    usual = PAYER.values["the usual one"]
    others = [each for each in PAYER.values.values() if each != usual]
    assert len(others) == len(PAYER.values) - 1
    assert [
        each for each in others if (each.name != usual.name) == (each.number != usual.number)
    ] == []


def test_one_payment_to_be_judged_is_right() -> None:
    right = JUDGED.values["as it should be"]
    assert (right.mode in FIVE, right.instead, right.twice, right.disallowed) == (
        True, None, False, False,
    )  # fmt: skip
