"""Where the cities of a fleet are certified: on this machine, or on a cluster that exists."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol, TypeAlias

from conformance.fleet.task import CityResult, CityTask

Begun: TypeAlias = Callable[[CityTask], None]


def unheard(_: CityTask) -> None:
    """Hear that a city begins, and say nothing."""


class Engine(Protocol):
    """Certifies cities, several at a time."""

    @property
    def workers(self) -> int:
        """How many cities it can certify at the same time."""

    def run(
        self, tasks: Sequence[CityTask], limits: Mapping[str, int], begun: Begun = unheard
    ) -> Iterator[CityResult]:
        """Yield the result of each task once, when it is there, in any order.

        `limits` says of each origin how many of its cities may be certified at the same time.
        `begun` is called with each task that begins, in any thread; once more if it was lost. A
        city never stops the others: one that is lost is tried once more, then it has a result
        without a verdict. KeyboardInterrupt ends the cities under way; their results come first.
        """
