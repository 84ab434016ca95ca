"""The rate limit of the deployment."""

import threading
import time

from conformance.reference.platform.errors import GatewayProblem


class RateLimit:
    """So many requests per second for all callers together; off when None."""

    def __init__(self, per_second: int | None) -> None:
        self._per_second = per_second
        self._second = 0
        self._taken = 0
        self._lock = threading.Lock()

    def take(self) -> None:
        """Count a request; GatewayProblem 429 when the second is used up."""
        if self._per_second is None:
            return
        with self._lock:
            second = int(time.monotonic())
            self._taken = self._taken + 1 if second == self._second else 1
            self._second = second
            over = self._taken > self._per_second
        if over:
            raise GatewayProblem(
                429,
                "RateLimitExceededException",
                "Rate limit exceeded",
                description=None,
                headers={"Retry-After": "1"},
            )
