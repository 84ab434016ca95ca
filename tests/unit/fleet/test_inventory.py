"""The cities of a fleet: what they take from the template, and every mistake with its line."""

from pathlib import Path

import pytest

from conformance.core.errors import SetupError
from conformance.core.foreign_files import FileError
from conformance.fleet.inventory import read_fleet
from tests.unit.fleet.conftest import ENVIRON, Write

HEAD = "template: state.yaml\ncities:\n"


@pytest.mark.usefixtures("template")
def test_a_city_replaces_settings_of_the_template(write: Write) -> None:
    text = (
        f"{HEAD}  - {{name: Amritsar, tenant: pb.amritsar}}\n"
        "  - name: अमृतसर 2\n    base_url: http://other.test\n    tenant: pb.mohali\n"
        "    overrides:\n      limits: {requests_per_second: 3}\n"
        "      actors.administrator.username: other\n"
    )
    fleet = read_fleet(write("cities.yaml", text), environ=ENVIRON)
    first, second = fleet.members
    assert (first.city.name, first.target.base_url) == ("Amritsar", "http://digit.test")
    assert first.target.limits.requests_per_second == 12
    assert (second.target.name, second.target.base_url) == ("अमृतसर 2", "http://other.test")
    assert second.target.limits.requests_per_second == 3
    assert second.target.limits.requests_in_flight == 8
    assert second.target.actors["administrator"].username == "other"
    assert first.target.actors["administrator"].username == "admin"
    assert fleet.unset == ()


def test_a_table_says_the_same(write: Write, template: Path) -> None:
    text = (
        "name,base_url,tenant,limits.requests_per_second,production\n"
        'Amritsar,,pb.amritsar,,\n"Mohali",http://other.test,pb.mohali,2.5,true\n'
    )
    fleet = read_fleet(write("cities.csv", text), template, ENVIRON)
    first, second = (each.target for each in fleet.members)
    assert (first.base_url, first.production) == ("http://digit.test", False)
    assert (second.limits.requests_per_second, second.production) == (2.5, True)


def test_profiles_hold_no_secret_and_mean_the_same_elsewhere(write: Write, tmp_path: Path) -> None:
    write("secret", "behind-a-file\n")
    write("pool.csv", "consumer_code\nPT-1\n")
    write(
        "state.yaml",
        "base_url: http://digit.test\ntenant: pb.amritsar\nstate_tenant: pb\n"
        "actors:\n  administrator: {username: a, password: file:secret}\n"
        '  cashier: {username: c, password: "${CASHIER_PASSWORD}"}\n'
        "bills: {provision: pool, pool: pool.csv}\nmdms: {repository: shipped}\n",
    )
    fleet = read_fleet(write("c.yaml", f"{HEAD}  - {{name: A, tenant: pb.a}}\n"), environ={})
    profile = fleet.members[0].profile
    assert profile["actors"]["administrator"]["password"] == f"file:{tmp_path / 'secret'}"
    assert profile["bills"]["pool"] == str(tmp_path / "pool.csv")
    assert profile["mdms"]["repository"] == "shipped"
    assert "behind-a-file" not in repr(profile)
    assert fleet.unset == ("CASHIER_PASSWORD",)


MISTAKES = [
    ("  - {name: A}\n", "line 3: city A: tenant: is missing; add it"),
    ("  - {name: A, tenant: pb.a, depth: deep}\n", "city A: depth: is not a known setting"),
    ("  - just a text\n", 'line 3: city 1: "just a text" is not a mapping'),
    ("  - {name: A/B, tenant: pb.a}\n", "the name 'A/B' cannot be that of a folder"),
    ("  - {name: '..', tenant: pb.a}\n", "the name '..' cannot be that of a folder"),
    ("  - {name: '<script>', tenant: pb.a}\n", "cannot be that of a folder"),
    (f"  - {{name: {'A' * 61}, tenant: pb.a}}\n", "the name has 61 characters"),
    (
        "  - {name: Moga, tenant: pb.a}\n  - {name: MOGA, tenant: pb.b}\n",
        "line 4: city MOGA: the name 'MOGA' stands twice, as 'Moga' where",
    ),
    ("  - {name: A, tenant: kl.a}\n", "city A: tenant 'kl.a' is not below state_tenant"),
    (
        "  - {name: A, tenant: pb.a, base_url: 'http://u:p@digit.test'}\n",
        "base_url: must not contain a user name",
    ),
    (
        "  - {name: A, tenant: pb.a, overrides: {tenant: pb.b}}\n",
        "tenant stands in overrides; write it next to the name of the city",
    ),
    (
        "  - {name: A, tenant: pb.a, overrides: {limits.requests_per_secon: 3}}\n",
        "requests_per_secon: is not a known setting; did you mean requests_per_second?",
    ),
    (
        "  - {name: A, tenant: pb.a, overrides: {actors.administrator.password: Open1Sesame}}\n",
        "actors.administrator.password: the profile contains a secret; "
        "write ${ADMINISTRATOR_PASSWORD} or file:PATH instead",
    ),
    (
        "  - {name: A, tenant: pb.a, base_url: 'http://pb.example.org'}\n",
        "http://pb.example.org is an example's address",
    ),
    ("  - {name: A, tenant: pb.a}\nextra: 1\n", "line 4: extra: is not a known setting"),
]


