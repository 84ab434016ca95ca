"""What makes the difference is found among many things that were given at once."""

import pytest

from conformance.checks.bisection import culprits


@pytest.mark.parametrize("needed", [{0}, {6}, {49}, {0, 49}, {24, 25}])
def test_what_it_takes_is_found(needed: set[int]) -> None:
    found = culprits(range(50), lambda some: needed <= set(some))
    assert needed <= set(found)
    assert len(needed) > 1 or set(found) == needed


def test_one_of_several_is_enough() -> None:
    assert len(culprits("abcdefg", lambda some: bool({"b", "f"} & set(some)))) == 1
