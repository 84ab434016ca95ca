"""The line to the deployment: network, TLS, clock, credentials, the second address."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from conformance.answers import Answer
from conformance.client import ANONYMOUS, Client
from conformance.doctor.looks import Look, fault, unseen, well
from conformance.evidence import curl
from conformance.records import read
from conformance.target import Actor
from conformance.transport import FIRST_EGRESS, SECOND_EGRESS
from conformance.verdicts import Inconclusive

TOLERABLE_SKEW: Final = 60_000  # ms; receipts are dated by the deployment's clock
HOLDERS: Final = ("integrator", "rival")  # actors that must hold the BBPS role
# What a transport failure says, what it usually means, and what to do.
FAILURES: Final = (
    ("CERTIFICATE_VERIFY_FAILED", "TLS", "the certificate is not signed by an authority that this "
     "machine knows, or is not for this host name, or is out of date",
     "set network.ca_file to the authority's PEM file, or renew the certificate"),
    ("SSL", "TLS", "the two sides do not agree on TLS; https:// may point to a plain http port",
     "try http:// or another port in base_url"),
    ("Name or service not known", "network", "the host name is unknown here",
     "correct base_url, or the name service of this machine"),
    ("name resolution", "network", "the host name cannot be looked up now",
     "correct base_url, or the name service of this machine"),
    ("refused", "network", "nothing listens at that address and port",
     "start the deployment, or correct host and port of base_url"),
    ("unreachable", "network", "no route leads there", "see the network, VPN and proxies between"),
    ("no answer in time", "network", "a firewall drops the packets, or the deployment is stuck",
     "see the firewall; raise limits.timeout_seconds if it is only slow"),
    ("timed out", "network", "a firewall drops the packets, or the host is down",
     "see the firewall and whether this machine may call the deployment"),
    ("HTTP 50", "network", "a proxy answers in the deployment's place: the gateway is down",
     "start the gateway; see the proxy's log"),
    ("HTTP 429", "network", "the deployment asks to slow down",
     "lower limits.requests_per_second"),
)  # fmt: skip
# What a refused token request says, what it usually means, and what to do.
REFUSALS: Final = (
    ("lock", "the account is locked after wrong passwords", "unlock it, or wait an hour"),
    ("activate", "the account is switched off", "set it active, see /user/users/_updatenovalidate"),
    ("Invalid login credentials", "user name, password, type or tenant is wrong; the platform "
     "says the same for all four", "correct actors.{actor} (username, password, type, tenant)"),
    ("TenantId", "the tenant is missing or unknown", "correct actors.{actor}.tenant"),
    ("HTTP 401", "the OAuth client is unknown, or its secret is wrong",
     "correct oauth.client_id and oauth.client_secret"),
    ("HTTP 403", "something before the user service refuses this machine's address",
     "have our address white-listed, or set network.egress to one that is"),
    ("HTTP 404", "no user service is mounted there", "correct base_url or network.prefixes"),
)  # fmt: skip


@dataclass(slots=True)
class Line:
    """What was seen of the line; `answers` tells whether anything further can be asked."""

    looks: list[Look] = field(default_factory=list)
    answers: bool = False
    detected: str = ""


def examine_line(client: Client) -> Line:
    """Ask for anything without a token, then for a token of each supplied actor."""
    line = Line()
    answer = _reached(client, line.looks)
    if answer is None:
        return line
    line.answers = True
    line.looks += _tls(client), _clock(client, answer)
    line.detected = _gateway(client, answer, line.looks)
    for name, actor in client.target.actors.items():
        if actor.create:
            line.looks.append(unseen("credential", name, "the run creates this SYSTEM user"))
        else:
            line.looks += _credential(client, name, actor)
    line.looks.append(_second_address(client))
    return line


def _reached(client: Client, looks: list[Look]) -> Answer | None:
    try:
        answer = client.call("gateway.search", as_=ANONYMOUS, tolerant=True)
    except Inconclusive as problem:
        page = "an HTML page" in problem.reason
        looks.append(
            _web_page(problem.reason, blocking=True)
            if page
            else _transport_fault(client, problem.reason)
        )
        return None
    if answer.body is None and "<html" in answer.text[:1000].lower():
        looks.append(_web_page(f"{answer.in_words} with an HTML page", blocking=False))
    else:
        looks.append(well("network", f"it answers ({answer.in_words})"))
    return answer


def _web_page(evidence: str, *, blocking: bool) -> Look:
    return fault(
        "network",
        "a web page answers where the gateway is expected",
        evidence=evidence,
        cause="base_url leads to a web server or proxy, or lacks a path prefix",
        remedy="correct base_url (with its prefix) or network.prefixes",
        blocking=blocking,
    )


def _transport_fault(client: Client, reason: str) -> Look:
    area, cause, remedy = "network", "the deployment is down, or not there", ""
    for sign, where, meaning, advice in FAILURES:
        if sign in reason:
            area, cause, remedy = where, meaning, advice
            break
    return fault(
        area,
        "nothing usable answers",
        evidence=f"{client.target.base_url}: {reason.partition(': ')[2] or reason}",
        cause=cause,
        remedy=f"{remedy or 'see base_url and the network between'}; then\n"
        f"curl -sS -X POST '{client.target.base_url}/pg-service/gateway/v1/_search'",
        blocking=True,
    )


def _tls(client: Client) -> Look:
    if client.target.base_url.startswith("https://"):
        return well("TLS", "the certificate holds")
    return unseen("TLS", "", "the deployment is reached by plain http")


def _clock(client: Client, answer: Answer) -> Look:
    if "date" not in {name.lower() for name in answer.headers}:
        return unseen("clock", "", "answers carry no Date header")
    skew = client.skew
    if abs(skew) <= TOLERABLE_SKEW:
        return well("clock", f"it is within a minute of ours ({skew / 1000:+.1f} s)")
    return fault(
        "clock",
        f"the deployment's clock is {abs(skew) / 1000:.0f} s "
        f"{'ahead of' if skew > 0 else 'behind'} ours",
        evidence=f"Date: {answer.headers.get('date')}",
        cause="one of the two machines does not follow a time server",
        remedy="let both follow one (timedatectl set-ntp true); dates of receipts depend on it",
    )


def _gateway(client: Client, answer: Answer, looks: list[Look]) -> str:
    """Tell the gateway by how it refuses without a token; hold that against the profile."""
    declared = client.target.network.gateway
    kind = ""
    if answer.status == 401:
        marked = "x-correlation-id" in answer.headers
        kind = "zuul" if marked else "" if "content-type" in answer.headers else "spring"
    if declared != "detect" and kind and kind != declared:
        looks.append(
            fault(
                "network",
                f"the gateway behaves as {kind}, the profile says {declared}",
                evidence=f"{answer.in_words}, headers {', '.join(sorted(answer.headers))}",
                cause="the profile is out of date, or a proxy changes headers",
                remedy="set network.gateway to detect",
            )
        )
    return f"gateway {kind or 'not told apart'}" + ("" if kind else f" ({answer.in_words})")


def _credential(client: Client, name: str, actor: Actor) -> Iterator[Look]:
    """Obtain a token of one actor, once: repeated failures would lock the account."""
    try:
        answer = client.login(name)
    except Inconclusive as problem:
        yield fault(
            "credential",
            f"the {name} obtains no token",
            evidence=problem.reason,
            cause="what answers is no user service, or it is in trouble",
            remedy=problem.remedy,
            blocking=True,
        )
        return
    body = answer.body if isinstance(answer.body, dict) else {}
    token = str(body.get("access_token") or "")
    if not answer.succeeded or not token:
        yield _refused(name, answer)
        return
    client.enlist(name, actor, token)
    yield well("credential", f"the {name} obtains a token")
    if name in HOLDERS:
        yield from _role_of(client, name, answer)


def _refused(name: str, answer: Answer) -> Look:
    said = f"{answer.in_words} {answer.text[:500]}"
    cause, remedy = "the answer holds no token", "correct actors.{actor} in the profile"
    for sign, meaning, advice in REFUSALS:
        if sign.lower() in said.lower():
            cause, remedy = meaning, advice
            break
    return fault(
        "credential",
        f"the {name} obtains no token",
        evidence=answer.in_words,
        cause=cause,
        remedy=f"{remedy.format(actor=name)}; then\n{curl(answer.exchange)}",
        blocking=True,
    )


def _role_of(client: Client, name: str, answer: Answer) -> Iterator[Look]:
    role = client.target.role
    try:
        roles = [each.get("code") for each in read(answer.body, "UserRequest", "roles")]
    except (Inconclusive, AttributeError, TypeError):
        yield unseen("role", f"of the {name}", "the token answer names no roles")
        return
    if role in roles:
        yield well("role", f"the {name} holds {role}")
        return
    yield fault(
        "role",
        f"the {name} does not hold {role}",
        evidence=f"the token answer names {', '.join(map(str, roles)) or 'no role'}",
        cause="the account was created without it, or role in the profile is misspelt",
        remedy=f"add the role to the account by /user/users/_updatenovalidate:\n"
        f'"roles": [{{"code": "{role}", "tenantId": "{client.target.state_tenant}"}}]',
    )


def _second_address(client: Client) -> Look:
    network = client.target.network
    if not network.second_egress:
        return unseen(
            "address", "", "the profile names no second address",
            "set network.second_egress to local:ADDRESS or a proxy that is not white-listed; "
            "without it USR-06, USR-07 and half of USR-08 stay undecided",
        )  # fmt: skip
    if network.second_egress == (network.egress or FIRST_EGRESS):
        return fault(
            "address",
            "the second address is the first one",
            evidence="network.egress and network.second_egress are equal",
            cause="the profile names one address twice",
            remedy="name another in network.second_egress",
        )
    try:
        answer = client.call("gateway.search", as_=ANONYMOUS, egress=SECOND_EGRESS, tolerant=True)
    except Inconclusive as problem:
        return fault(
            "address",
            "the deployment is not reached from the second address",
            evidence=problem.reason,
            cause="that address is not of this machine, the proxy is down, or a firewall "
            "refuses it (which may be the white list at work: USR-06 will tell)",
            remedy="correct network.second_egress, or see what stands between",
        )
    return well("address", f"the second address is answered, too ({answer.in_words})")
