"""Who may call. What a check enlists is known to that check alone."""

from collections.abc import Hashable, Iterator, Mapping
from typing import Self

from conformance.core.exchange import SET_UP
from conformance.core.verdicts import Inconclusive
from conformance.profile.target import Actor

Key = tuple[str, str]  # the check that enlisted an actor, or the set-up; the actor's name


class Actors(Mapping[str, Actor]):
    """The actors that one check knows, by name; safe to share between threads."""

    def __init__(self, known: Mapping[str, Actor]) -> None:
        """Begin with the actors of the profile, which every check knows."""
        self._actors: dict[Key, Actor] = {(SET_UP, name): each for name, each in known.items()}
        self._check = SET_UP

    def for_check(self, check: str) -> Self:
        """Return what a check knows: its own actors, and those of the set-up."""
        view = type(self)({})
        view._actors, view._check = self._actors, check
        return view

    def __getitem__(self, name: str) -> Actor:
        return self._actors[self.key(name)]

    def __iter__(self) -> Iterator[str]:
        known = {SET_UP, self._check}
        return iter(dict.fromkeys(name for check, name in tuple(self._actors) if check in known))

    def __len__(self) -> int:
        return len(tuple(iter(self)))

    def key(self, name: str) -> Key:
        """Return a key that separates an actor of this check from its namesake of the set-up."""
        own = (self._check, name)
        return own if own in self._actors else (SET_UP, name)

    def identity(self, name: str) -> Hashable:
        """Return a key of the account of an actor: two names of one account share its session."""
        actor = self.get(name)
        if actor is None or not actor.username:
            return self.key(name)
        return actor.username, actor.type, actor.tenant, actor.password.get_secret_value()

    def enlist(self, name: str, actor: Actor) -> None:
        """Add or replace an actor of this check; one of the set-up is known to all checks."""
        self._actors[self._check, name] = actor

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
