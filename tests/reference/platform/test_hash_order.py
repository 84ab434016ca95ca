"""The order of a Java HashMap."""

from conformance.reference.platform.hash_order import in_hash_order


def test_order_is_that_of_the_slots_not_of_the_entering() -> None:
    texts = ["RequestInfo", "Payment"]
    assert in_hash_order(texts) == in_hash_order(reversed(texts)) == ["Payment", "RequestInfo"]


def test_texts_of_one_slot_stay_in_their_order() -> None:
    assert in_hash_order(["BB", "Aa", "0"]) == ["BB", "Aa", "0"]
    assert in_hash_order(["Aa", "BB", "0"]) == ["Aa", "BB", "0"]


def test_map_grows_when_it_is_three_quarters_full() -> None:
    letters = [chr(code) for code in range(ord("a"), ord("a") + 13)]
    assert in_hash_order([*letters[:11], "p"])[0] == "p"  # 112 of 16 slots: the first
    assert in_hash_order([*letters, "p"])[0] == "a"
