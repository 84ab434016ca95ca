"""The line to the deployment: network, TLS, clock, and the kind of gateway."""

import uuid
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin, urlsplit

from conformance.client.client import ANONYMOUS, Client, Unanswered
from conformance.client.request_builder import LOGIN
from conformance.client.response import REDIRECTS, Response
from conformance.core.curl import curl
from conformance.core.verdicts import Inconclusive
from conformance.doctor.diagnostics import Diagnostic, fault, unseen, well

NOT_FOUND: Final = 404
TOLERABLE_SKEW: Final = 60_000  # ms; receipts are dated by the deployment's clock
# A sign of an answer that is not as a service wrote it: area, cause, remedy.
SPOILT: Final = (
    ("cannot be decoded", "network",
     "a proxy names a Content-Encoding that its answers do not have, or cuts them off",
     "let the proxy leave Content-Encoding alone, or compress what it names so"),
    ("cannot be read", "network",
     "something between changes the answers, or the service writes other JSON than the standard",
     "compare what it answers without and with the proxies between"),
    ("which redirects", "network",
     "a proxy sends callers elsewhere, to log in perhaps", "let the proxy hand the calls on"),
    ("the connection broke", "network", "the answer ends before it is complete",
     "see the log of the service and of the proxies between"),
)  # fmt: skip
# A sign of a transport failure, what it usually means, and what to do.
FAILURES: Final = (
    ("CERTIFICATE_VERIFY_FAILED", "TLS", "the certificate is not signed by an authority that this "
     "machine knows, or is not for this host name, or is out of date",
     "set network.ca_file to the authority's PEM file, or renew the certificate"),
    ("no TLS handshake", "TLS", "what listens there does not finish the handshake; perhaps "
     "a firewall holds it up", "check host and port of base_url, and the firewall between"),
    ("SSL", "TLS", "the two sides do not agree on TLS; https:// may point to a plain http port",
     "try http:// or another port in base_url"),
    ("Name or service not known", "network", "the host name is unknown here",
     "correct base_url, or the name service of this machine"),
    ("name resolution", "network", "the host name cannot be looked up now",
     "correct base_url, or the name service of this machine"),
    ("refused", "network", "nothing listens at that address and port",
     "start the deployment, or correct host and port of base_url"),
    ("unreachable", "network", "there is no network route to it",
     "check the network, VPN and proxies between"),
    ("no answer in time", "network", "a firewall drops the packets, or the deployment is stuck",
     "check the firewall; raise limits.timeout_seconds if it is only slow"),
    ("timed out", "network", "a firewall drops the packets, or the host is down",
     "check the firewall, and whether this machine may call the deployment"),
    ("the connection broke", "network",
     "what listens there does not speak plain HTTP, or it disconnects",
     "try https:// in base_url; check whether a proxy or firewall cuts the connection"),
    *SPOILT,
    ("HTTP 50", "network", "a proxy answers in the deployment's place: the gateway is down",
     "start the gateway; read the proxy's log"),
    ("no status of HTTP", "network", "a firewall, or a filter of robots, answers in its place",
     "let it pass calls from this machine"),
    ("HTTP 429", "network", "the deployment answers 429 (too many requests)",
     "lower limits.requests_per_second"),
)  # fmt: skip
# The same before anything was sent, where requests leave by a way of their own.
NO_WAY: Final = (
    "", "network", "the proxy of network.egress is down, unknown, or lets nothing through",
    "correct network.egress, or start that proxy and let it hand the calls on",
)  # fmt: skip
NO_ADDRESS: Final = (
    "", "network", "network.egress names an address that this machine does not have, or of another "
    "kind than that of the deployment",
    "write local: and an address of this machine in network.egress",
)  # fmt: skip
OWN_ADDRESS: Final = ("assign requested address", "Address family")
DOWN: Final = (
    "", "network", "the deployment is down, or is not at this address",
    "check base_url and the network between",
)  # fmt: skip


def what_spoils(reason: str) -> tuple[str, str] | None:
    """Return cause and remedy where a call got an answer that cannot be read; else None."""
    return next(((cause, remedy) for sign, _, cause, remedy in SPOILT if sign in reason), None)


@dataclass(slots=True)
class Connection:
    """What was seen of the connection; `responses`: whether the deployment answers at all."""

    diagnostics: list[Diagnostic] = field(default_factory=list)
    responses: bool = False
    gateway: str = ""  # zuul, spring, or empty where it does not show


def examine_connectivity(client: Client) -> Connection:
    """Call without a token: what comes back shows the state of the connection and the gateway."""
    connection = Connection()
    response = _reached(client, connection.diagnostics)
    if response is None:
        return connection
    connection.responses = True
    connection.diagnostics += _tls(client), _clock(client, response)
    connection.gateway = _gateway(response)
    connection.diagnostics += _declared(client, response, connection.gateway)
    connection.diagnostics += _wording(client, response)
    return connection


def _reached(client: Client, diagnostics: list[Diagnostic]) -> Response | None:
    try:
        response = client.call("gateway.search", as_=ANONYMOUS, tolerant=True)
    except Unanswered as problem:
        if problem.response is not None and problem.response.status in REDIRECTS:
            diagnostics.append(_redirect(client, problem.response))
            return None
        page = "an HTML page" in problem.reason
        diagnostics.append(
            _web_page(problem.reason, blocking=True)
            if page
            else _transport_fault(client, problem.reason)
        )
        return None
    if response.status == NOT_FOUND and _nothing_stands_there(client):
        diagnostics.append(
            fault(
                "network",
                "there is no DIGIT gateway at this address",
                evidence=f"it answers {response.description}, and the same to a token request",
                cause="another server answers there, or the path of the gateway is missing",
                remedy="write the address of the gateway in base_url, with its path prefix if it "
                "has one; services that are mounted elsewhere in network.prefixes",
                blocking=True,
            )
        )
        return None
    if response.body is None and "<html" in response.text[:1000].lower():
        diagnostics.append(_web_page(f"{response.description} with an HTML page", blocking=False))
    else:
        diagnostics.append(well("network", f"it answers ({response.description})"))
    return response


