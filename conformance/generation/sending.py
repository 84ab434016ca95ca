"""Sending cases within an allowance, and filing how they fail."""

from collections.abc import Callable, Collection
from typing import Final

from conformance.client.response import Response
from conformance.core.verdicts import Inconclusive
from conformance.generation.cases import GeneratedCase
from conformance.generation.response_rules import failures_of
from conformance.generation.results import GenerationResult

TRIES: Final = 3  # a failing answer must last; noise on the line blames nobody
UNANSWERED_IN_A_ROW: Final = 5  # requests, before an operation is left alone


class Sending:
    """Sends cases within an allowance, remembers them, and files how they fail."""

    def __init__(
        self, send: Callable[[GeneratedCase], Response], result: GenerationResult, allowance: int
    ) -> None:
        self._send = send
        self._result = result
        self._left = allowance
        self._seen: dict[str, frozenset[str]] = {}

    def causes(self, case: GeneratedCase) -> Collection[str]:
        """Send a case unless it was sent before; return how it fails, if that lasts."""
        if case.key not in self._seen:
            if self._left <= 0:
                return ()
            if self._result.in_a_row >= UNANSWERED_IN_A_ROW:
                self._result.gave_up = True
                return ()
            self._left -= 1
            self._seen[case.key] = self._judged(case)
        return self._seen[case.key]

    def shows(self, cause: str, case: GeneratedCase) -> bool:
        """Whether a case fails in a certain way."""
        return cause in self.causes(case)

    def _judged(self, case: GeneratedCase) -> frozenset[str]:
        result = self._result
        result.sent += 1
        failures: dict[tuple[str, str], tuple[str, str]] = {}
        for attempt in range(TRIES):
            try:
                response = self._send(case)
            except Inconclusive as undecided:
                result.undecided += 1
                result.in_a_row += 1
                result.trouble = str(undecided)
                return frozenset()
            result.in_a_row = 0
            result.last = response.exchange.id
            result.accepted += response.succeeded and not attempt
            now = {
                (requirement, cause): (detail, response.exchange.id)
                for requirement, cause, detail in failures_of(response)
            }
            failures = {key: now[key] for key in now if not attempt or key in failures}
            if not failures:
                return frozenset()
            if case.real and response.succeeded:
                break  # it has used up what it named, and noise accepts nothing
        for key, (detail, exchange) in failures.items():
            result.file(key, detail, case, exchange)
        return frozenset(": ".join(key) for key in failures)
