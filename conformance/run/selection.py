"""Which requirements a partial run is about: ids, lists of them, patterns and areas."""

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Final

from conformance.core.errors import SetupError
from conformance.core.requirements import Register
from conformance.core.wording import did_you_mean

WILD: Final = frozenset("*?[")


def selected(
    only: Iterable[str] = (), skip: Iterable[str] = (), areas: Iterable[str] = ()
) -> tuple[str, ...]:
    """Return the ids that words name, in the order of the register; none at all means every one.

    A word is an id or a pattern such as TXN-*, in capitals or not, or several between commas.
    `areas` narrows what `only` names; `skip` leaves ids out. Raises SetupError, UnknownRequirement.
    """
    register = Register.load()
    only, skip, areas = (list(_words(each)) for each in (only, skip, areas))
    if not (only or skip or areas):
        return ()
    wanted = _named("--only", only, register) if only else {each.id for each in register}
    inside = _areas(areas, register)
    left_out = _named("--skip", skip, register)
    chosen = tuple(
        each.id
        for each in register
        if each.id in wanted - left_out and (not inside or each.area in inside)
    )
    if not chosen:
        raise SetupError(
            "--only, --skip and --area leave no requirement to check",
            remedy="name at least one; `list` shows all of them with their areas",
        )
    return chosen


def _words(given: Iterable[str]) -> Iterator[str]:
    for each in given:
        yield from (word.strip() for word in each.split(",") if word.strip())


def _named(option: str, words: Sequence[str], register: Register) -> set[str]:
    """Return the ids that words name, each at least one."""
    found: set[str] = set()
    for word in words:
        pattern = word.upper()
        if not WILD & set(word):
            found.add(register.of(pattern).id)
            continue
        matching = {each.id for each in register if fnmatchcase(each.id, pattern)}
        if not matching:
            raise SetupError(
                f"{option} {word!r} matches no requirement", remedy="`list` shows all of them"
            )
        found |= matching
    return found


def _areas(words: Sequence[str], register: Register) -> set[str]:
    """Return the areas that words name."""
    known = {each.casefold(): each for each in register.areas}
    for word in words:
        if word.casefold() not in known:
            near = did_you_mean(word.capitalize(), register.areas)
            raise SetupError(
                f"--area {word!r} is no area of the register",
                remedy=near or f"write one of {', '.join(register.areas)}",
            )
    return {known[word.casefold()] for word in words}
