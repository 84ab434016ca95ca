from itertools import combinations as pairs_of
from itertools import product

from conformance.bbps.dimensions.covering import combinations
from conformance.bbps.dimensions.dimension import Combination, Dimension, never

LETTER = Dimension(name="letter", source="a test", values={"a": 1, "b": 2, "c": 3, "d": 4})
SIZE = Dimension(name="size", source="a test", values={"small": 1, "large": 9})
COLOUR = Dimension(name="colour", source="a test", values={"red": "r", "green": "g", "blue": "b"})
ALL = (LETTER, SIZE, COLOUR)
NO_BLUE_A = never(LETTER, ("a",), COLOUR, ("blue",))


def rows(
    depth: str = "standard", seed: int = 0, most: int = 100, **terms: object
) -> list[Combination]:
    return list(combinations(ALL, depth=depth, seed=seed, rows=most, **terms))  # type: ignore[arg-type]


def names(found: list[Combination]) -> set[tuple[str, ...]]:
    return {tuple(row.name(each) for each in ALL) for row in found}


def test_plainest_combination_comes_first() -> None:
    assert str(rows()[0]) == "a, small, red"


def test_each_value_is_tried_at_depth_quick() -> None:
    found = rows("quick")

    for dimension in ALL:
        assert {row.name(dimension) for row in found} == set(dimension.values)
    assert len(found) <= len(LETTER.values) + 1


def test_each_pair_is_tried_at_depth_standard() -> None:
    found = rows()

    for one, other in pairs_of(ALL, 2):
        tried = {(row.name(one), row.name(other)) for row in found}
        assert tried == set(product(one.values, other.values))


def test_each_triple_is_tried_at_depth_deep() -> None:
    assert names(rows("deep")) == set(product(*(each.values for each in ALL)))


def test_same_seed_gives_the_same_and_another_seed_others() -> None:
    assert rows(seed=5) == rows(seed=5)
    assert rows(seed=5) != rows(seed=6)


def test_bound_leaves_no_value_out() -> None:
    found = rows(most=2)

    assert len(found) <= len(LETTER.values) + 1 < len(rows())
    for dimension in ALL:
        assert {row.name(dimension) for row in found} == set(dimension.values)


def test_as_many_as_the_bound_are_tried_and_the_plainest_first() -> None:
    for most in range(5, 12):
        found = rows(most=most)
        assert len(found) == len(set(found)) == most
        assert str(found[0]) == "a, small, red"


def test_more_pairs_are_tried_with_each_row_more() -> None:
    tried = [
        len({pair for row in rows(most=most) for pair in pairs_of(row.chosen, 2)})
        for most in range(5, 12)
    ]
    assert tried == sorted(set(tried))


def test_constraint_keeps_values_apart_and_loses_none() -> None:
    for depth in ("quick", "standard", "deep"):
        found = rows(depth, constraints=(NO_BLUE_A,))
        assert all((each[0], each[2]) != ("a", "blue") for each in names(found))
        assert {row.name(COLOUR) for row in found} == set(COLOUR.values)
        assert {row.name(LETTER) for row in found} == set(LETTER.values)


def test_value_of_a_combination_is_the_value_itself() -> None:
    combination = Combination({LETTER: "c", SIZE: "large"})

    assert (combination[LETTER], combination[SIZE]) == (3, 9)
    assert combination.peculiarities == ("letter: c", "size: large")
    assert [str(each) for each in combination.plainer()] == ["a, large", "c, small"]


def test_narrower_dimension_keeps_name_and_order() -> None:
    assert list(LETTER.without("a", "c").values) == ["b", "d"]
    assert list(LETTER.only("d", "a").values) == ["d", "a"]
