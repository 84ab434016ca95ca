"""The tokens of a run's actors: requested once, given up when refused, and replaced when over.

A token is over when its time is, after idling, and where another login of its user has ended it.
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

# So many tokens in a row that no call was accepted with: another one would be of no use either.
USELESS: Final = 3


@dataclass(slots=True)
class _Session:
    """What is known of one actor's session; its lock is held while a token is requested."""

    token: str = ""
    refusal: str = ""  # how the deployment refused
    unused: int = 0  # tokens in a row that were issued, and accepted by nothing
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

        `key` separates the accounts of actors, also those of the same name.
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
            session.unused += bool(token) and token != session.token
            session.token, session.refusal, session.until = token, "", until

    def forget(self, actor: str) -> None:
        """Forget what is known of an actor."""
        session = self._of(actor)
        with session.lock:
            session.token = session.refusal = ""
            session.until, session.unused = math.inf, 0

    def age(self, seconds: float) -> None:
        """Note that the clock of the deployment was moved forward, in seconds."""
        with self._lock:
            for session in self._sessions.values():
                session.until -= seconds

    def refused(self, actor: str) -> bool:
        """Whether a token was requested for an actor and refused."""
        return bool(self._of(actor).refusal)

    def give_up(self, actor: str, refusal: str) -> None:
        """Request no more tokens for an actor, after the deployment refused one."""
        self._of(actor).refusal = refusal

    def used(self, actor: str) -> None:
        """Note that the deployment accepted an actor's token just now."""
        self._of(actor).unused = 0

    def over(self, actor: str, held: str) -> bool:
        """Forget the token `held`, which was refused; return whether another one may be better.

        It may if another thread has obtained one meanwhile, and unless one after the other was
        refused as this one.
        """
        session = self._of(actor)
        with session.lock:
            if session.token == held and session.unused < USELESS:
                session.token = ""
            return session.token != held

    def _of(self, actor: str) -> _Session:
        key = self._key(actor)
        with self._lock:
            if key not in self._sessions:
                self._sessions[key] = _Session()
            return self._sessions[key]
