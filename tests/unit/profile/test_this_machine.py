"""Which addresses are of this machine: by what they say, and by what a name leads to."""

import socket
from typing import Any

import pytest

from conformance.profile.this_machine import found_on_this_machine, host_of, on_this_machine

HERE = (
    "embedded",
    "http://127.0.0.1:8080", "http://127.8.9.1", "http://127.0.0.1.:80",
    "http://127.1:80", "http://127.0.1", "http://2130706433", "http://0x7f000001:80",
    "http://0x7F.1", "http://0177.0.0.1", "http://017700000001",
    "http://0.0.0.0:8080", "http://0:8080", "http://0x0",
    "http://[::1]:8080", "http://[0:0:0:0:0:0:0:1]", "http://[::]", "http://[::1%25lo]",
    "http://[::ffff:127.0.0.1]:8080", "http://[::ffff:7f00:1]", "http://[::ffff:0.0.0.0]",
    "http://localhost:8080", "http://LocalHost", "http://localhost.:8080", "http://digit.localhost",
    "http://digit.localhost.", "http://localhost.localdomain:8080", "http://localhost4",
    "http://digit.localhost.localdomain", "http://localhost6.localdomain6",
    "http://ip6-localhost:8080", "http://ip6-loopback",
    "http://127。0。0。1", "http://127．0．0．1", "http://１２７.0.0.1", "http://ｌocalhost",
)  # fmt: skip
ELSEWHERE = (
    "https://uat.digit.org", "http://10.0.0.7:8080", "http://1.2.3.4", "http://[2001:db8::1]",
    "https://localhost.digit.org", "https://mylocalhost", "https://127.0.0.1.digit.org",
    "http://[::ffff:10.0.0.7]", "http://167772167", "http://0.0.0.1", "http://\ud800", "",
)  # fmt: skip


def test_every_way_to_write_this_machine_is_known() -> None:
    assert [each for each in HERE if not on_this_machine(each)] == []


def test_no_other_address_is_taken_for_this_machine() -> None:
    assert [each for each in ELSEWHERE if on_this_machine(each)] == []


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("PB.test.", "pb.test"),
        ("10.1", "10.0.0.1"),
        ("[::ffff:a00:1]", "10.0.0.1"),
        ("[2001:DB8:0:0::A]", "2001:db8::a"),
        ("पंजाब.test", "xn--i1b6cwbk3g.test"),
        ("a..b", "a..b"),
        ("127.9.8.7", "localhost"),
        ("[::1]", "localhost"),
    ],
)
def test_one_host_has_one_name(host: str, name: str) -> None:
    assert host_of(f"http://{host}:8080/digit") == name


def found(*addresses: str) -> list[tuple[Any, ...]]:
    return [(0, socket.SOCK_STREAM, 6, "", (each, 0)) for each in addresses]


@pytest.mark.parametrize(
    ("addresses", "here"),
    [
        (("127.0.1.1",), True),
        (("10.0.0.7", "127.0.0.1"), True),
        (("::1",), True),
        (("::ffff:127.0.0.1",), True),
        (("10.0.0.7", "2001:db8::7"), False),
        (("fe80::1%2",), False),
    ],
)
def test_a_name_leads_to_this_machine_if_one_of_its_addresses_does(
    monkeypatch: pytest.MonkeyPatch, addresses: tuple[str, ...], *, here: bool
) -> None:
    asked = []

    def looked_up(host: str, *_: object, **__: object) -> list[tuple[Any, ...]]:
        asked.append(host)
        return found(*addresses)

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    assert found_on_this_machine("https://uat.digit.org:8443/prefix") is here
    assert asked == ["uat.digit.org"]


@pytest.mark.parametrize("problem", [socket.gaierror(-2, "not known"), UnicodeError("too long")])
def test_a_name_that_nobody_knows_leads_nowhere(
    monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise problem

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert not found_on_this_machine("https://uat.digit.org")