def _nothing_stands_there(client: Client) -> bool:
    """Return whether a token request, too, finds nothing: every gateway has a user service."""
    try:
        form = {"grant_type": "password"}
        response = client.call(LOGIN, as_=ANONYMOUS, form=form, tolerant=True, once=True)
    except Inconclusive:
        return False
    return response.status == NOT_FOUND


def _redirect(client: Client, response: Response) -> Diagnostic:
    """Return where all of the deployment has moved to, as far as the redirect shows that."""
    location = response.headers.get("location", "").partition("?")[0]
    called = urlsplit(response.exchange.url).path
    path = called.removeprefix(urlsplit(client.target.base_url).path)
    base = _joined(response.exchange.url, location).removesuffix(path)
    moved = bool(location) and location.endswith(path) and base != client.target.base_url
    return fault(
        "network",
        f"it redirects to {base if moved else location}"
        if location
        else "it has no answer of its own",
        evidence=response.description,
        cause="base_url is not where the gateway answers; http leads to https, say"
        if moved
        else "a proxy sends callers elsewhere, to log in perhaps; nothing was refused",
        remedy=f"write {base} in base_url"
        if moved
        else "let the proxy hand the calls on, or correct base_url",
        blocking=True,
    )


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:  # it is no address
        return location


def _web_page(evidence: str, *, blocking: bool) -> Diagnostic:
    return fault(
        "network",
        "a web page answers where the gateway is expected",
        evidence=evidence,
        cause="base_url leads to a web server or proxy, or lacks a path prefix",
        remedy="correct base_url (with its prefix) or network.prefixes",
        blocking=blocking,
    )


def _transport_fault(client: Client, reason: str) -> Diagnostic:
    egress = client.target.network.egress
    found = [each for each in FAILURES if each[0] in reason]
    if egress and "no connection" in reason:
        if not egress.startswith("local:"):
            found = [NO_WAY]
        elif any(sign in reason for sign in OWN_ADDRESS):
            found = [NO_ADDRESS]
    _, area, cause, remedy = found[0] if found else DOWN
    return fault(
        area,
        "no usable answer comes back",
        evidence=f"{client.target.base_url}: {reason.partition(': ')[2] or reason}",
        cause=cause,
        remedy=f"{remedy}; then\n"
        f"curl -sS -X POST '{client.target.base_url}/pg-service/gateway/v1/_search'",
        blocking=True,
    )


def _tls(client: Client) -> Diagnostic:
    if client.target.base_url.startswith("https://"):
        return well("TLS", "the certificate is valid")
    return unseen("TLS", "", "the deployment is reached by plain http")


def _clock(client: Client, response: Response) -> Diagnostic:
    if client.target.clock_url:
        return unseen("clock", "", "it is a virtual clock, which the checks read and move")
    if "date" not in {name.lower() for name in response.headers}:
        return unseen("clock", "", "answers carry no Date header")
    skew = client.skew
    if abs(skew) <= TOLERABLE_SKEW:
        return well("clock", f"it is within a minute of ours ({skew / 1000:+.1f} s)")
    return fault(
        "clock",
        f"the deployment's clock is {abs(skew) / 1000:.0f} s "
        f"{'ahead of' if skew > 0 else 'behind'} ours",
        evidence=f"Date: {response.headers.get('date')}",
        cause="one of the two machines does not follow a time server",
        remedy="let both follow a time server (timedatectl set-ntp true); the dates of receipts "
        "depend on it",
    )


def _gateway(response: Response) -> str:
    """Return the kind of gateway by how it refuses without a token."""
    if response.status != 401:
        return ""
    if "x-correlation-id" in response.headers:
        return "zuul"
    return "" if "content-type" in response.headers else "spring"


def _declared(client: Client, response: Response, kind: str) -> list[Diagnostic]:
    """Compare the kind of gateway with the profile."""
    declared = client.target.network.gateway
    if declared in {"detect", kind} or not kind:
        return []
    return [
        fault(
            "network",
            f"the gateway behaves as {kind}, the profile declares {declared}",
            evidence=f"{response.description}, headers {', '.join(sorted(response.headers))}",
            cause="the profile is out of date, or a proxy changes headers",
            remedy="set network.gateway to detect",
        )
    ]


def _wording(client: Client, without: Response) -> list[Diagnostic]:
    """See whether the profile knows the words by which an unknown token is refused.

    A status of its own, 401 or 403, needs no words; `without` was answered without a token.
    """
    if without.succeeded:
        return []
    try:
        response = client.call(
            "gateway.search", as_=ANONYMOUS, token=str(uuid.uuid4()), tolerant=True
        )
    except Inconclusive:
        return []
    if response.no_session or response.succeeded or response.status in {401, 403, 404}:
        return []
    return [
        fault(
            "credential",
            "an unknown token is refused with a text that the profile does not know",
            evidence=f"{response.description}, and none of {', '.join(response.texts.no_session)}",
            cause="this deployment refuses with other texts than DIGIT does",
            remedy="set error_texts.no_session to a code, or a part of the text, that only such "
            "refusals hold; check the other error_texts, too. The answer is to this call:\n"
            f"{curl(response.exchange)}",
        )
    ]
