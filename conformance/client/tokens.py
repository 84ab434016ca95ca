"""The tokens of a run's actors: requested once, given up when refused, renewed in time.

That is when the time is over for which they were issued, and after idling.
"""

import copy
import math
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Self

from conformance.core.verdicts import Inconclusive

# A token used a moment ago is not renewed: that it stopped working is for a check to see.
IDLE: Final = 60.0  # seconds; some deployments end sessions that rest for three minutes
# A call that leaves so many seconds before the end of its token may arrive after it.
ARRIVAL: Final = 10.0


@dataclass(slots=True)
class _Session:
    """What is known of one actor's session; its lock is held while a token is requested."""

    token: str = ""
    refusal: str = ""  # how the deployment refused
    used: float = 0.0  # time.monotonic()
    until: float = math.inf  # time.monotonic(), as the answer of the login states it
    lock: threading.RLock = field(default_factory=threading.RLock)


class Sessions:
    """Tokens by actor. Threads share a session; one that requests a token holds up no other actor.

    A view (`for_client`) shares the sessions, but requests tokens and finds actors its own way.
    """

    def __init__(
        self, request: Callable[[str], tuple[str, str]], key: Callable[[str], Hashable]
    ) -> None:
        """Take how a token is requested: returns the token, or an empty text and the refusal.

        `key` separates actors of the same name.
        """
        self._request = request
        self._key = key
        self._sessions: dict[Hashable, _Session] = {}
        self._lock = threading.Lock()

    def for_client(
        self, request: Callable[[str], tuple[str, str]], key: Callable[[str], Hashable]
    ) -> Self:
        """Return a view on the same sessions for another client; see `__init__`."""
        view = copy.copy(self)
        view._request, view._key = request, key
        return view

    def token(self, actor: str) -> str:
        """Return an actor's token, requested the first time; Inconclusive if refused.

        A refused actor's token is not requested again: wrong passwords in a row lock an account.
        """
        session = self._of(actor)
        with session.lock:
            over = time.monotonic() >= session.until
            if (not session.token or over) and not session.refusal:
                token, refusal = self._request(actor)
                if not token:
                    self.give_up(actor, refusal)
                elif token != session.token:  # else the login has put it
                    self.put(actor, token)
            if session.refusal:
                raise Inconclusive(
                    f"the {actor} obtains no token: {session.refusal}",
                    f"correct actors.{actor} (username, password, type, tenant) in the profile",
                )
            return session.token

    def held(self, actor: str) -> str:
        """Return an actor's token if there is one, else an empty text; requests none."""
        return self._of(actor).token

    @contextmanager
    def being_replaced(self, actor: str) -> Iterator[None]:
        """Let threads whose token of an actor is refused wait for the one that is requested."""
        with self._of(actor).lock:
            yield

    def put(self, actor: str, token: str, until: float = math.inf) -> None:
        """Keep a token that an actor obtained; an empty one lets it be requested again.

        `until` (`time.monotonic`) ends the time for which it was issued.
        """
        session = self._of(actor)
        with session.lock:
            session.token, session.refusal, session.used = token, "", time.monotonic()
            session.until = until

    def forget(self, actor: str) -> None:
        """Forget what is known of an actor."""
        session = self._of(actor)
        with session.lock:
            session.token = session.refusal = ""
            session.until = math.inf

    def age(self, seconds: float) -> None:
        """Note that the clock of the deployment was moved forward: tokens lay idle meanwhile."""
        with self._lock:
            for session in self._sessions.values():
                session.until -= seconds
                session.used -= seconds

    def refused(self, actor: str) -> bool:
        """Whether a token was requested for an actor and refused."""
        return bool(self._of(actor).refusal)

    def give_up(self, actor: str, refusal: str) -> None:
        """Request no more tokens for an actor, after the deployment refused one."""
        self._of(actor).refusal = refusal

    def used(self, actor: str) -> None:
        """Note that the deployment accepted an actor's token just now."""
        self._of(actor).used = time.monotonic()

    def about_to_end(self, actor: str) -> bool:
        """Whether the time for which an actor's token was issued is over, or nearly."""
        return self._ends(self._of(actor), time.monotonic())

    def _ends(self, session: _Session, now: float) -> bool:
        return now >= session.until - ARRIVAL

    def renewed(self, actor: str, held: str) -> bool:
        """Forget the token `held`, which was refused, if its time is over or it lay idle.

        Return whether it does. It also does if another thread has renewed it in the meantime.
        """
        session = self._of(actor)
        with session.lock:
            if not held or session.token != held:
                return bool(held)
            now = time.monotonic()
            if now - session.used < IDLE and not self._ends(session, now):
                return False
            session.token = ""
            return True

    def _of(self, actor: str) -> _Session:
        with self._lock:
            return self._sessions.setdefault(self._key(actor), _Session())
