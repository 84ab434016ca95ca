"""A dimension: one thing that a rule may depend on; a combination: one value of each of several."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dimension(Generic[T]):
    """One thing that a rule may depend on; `values` by their names, the plainest one first.

    `source` says why a rule may depend on it: the document, or what platforms are known to do.
    The values named in `costly` are tried at depth deep only.
    """

    name: str
    source: str
    values: Mapping[str, T]
    costly: frozenset[str] = frozenset()

    @property
    def plain(self) -> str:
        """The name of the plainest value, with which a rule is tried if nothing else matters."""
        return next(iter(self.values))

    def at(self, depth: str) -> list[str]:
        """Return the names of the values that a depth tries."""
        return [name for name in self.values if depth == "deep" or name not in self.costly]

    def only(self, *names: str) -> Self:
        """Return the dimension with some of its values, in the order given."""
        return type(self)(
            name=self.name,
            source=self.source,
            values={name: self.values[name] for name in names},
            costly=self.costly & set(names),
        )

    def without(self, *names: str) -> Self:
        """Return the dimension without some of its values; KeyError if it has none of a name."""
        for name in names:
            _ = self.values[name]
        return self.only(*(name for name in self.values if name not in names))


@dataclass(frozen=True, slots=True, kw_only=True)
class Never:
    """Values of two dimensions that do not go together: none of the one with any of the other."""

    one: Dimension[Any]
    values: tuple[str, ...]
    other: Dimension[Any]
    others: tuple[str, ...]


def never(
    one: Dimension[Any], values: tuple[str, ...], other: Dimension[Any], others: tuple[str, ...]
) -> Never:
    """Return a constraint of a rule; KeyError if a dimension has no value of a name."""
    for dimension, names in ((one, values), (other, others)):
        for name in names:
            _ = dimension.values[name]
    return Never(one=one, values=values, other=other, others=others)


class Combination:
    """One value of each dimension of a rule: `combination[DIMENSION]` is the value."""

    def __init__(self, chosen: Mapping[Dimension[Any], str]) -> None:
        """Take the name of one value of each dimension."""
        self._chosen = dict(chosen)

    def __getitem__(self, dimension: Dimension[T]) -> T:
        return dimension.values[self._chosen[dimension]]

    def name(self, dimension: Dimension[Any]) -> str:
        """Return the name of the value of a dimension."""
        return self._chosen[dimension]

    def __str__(self) -> str:
        return ", ".join(self._chosen.values())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Combination) and self._chosen == other._chosen

    def __hash__(self) -> int:
        return hash(tuple(self._chosen.items()))

    def plain_in(self, *dimensions: Dimension[Any]) -> bool:
        """Whether each of some dimensions has its plainest value."""
        return all(self._chosen[each] == each.plain for each in dimensions)

    @property
    def chosen(self) -> tuple[tuple[Dimension[Any], str], ...]:
        """Each dimension, with the name of its value."""
        return tuple(self._chosen.items())

    @property
    def peculiarities(self) -> tuple[str, ...]:
        """What is not as plain as it could be, as `dimension: value`."""
        return tuple(
            f"{dimension.name}: {name}"
            for dimension, name in self._chosen.items()
            if name != dimension.plain
        )

    def plainer(self) -> Iterator["Combination"]:
        """Yield each combination that has one more dimension at its plainest value."""
        for dimension, name in self._chosen.items():
            if name != dimension.plain:
                yield Combination({**self._chosen, dimension: dimension.plain})

    def obeys(self, constraints: tuple[Never, ...]) -> bool:
        """Whether no constraint forbids it."""
        return not any(
            self._chosen[each.one] in each.values and self._chosen[each.other] in each.others
            for each in constraints
        )
