"""The shares of cities never exceed what one run may use of a deployment."""

import pytest

from conformance.core.errors import SetupError
from conformance.fleet.sharing import Load, Shard, origin_of, shard_of, shares


def loads(*origins: str, rate: float = 12, in_flight: int = 8) -> list[Load]:
    return [Load(origin=each, rate=rate, in_flight=in_flight) for each in origins]


@pytest.mark.parametrize(
    ("cities", "workers", "jobs", "at_once", "rate", "in_flight"),
    [
        (1, 4, 1, 1, 12, 8),
        (12, 1, 1, 1, 12, 8),
        (12, 4, 1, 4, 3, 2),
        (12, 64, 1, 8, 1.5, 1),  # the limit of requests in flight, with one each
        (12, 64, 4, 2, 6, 4),  # each has 4 checks at the same time
        (12, 64, 16, 1, 12, 8),
        (3, 64, 1, 3, 4, 2),
    ],
)
def test_each_city_has_its_part(
    cities: int, workers: int, jobs: int, at_once: int, rate: float, in_flight: int
) -> None:
    share = shares(loads(*["a"] * cities), Shard(), workers, jobs)["a"]
    assert (share.cities, share.rate, share.in_flight) == (at_once, rate, in_flight)


@pytest.mark.parametrize("of", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("workers", [1, 3, 100])
def test_all_shards_together_keep_the_limits(of: int, workers: int) -> None:
    cities = loads("a", "b", "a", "a", "b", "a", "c", "a", "a", "a", rate=10, in_flight=32)
    held: dict[str, list[float]] = {}
    dealt = 0
    for number in range(1, of + 1):
        shard = Shard(number, of)
        dealt += len(shard.dealt(cities))
        for origin, share in shares(cities, shard, workers, 1).items():
            rate, in_flight = held.setdefault(origin, [0, 0])
            held[origin] = [
                rate + share.cities * share.rate, in_flight + share.cities * share.in_flight
            ]  # fmt: skip
    assert dealt == len(cities)
    for rate, in_flight in held.values():
        assert rate == pytest.approx(10)
        assert in_flight <= 32


def test_the_least_limits_of_a_deployment_hold() -> None:
    both = [*loads("a", rate=10, in_flight=8), *loads("a", rate=2, in_flight=4)]
    share = shares(both, Shard(), 2, 1)["a"]
    assert (share.cities, share.rate, share.in_flight) == (2, 1, 2)


def test_a_shard_without_cities_of_a_deployment_leaves_it_to_the_others() -> None:
    cities = loads("a", "b", "a", "b")
    assert set(shares(cities, Shard(1, 2), 1, 1)) == {"a"}
    assert shares(cities, Shard(1, 2), 1, 1)["a"].rate == 12


def test_limits_that_cannot_be_divided_are_refused() -> None:
    with pytest.raises(SetupError, match="9 shards hold cities of a"):
        shares(loads(*["a"] * 9), Shard(1, 9), 1, 1)


def test_a_clock_that_runs_move_is_of_one_city_at_a_time() -> None:
    cities = [Load(origin="a", rate=12, in_flight=8, alone=True)] * 3
    share = shares(cities, Shard(), 3, 1)["a"]
    assert (share.cities, share.rate) == (1, 12)
    with pytest.raises(SetupError, match="2 shards hold cities of a, and runs move its clock"):
        shares(cities, Shard(1, 2), 1, 1)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://pb.test/digit", "https://PB.test:443/", True),
        ("https://pb.test./", "https://pb.test", True),
        ("http://pb.test", "https://pb.test", False),
        ("http://pb.test:8080", "http://pb.test", False),
        ("http://[::1]:80/a", "http://[::1]", True),
        ("http://127.0.0.1:8080", "http://localhost:8080/digit", True),
        ("http://LocalHost.:8080", "http://[::1]:8080", True),
        ("http://127.3.2.1", "http://127.1:80", True),
        ("http://0.0.0.0:8080", "http://pb.localhost:8080", True),
        ("http://[::ffff:127.0.0.1]:8080", "http://[0:0::1]:8080", True),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8081", False),
        ("http://10.0.0.1", "http://10.1", True),
        ("http://10.0.0.1", "http://[::ffff:a00:1]", True),
        ("http://10.0.0.1", "http://10.0.0.2", False),
        ("http://[2001:db8::a]", "http://[2001:DB8:0:0::A]:80", True),
        ("https://पंजाब.test", "https://xn--i1b6cwbk3g.test", True),
        ("embedded", "embedded", True),
    ],
)
def test_a_deployment_is_scheme_host_and_port(one: str, other: str, same: bool) -> None:
    assert (origin_of(one) == origin_of(other)) is same


@pytest.mark.parametrize(
    ("text", "environ", "shard"),
    [
        ("2/8", {}, Shard(2, 8)),
        ("auto", {"CI_NODE_INDEX": "3", "CI_NODE_TOTAL": "4"}, Shard(3, 4)),
        ("auto/4", {"CI_NODE_INDEX": "3", "CI_NODE_TOTAL": "4"}, Shard(3, 4)),
        ("auto/4", {"JOB_COMPLETION_INDEX": "0"}, Shard(1, 4)),
        ("auto/4", {"JOB_COMPLETION_INDEX": "3"}, Shard(4, 4)),
    ],
)
def test_a_shard_is_named_or_read_from_the_environment(
    text: str, environ: dict[str, str], shard: Shard
) -> None:
    assert shard_of(text, environ) == shard


@pytest.mark.parametrize(
    ("text", "environ", "message"),
    [
        ("0/4", {}, "shard 0 is none of 1 to 4"),
        ("5/4", {}, "shard 5 is none of 1 to 4"),
        ("3", {}, "write I/N"),
        ("a/b", {}, "write I/N"),
        ("auto", {}, "neither CI_NODE_INDEX nor JOB_COMPLETION_INDEX is set"),
        ("auto", {"JOB_COMPLETION_INDEX": "0"}, "write auto/N"),
        ("auto/4", {"JOB_COMPLETION_INDEX": "4"}, "shard 5 is none of 1 to 4"),
        ("auto/4", {"CI_NODE_INDEX": "one"}, "CI_NODE_INDEX is 'one'"),
        ("auto/4", {"CI_NODE_INDEX": "3", "CI_NODE_TOTAL": "5"}, "CI_NODE_TOTAL is 5"),
        ("", {"CI_NODE_INDEX": "3", "CI_NODE_TOTAL": "5"}, "write I/N"),
    ],
)
def test_what_names_no_shard_is_refused(text: str, environ: dict[str, str], message: str) -> None:
    with pytest.raises(SetupError, match=message):
        shard_of(text, environ)
