"""The tokens of a run's actors: asked for once, given up when refused, renewed after idling."""

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Final

from conformance.core.verdicts import Inconclusive

# A token that was just in use is not asked for anew: that it works no more is for a check to see.
IDLE: Final = 60.0  # seconds; some deployments end sessions that rest for three minutes


@dataclass(slots=True)
class _Session:
    """What is known of one actor's session; its lock is held while a token is asked for."""

    token: str = ""
    refusal: str = ""  # what the deployment said
    used: float = 0.0
    lock: threading.RLock = field(default_factory=threading.RLock)


class Sessions:
    """Tokens by actor; `ask` obtains one, or says by what answer it was refused.

    Threads share a session; while one of them asks for a token, those of other actors go on.
    """

    def __init__(
        self, ask: Callable[[str], tuple[str, str]], key: Callable[[str], Hashable]
    ) -> None:
        """Take the way to ask for a token: it returns the token, else what was said.

        `key` tells apart actors that go by the same name.
        """
        self._ask = ask
        self._key = key
        self._sessions: dict[Hashable, _Session] = {}
        self._lock = threading.Lock()

    def token(self, actor: str) -> str:
        """Return an actor's token, asking for one the first time; Inconclusive if refused.

        A refused actor is not asked for again: wrong passwords in a row lock an account.
        """
        session = self._of(actor)
        with session.lock:
            if not session.token and not session.refusal:
                token, said = self._ask(actor)
                if token:
                    self.put(actor, token)
                else:
                    self.give_up(actor, said)
            if session.refusal:
                raise Inconclusive(
                    f"the {actor} obtains no token: {session.refusal}",
                    f"correct actors.{actor} (username, password, type, tenant) in the profile",
                )
            return session.token

    def held(self, actor: str) -> str:
        """Return an actor's token if there is one, else an empty text; asks for none."""
        return self._of(actor).token

    def put(self, actor: str, token: str) -> None:
        """Keep a token that an actor obtained."""
        session = self._of(actor)
        with session.lock:
            session.token, session.refusal, session.used = token, "", time.monotonic()

    def forget(self, actor: str) -> None:
        """Know nothing of an actor any more."""
        session = self._of(actor)
        with session.lock:
            session.token = session.refusal = ""

    def forget_all(self) -> None:
        """Ask for fresh tokens from now on."""
        with self._lock:
            for session in self._sessions.values():
                session.token = ""

    def refused(self, actor: str) -> bool:
        """Whether an actor asked for a token and was refused."""
        return bool(self._of(actor).refusal)

    def give_up(self, actor: str, said: str) -> None:
        """Ask for no token of an actor any more, after the deployment refused one."""
        self._of(actor).refusal = said

    def used(self, actor: str) -> None:
        """Note that an actor's token was just taken."""
        self._of(actor).used = time.monotonic()

    def renewed(self, actor: str, held: str) -> bool:
        """Forget the token `held`, which is no more taken, if it lay idle; return whether it did.

        It did, too, if another thread has noticed and renewed it in the meantime.
        """
        session = self._of(actor)
        with session.lock:
            if not held or session.token != held:
                return bool(held)
            if time.monotonic() - session.used < IDLE:
                return False
            session.token = ""
            return True

    def _of(self, actor: str) -> _Session:
        with self._lock:
            return self._sessions.setdefault(self._key(actor), _Session())
