"""Which addresses are of this machine, where BBPS reaches nobody: a run there is a rehearsal."""

import socket
import unicodedata
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final
from urllib.parse import urlsplit

EMBEDDED: Final = "embedded"
HERE: Final = "localhost"  # the host of every deployment on this machine
# Those that Debian and Fedora write into /etc/hosts; systemd and RFC 6761 add all names below.
LOOPBACK_NAMES: Final = frozenset({
    HERE, "localhost.localdomain", "localhost4", "localhost4.localdomain4", "localhost6",
    "localhost6.localdomain6", "ip6-localhost", "ip6-loopback", EMBEDDED,
})  # fmt: skip
BELOW: Final = (".localhost", ".localhost.localdomain")


def on_this_machine(base_url: str) -> bool:
    """Whether an address, or the word embedded, says that a deployment is on this machine.

    Only the text counts: a name that somebody gave to loopback is not known. ValueError where it
    cannot be read as an address.
    """
    return host_of(base_url) == HERE


def host_of(base_url: str) -> str:
    """Return the host of an address, the same however it is written; ValueError as above.

    An IP address may be short or long. Every host of this machine is `localhost`.
    """
    host = urlsplit(base_url).hostname or base_url
    # As it is sent: other letters and full stops of Unicode stand for those of ASCII.
    host = unicodedata.normalize("NFKC", host).replace("。", ".").removesuffix(".")
    if host in LOOPBACK_NAMES or host.endswith(BELOW):
        return HERE
    address = _address(host)
    if address is None:
        return _looked_up(host)
    return HERE if _here(address) else str(address)


def found_on_this_machine(base_url: str) -> bool:
    """Whether the name in an address leads to this machine now, as the system looks it up."""
    try:
        found = socket.getaddrinfo(urlsplit(base_url).hostname, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False  # nobody is there, which the doctor reports
    return any(_here(ip_address(str(each[4][0]))) for each in found)


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """Return the IP address that a host is, also in a form that systems take: 127.1, or 0."""
    with suppress(ValueError):
        address = ip_address(host)
        return getattr(address, "ipv4_mapped", None) or address
    with suppress(OSError, ValueError):
        return IPv4Address(socket.inet_aton(host))
    return None


def _looked_up(name: str) -> str:
    """Return a name as it is looked up, in ASCII; what cannot be looked up stays as it is."""
    try:
        return name.encode("idna").decode()
    except UnicodeError:
        return name


def _here(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is of this machine; systems connect to 0.0.0.0 as to 127.0.0.1."""
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_loopback or address.is_unspecified
