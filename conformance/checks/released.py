"""Calls released together: by a barrier, each from its own thread and connection."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass

from conformance.bbps.flow import Bbps
from conformance.client.response import Response
from conformance.core.verdicts import Inconclusive


@dataclass(frozen=True, slots=True, kw_only=True)
class Volley:
    """What came of calls released together; `spread` in ms between first and last release."""

    responses: tuple[Response, ...]
    spread: float

    @property
    def accepted(self) -> int:
        """How many were answered 2xx."""
        return sum(response.succeeded for response in self.responses)


def released_together(bbps: Bbps, calls: Sequence[Callable[[], Response]]) -> Volley:
    """Release all calls at one barrier, while no other is under way; collect what comes back.

    Raises what became of a lost call where fewer than two were answered: that was no race.
    """
    barrier = threading.Barrier(len(calls))
    released: list[float] = []

    def one(call: Callable[[], Response]) -> Response | Inconclusive:
        barrier.wait(timeout=30)
        released.append(time.perf_counter())
        try:
            return call()
        except Inconclusive as undecided:
            return undecided

    with bbps.client.race(), ThreadPoolExecutor(len(calls)) as pool:
        futures = [pool.submit(copy_context().run, one, call) for call in calls]
        came = [future.result() for future in futures]
    responses = tuple(each for each in came if isinstance(each, Response))
    lost = [each for each in came if isinstance(each, Inconclusive)]
    if lost and len(responses) < 2:
        raise lost[0]
    return Volley(responses=responses, spread=(max(released) - min(released)) * 1000)
