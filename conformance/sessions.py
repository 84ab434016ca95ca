"""The tokens of a run's actors: asked for once, given up when refused, renewed after idling."""

import threading
import time
from collections.abc import Callable
from typing import Final

from conformance.verdicts import Inconclusive

# A token that was just in use is not asked for anew: that it works no more is for a check to see.
IDLE: Final = 60.0  # seconds; some deployments end sessions that rest for three minutes


class Sessions:
    """Tokens by actor; `ask` obtains one, or says by what answer it was refused."""

    def __init__(self, ask: Callable[[str], tuple[str, str]]) -> None:
        """Take the way to ask for a token: it returns the token, else what was said."""
        self._ask = ask
        self._tokens: dict[str, str] = {}
        self._refusals: dict[str, str] = {}  # actor -> what the deployment said
        self._used: dict[str, float] = {}
        self._lock = threading.RLock()

    def token(self, actor: str) -> str:
        """Return an actor's token, asking for one the first time; Inconclusive if refused.

        A refused actor is not asked for again: wrong passwords in a row lock an account.
        """
        with self._lock:
            if actor not in self._tokens and actor not in self._refusals:
                token, said = self._ask(actor)
                if token:
                    self.put(actor, token)
                else:
                    self.give_up(actor, said)
            if actor in self._refusals:
                raise Inconclusive(
                    f"the {actor} obtains no token: {self._refusals[actor]}",
                    f"correct actors.{actor} (username, password, type, tenant) in the profile",
                )
            return self._tokens[actor]

    def put(self, actor: str, token: str) -> None:
        """Keep a token that an actor obtained."""
        with self._lock:
            self.forget(actor)
            self._tokens[actor] = token
            self._used[actor] = time.monotonic()

    def forget(self, actor: str) -> None:
        """Know nothing of an actor any more."""
        with self._lock:
            self._tokens.pop(actor, None)
            self._refusals.pop(actor, None)

    def forget_all(self) -> None:
        """Ask for fresh tokens from now on."""
        with self._lock:
            self._tokens.clear()

    def refused(self, actor: str) -> bool:
        """Whether an actor asked for a token and was refused."""
        return actor in self._refusals

    def give_up(self, actor: str, said: str) -> None:
        """Ask for no token of an actor any more, after the deployment refused one."""
        with self._lock:
            self._refusals[actor] = said

    def used(self, actor: str) -> None:
        """Note that an actor's token was just taken."""
        self._used[actor] = time.monotonic()

    def renewed(self, actor: str) -> bool:
        """Forget a token that is no more taken, if it lay idle; return whether it did."""
        with self._lock:
            idle = time.monotonic() - self._used.get(actor, time.monotonic())
            if idle < IDLE or actor not in self._tokens:
                return False
            del self._tokens[actor]
            return True