@pytest.mark.usefixtures("template")
@pytest.mark.parametrize(("rows", "message"), MISTAKES)
def test_a_mistake_has_its_line_and_a_remedy(rows: str, message: str, write: Write) -> None:
    with pytest.raises(FileError) as raised:
        read_fleet(write("cities.yaml", HEAD + rows), environ=ENVIRON)
    assert message in str(raised.value)
    assert "cities.yaml" in str(raised.value)
    assert "Open1Sesame" not in str(raised.value)


@pytest.mark.usefixtures("template")
def test_all_mistakes_are_reported_together(write: Write) -> None:
    rows = "".join(row for row, _ in MISTAKES if row.startswith("  - ") and "extra" not in row)
    with pytest.raises(FileError) as raised:
        read_fleet(write("cities.yaml", HEAD + rows), environ=ENVIRON)
    assert len(raised.value.mistakes) >= len(MISTAKES) - 1
    assert all(each.remedy for each in raised.value.mistakes if "state_tenant" not in each.message
               and "user name" not in each.message)  # fmt: skip


@pytest.mark.usefixtures("template")
def test_what_every_city_lacks_is_no_mistake_of_the_template(write: Write) -> None:
    cities = write("cities.yaml", f"{HEAD}  - {{name: Moga}}\n  - {{name: Ropar}}\n")
    with pytest.raises(FileError) as caught:
        read_fleet(cities, environ=ENVIRON)
    assert [each.line for each in caught.value.mistakes] == [3, 4]
    assert "city Moga: tenant: is missing" in str(caught.value)


def test_a_mistake_of_the_template_is_reported_once(write: Write) -> None:
    write("state.yaml", "base_url: ftp://digit.test\ntenant: pb.a\nstate_tenant: pb\n")
    rows = "".join(f"  - {{name: C{number}, tenant: pb.a}}\n" for number in range(5))
    with pytest.raises(FileError, match=r"the template .*state.yaml: .*http"):
        read_fleet(write("cities.yaml", HEAD + rows), environ=ENVIRON)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("base_url,tenant\n,pb.a\n", "line 1: has no column name"),
        ("name,tenant,tenant\nA,pb.a,pb.a\n", "line 1: the column tenant stands twice"),
        ("name,tenant\nA,pb.a,more\n", "line 2: has 3 cells, and the header names 2 columns"),
        ("name,tenant\nA,\n", "line 2: city A: tenant: is missing"),
        ('name,tenant\n"A,pb.a\n', "is no CSV"),
        ("name,tenant\n", "holds no city"),
        ("", "has no column name"),
        ("name,tenant,limits.requests_per_second\nA,pb.a,many\n", "line 2: city A: limits"),
        ("name,tenant,colour\nA,pb.a,red\n", "colour: is not a known setting"),
        ("name,tenant\nA,pb.a\u200bb\n", "tenant: holds the invisible character U+200B"),
        ("name,tenant\nA,“pb.a”\n", "tenant: is in typographic quotes"),
    ],
)
def test_a_mistake_in_a_table_has_its_line(
    text: str, message: str, write: Write, template: Path
) -> None:
    with pytest.raises(FileError) as raised:
        read_fleet(write("cities.csv", text), template, ENVIRON)
    assert message in str(raised.value)


def test_a_table_needs_a_template(write: Write) -> None:
    with pytest.raises(SetupError, match="give --template PROFILE"):
        read_fleet(write("cities.csv", "name,tenant\nA,pb.a\n"), environ=ENVIRON)
