"""Who may call. What a check enlists is known to that check alone."""

from collections.abc import Iterator, Mapping

from conformance.core.exchange import CURRENT_CHECK, SET_UP
from conformance.core.verdicts import Inconclusive
from conformance.profile.target import Actor

Key = tuple[str, str]  # the check that enlisted an actor, or the set-up; the actor's name


class Actors(Mapping[str, Actor]):
    """The actors that the current check knows, by name; safe to share between threads."""

    def __init__(self, known: Mapping[str, Actor]) -> None:
        """Begin with those of the profile, whom every check knows."""
        self._actors: dict[Key, Actor] = {(SET_UP, name): each for name, each in known.items()}

    def __getitem__(self, name: str) -> Actor:
        return self._actors[self.key(name)]

    def __iter__(self) -> Iterator[str]:
        known = {SET_UP, CURRENT_CHECK.get()}
        return iter(dict.fromkeys(name for check, name in tuple(self._actors) if check in known))

    def __len__(self) -> int:
        return len(tuple(iter(self)))

    def key(self, name: str) -> Key:
        """Tell an actor of the current check from one of the same name that all checks know."""
        own = (CURRENT_CHECK.get(), name)
        return own if own in self._actors else (SET_UP, name)

    def enlist(self, name: str, actor: Actor) -> None:
        """Add an actor for the current check, in the set-up for all checks; or replace it."""
        self._actors[CURRENT_CHECK.get(), name] = actor

    def named(self, name: str) -> Actor:
        """Return an actor; Inconclusive when there is none, or it was yet to be created."""
        actor = self.get(name)
        if actor is None:
            raise Inconclusive(
                f"the target profile names no actor {name!r}", f"add actors.{name} to the profile"
            )
        if actor.create:
            raise Inconclusive(
                f"the {name} was not created in this run",
                "see USR-01, or supply the account in the profile; mode inspect creates none",
            )
        return actor
