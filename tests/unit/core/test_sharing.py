"""What is made for several checks: evidence of each that uses it, and in whose name it is made."""

import pytest

from conformance.core.sharing import Shared, SharedView, is_made_for_all, made_for_all, note


class Check:
    """A check that uses what is shared, and its evidence."""

    def __init__(self, shared: Shared) -> None:
        self.evidence: list[str] = []
        self.once = SharedView(shared, self.evidence.append)


def exchanged(*ids: str) -> str:
    """Exchange something while a thing is made for all."""
    assert is_made_for_all()
    for each in ids:
        assert note(each)
    return "made"


def test_what_made_it_is_evidence_of_all_who_use_it() -> None:
    shared = Shared()
    checks = [Check(shared) for _ in range(3)]
    for each in checks:
        assert each.once("paid bill", lambda: exchanged("x1", "x2")) == "made"
    assert [each.evidence for each in checks] == [["x1", "x2"]] * 3
    assert not is_made_for_all()
    assert not note("x3")


def test_what_failed_is_evidence_too() -> None:
    shared = Shared()
    checks = [Check(shared) for _ in range(2)]

    def fail() -> None:
        exchanged("x1")
        raise ValueError("refused")

    for each in checks:
        with pytest.raises(ValueError, match="refused"):
            each.once("paid bill", fail)
    assert [each.evidence for each in checks] == [["x1"]] * 2


def test_a_part_counts_to_the_whole_whoever_made_it() -> None:
    for part_first in (False, True):
        shared = Shared()
        first, second = Check(shared), Check(shared)
        if part_first:
            second.once("part", lambda: exchanged("x1"))
            second.evidence.clear()

        def whole(check: Check = first) -> str:
            check.once("part", lambda: exchanged("x1"))
            return exchanged("x2")

        first.once("whole", whole)
        second.once("whole", whole)
        assert first.evidence == second.evidence == ["x1", "x2"]


def test_what_is_provided_on_the_way_is_nobodys_evidence() -> None:
    check = Check(Shared())

    def paid() -> str:
        with made_for_all():  # a bill, of which there may be one already
            exchanged("x1")
        return exchanged("x2")

    check.once("paid bill", paid)
    assert check.evidence == ["x2"]


def test_what_files_its_exchanges_is_cited_by_who_uses_it() -> None:
    check = Check(Shared())
    assert not check.once.as_filed("traces", is_made_for_all)
    assert check.evidence == []


def test_what_is_forgotten_is_made_again() -> None:
    check = Check(Shared())
    check.once("bill", lambda: exchanged("x1"))
    check.once.forget("bill")
    check.once("bill", lambda: exchanged("x2"))
    assert check.evidence == ["x1", "x2"]
