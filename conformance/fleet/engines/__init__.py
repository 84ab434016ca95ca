"""Where the cities of a fleet are certified: on this machine, or on a cluster that exists."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from conformance.fleet.task import CityResult, CityTask


class Engine(Protocol):
    """Certifies cities, several at a time."""

    @property
    def workers(self) -> int:
        """How many cities it can certify at the same time."""

    def run(self, tasks: Sequence[CityTask], limits: Mapping[str, int]) -> Iterator[CityResult]:
        """Yield the result of each task once, when it is there, in any order.

        `limits` says of each origin how many of its cities may be certified at the same time. A
        city never stops the others: one that is lost is tried once more, then it has a result
        without a verdict. KeyboardInterrupt ends the cities under way; their results come first.
        """
