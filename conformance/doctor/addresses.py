"""Our addresses: the one that is white-listed, and a second one that is not."""

import socket
from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from conformance.client.client import ANONYMOUS, Client
from conformance.client.transport import SECOND_EGRESS
from conformance.core.verdicts import Inconclusive
from conformance.doctor.diagnostics import Diagnostic, fault, unseen, well
from conformance.profile.target import Target


def examine_addresses(client: Client) -> Iterator[Diagnostic]:
    """Compare the profile's addresses with those that we call from."""
    yield _own(client.target)
    yield _second(client)


def _own(target: Target) -> Diagnostic:
    try:
        named = target.white_listed_address
    except Inconclusive as problem:
        return unseen("address", "our own", problem.reason, f"{problem.remedy}; USR-08 needs it")
    actual = _source(target)
    if named == actual:
        return well(
            "address", f"we call from {named}, the address that is white-listed by the profile"
        )
    if not actual or not (target.loopback or ip_address(actual).is_global):
        return unseen("address", "our own", "from here it cannot be known "
                      f"whether the deployment sees {named}")  # fmt: skip
    return fault(
        "address",
        f"we call from {actual}, not from {named}",
        evidence=f"network.own_address is {target.network.own_address or 'not set'}; "
        f"the connection to {target.base_url} leaves from {actual}",
        cause="the profile was copied from another machine, or network.egress is missing",
        remedy=f"set network.own_address to {actual}, or network.egress to local:{named}; "
        "and add that address to the white list",
    )


def _source(target: Target) -> str:
    """Return the address that connections leave from; empty where a proxy hides it."""
    kind, _, address = target.network.egress.partition(":")
    if target.network.egress:
        return address if kind == "local" else ""
    try:
        host, port = urlsplit(target.base_url).hostname, urlsplit(target.base_url).port or 443
        family, *_, place = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, socket.SOCK_DGRAM) as route:
            route.connect(place)  # sends nothing
            return str(route.getsockname()[0])
    except OSError:
        return ""


def _second(client: Client) -> Diagnostic:
    network = client.target.network
    if not network.second_egress:
        return unseen(
            "address", "", "the profile names no second address",
            "set network.second_egress to local:ADDRESS or a proxy that is not white-listed; "
            "without it USR-06, USR-07 and half of USR-08 stay undecided",
        )  # fmt: skip
    if network.second_egress == (network.egress or f"local:{_source(client.target)}"):
        return fault(
            "address",
            "the second address is the first one",
            evidence=f"network.second_egress is {_place(network.second_egress)}, and our "
            "calls leave from there already",
            cause="the profile names one address twice",
            remedy="set network.second_egress to another address",
        )
    try:
        response = client.call("gateway.search", as_=ANONYMOUS, egress=SECOND_EGRESS, tolerant=True)
    except Inconclusive as problem:
        return fault(
            "address",
            "the deployment is not reached from the second address",
            evidence=problem.reason,
            cause="that address does not belong to this machine, the proxy is down, or a firewall "
            "refuses it (perhaps because of the white list: USR-06 will show)",
            remedy="correct network.second_egress, or check the network to the deployment",
        )
    return well(
        "address", f"the deployment also answers the second address ({response.description})"
    )


def _place(egress: str) -> str:
    """Return an egress without user name and password."""
    return egress.rpartition("@")[2]
