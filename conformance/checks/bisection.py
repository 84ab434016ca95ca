"""Which of many things given at once make a difference."""

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def culprits(given: Sequence[T], makes_it: Callable[[Sequence[T]], bool]) -> Sequence[T]:
    """Return few of what is given that still make the difference: one, unless it takes several."""
    while len(given) > 1:
        middle = len(given) // 2
        for half in (given[:middle], given[middle:]):
            if makes_it(half):
                given = half
                break
        else:
            return given
    return given
