"""How a request brings a token or credentials, and in which headers it claims something."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from conformance.bbps.dimensions.dimension import Dimension
from conformance.client.parts import FORM, JSON, Parts
from conformance.client.response import encode

ELSEWHERE: Final = "198.51.100.9"  # kept for documentation: nobody calls from there
GET: Final = "GET"
User = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """Where a request has its token: `{token}` stands for it. `form` sends the body as a form."""

    info: str = ""  # name of the RequestInfo that has it
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    form: bool = False
    method: str = "POST"

    @property
    def ordinary(self) -> bool:
        """Whether a request without the token is what it would be by any other carrier."""
        return self.method == "POST" and not self.form

    def parts(self, token: str, query: Mapping[str, Any], body: Mapping[str, Any]) -> Parts:
        """Return the parts of a request with a token; an empty one is left out."""
        own = {"authToken": token} if token else {}
        headers = {name: form.format(token=token) for name, form in self.headers.items()}
        named = {name: form.format(token=token) for name, form in self.query.items()}
        parts: Parts = {
            "query": {**query, **(named if token else {})},
            "headers": headers if token else {},
            "method": self.method,
            "tolerant": True,
        }
        if self.method == GET:
            return {**parts, "raw": b""}
        if self.form:
            flat = {key: value for key, value in body.items() if isinstance(value, str)}
            content = urlencode({**flat, **own, "access_token": token})
            return {**parts, "raw": content.encode(), "content_type": FORM}
        info = {self.info or "RequestInfo": own if self.info else {}}
        return {**parts, "raw": encode({**info, **body}), "content_type": JSON}


CARRIER: Final = Dimension(
    name="carrier of the token",
    source="USR-09; gateways of DIGIT read the token from the body, some from a header; others "
    "that stand before them know bearer tokens, queries and cookies",
    values={
        "RequestInfo": Carrier(info="RequestInfo"),
        "the header auth-token": Carrier(headers={"auth-token": "{token}"}),
        "requestInfo": Carrier(info="requestInfo"),
        "a bearer token": Carrier(headers={"Authorization": "Bearer {token}"}),
        "the query": Carrier(
            query={"access_token": "{token}", "auth-token": "{token}", "authToken": "{token}"}
        ),
        "a cookie": Carrier(headers={"Cookie": "access_token={token}; auth-token={token}"}),
        "a form": Carrier(form=True, headers={"auth-token": "{token}"}),
        "the header of a GET": Carrier(method=GET, headers={"auth-token": "{token}"}),
        "the query of a GET": Carrier(method=GET, query={"access_token": "{token}"}),
    },
)

Form = Mapping[str, str]
Way = Callable[[Form], Parts]


def _half(form: Form) -> Parts:
    rest = {name: value for name, value in form.items() if name != "password"}
    return {"form": rest, "query": {"password": form.get("password", "")}}


def _multipart(form: Form) -> Parts:
    boundary = "conformance"
    fields = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in form.items()
    )
    content = f"{fields}--{boundary}--\r\n".encode()
    return {"raw": content, "content_type": f"multipart/form-data; boundary={boundary}"}


def _basic(form: Form) -> Parts:
    pair = base64.b64encode(f"{form.get('username')}:{form.get('password')}".encode()).decode()
    rest = {name: form[name] for name in form if name not in {"username", "password"}}
    return {"form": rest, "headers": {"Authorization": f"Basic {pair}"}}


WAY_OF_LOGIN: Final[Dimension[Way]] = Dimension(
    name="way of the login",
    source="USR-04, USR-06; a framework reads parameters of a form and of a query alike, and what "
    "looks at one of them may overlook the other",
    values={
        "a form": lambda form: {"form": form},
        "a query": lambda form: {"query": form, "raw": b"", "content_type": FORM},
        "a form and a query": _half,
        "a query by GET": lambda form: {"query": form, "raw": b"", "method": GET},
        "JSON": lambda form: {"raw": encode(dict(form)), "content_type": JSON},
        "a form in parts": _multipart,
        "basic authorization": _basic,
    },
)

GRANT: Final[Dimension[Callable[[str], Form]]] = Dimension(
    name="grant",
    source="USR-06; a session is renewed by other code than it is begun by",
    values={
        "password": lambda _: {},
        "refresh token": lambda refresh: {
            "grant_type": "refresh_token", "refresh_token": refresh, "password": "",
        },
    },
)  # fmt: skip

# Headers by which proxies say where a request came from.
FORWARDING: Final[tuple[str, ...]] = (
    "X-Forwarded-For", "X-Real-IP", "Forwarded", "True-Client-IP", "Client-IP", "X-Client-IP",
    "X-Originating-IP", "X-Remote-IP", "X-Remote-Addr", "X-ProxyUser-Ip", "X-Forwarded",
    "Forwarded-For", "Forwarded-For-IP", "X-Forwarded-Client-IP", "X-Original-Forwarded-For",
    "X-Original-Client-IP", "X-Cluster-Client-IP", "X-Envoy-External-Address",
    "X-Custom-IP-Authorization", "Via-IP", "WL-Proxy-Client-IP", "Proxy-Client-IP",
    "HTTP-X-Forwarded-For", "HTTP-Client-IP", "Remote-Addr", "X-Host-IP", "X-Source-IP",
    "X-User-IP", "X-Real-Client-IP", "X-Azure-ClientIP", "X-Azure-SocketIP",
    "X-Appengine-User-IP", "CF-Connecting-IP", "CF-Connecting-IPv6", "CF-Pseudo-IPv4",
    "Fastly-Client-IP", "Fly-Client-IP", "Akamai-Client-IP", "X-Akamai-Client-IP",
    "Ali-CDN-Real-IP", "CDN-Src-IP", "CDN-Real-IP", "X-Vercel-Forwarded-For",
    "X-NF-Client-Connection-IP", "X-Amz-Cf-Viewer-Address", "CloudFront-Viewer-Address",
    "Incap-Client-IP", "X-Sucuri-ClientIP", "DO-Connecting-IP", "X-Oracle-Client-IP",
)  # fmt: skip
Claim = Callable[[str, str], Mapping[str, str]]


def _claim(form: str) -> Claim:
    return lambda header, address: {header: _form_of(header, form).format(address=address)}


def _form_of(header: str, form: str) -> str:
    """Return how a header writes what others write as a bare address."""
    return form.replace("{address}", "for={address}") if header == "Forwarded" else form


def _second_line(header: str, address: str) -> Mapping[str, str]:
    first, second = (
        _form_of(header, "{address}").format(address=each) for each in (ELSEWHERE, address)
    )
    return {header: first, header.lower(): second}


CLAIMED_ADDRESS: Final[Dimension[Claim]] = Dimension(
    name="claimed address",
    source="USR-08; proxies append to the header of the client, before or behind what it says, or "
    "in a line of its own, and addresses of one's own network are trusted",
    values={
        "alone": _claim("{address}"),
        "before another": _claim("{address}, " + ELSEWHERE),
        "behind another": _claim(ELSEWHERE + ", {address}"),
        "in a second line": _second_line,
        "with a port": _claim("{address}:443"),
        "as IPv6": _claim("::ffff:{address}"),
        "loopback": lambda header, _: _claim("{address}")(header, "127.0.0.1"),
        "a private one": lambda header, _: _claim("{address}")(header, "10.0.0.1"),
    },
)

# Headers that switch off, somewhere, what a gateway checks.
BYPASS: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        (
            "x-pass-through-gateway", "X-Internal", "X-Internal-Request", "X-Internal-Call",
            "X-From-Gateway", "X-Gateway-Authenticated", "X-Authenticated", "X-Authorized",
            "X-Auth-Checked", "X-Auth-Passed", "X-Skip-Auth", "X-Skip-Authorization", "X-No-Auth",
            "X-Bypass", "X-Trusted", "X-Admin", "X-Is-Admin", "X-Debug", "X-Test",
        ),
        "true",
    ),
    **dict.fromkeys(("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"), GET),
}  # fmt: skip


def identity_headers(user: User) -> dict[str, str]:
    """Return headers that claim to come from a user (uuid, userName, type, tenantId, roles)."""
    uuid, name = str(user["uuid"]), str(user["userName"])
    codes = ",".join(str(role["code"]) for role in user["roles"])
    tenant, kind = str(user["tenantId"]), str(user["type"])
    whole = json.dumps(dict(user))
    return {
        **dict.fromkeys(("x-user-info", "X-Userinfo", "X-User"), whole),
        **dict.fromkeys(
            ("X-User-Id", "X-User-Uuid", "X-UserId", "X-Uuid", "X-Authenticated-UserId",
             "X-Consumer-Custom-Id", "X-Caller-Id"),
            uuid,
        ),
        **dict.fromkeys(
            ("X-User-Name", "X-Username", "X-Auth-User", "X-Forwarded-User", "X-Remote-User",
             "Remote-User", "X-Consumer-Username", "X-Authenticated-User"),
            name,
        ),
        **dict.fromkeys(
            ("X-User-Roles", "X-User-Role", "X-Roles", "X-Role", "X-Forwarded-Groups",
             "X-Auth-Roles", "X-Authorities"),
            codes,
        ),
        **dict.fromkeys(("X-User-Type", "X-Usertype"), kind),
        **dict.fromkeys(("X-Tenant-Id", "X-TenantId", "X-User-Tenant"), tenant),
    }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """What a request claims of its caller, beside the token."""

    info: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def parts(self, query: Mapping[str, Any], body: Mapping[str, Any]) -> Parts:
        """Return the parts of a request that makes the claim."""
        return {
            "query": {**self.query, **query},
            "body": {**body, **self.body},
            "request_info": self.info,
            "headers": self.headers,
        }


def _in_query(user: User) -> dict[str, str]:
    codes = ",".join(str(role["code"]) for role in user["roles"])
    own = {"userInfo": json.dumps(dict(user)), "uuid": str(user["uuid"]), "userType": user["type"]}
    return {**own, "userId": str(user["uuid"]), "roles": codes, "roleCodes": codes}


CLAIM: Final[Dimension[Callable[[User], Claimed]]] = Dimension(
    name="claim",
    source="USR-10; gateways replace userInfo in one RequestInfo, and hand a user on in headers",
    values={
        "RequestInfo": lambda user: Claimed(info={"userInfo": user}),
        "a second requestInfo": lambda user: Claimed(body={"requestInfo": {"userInfo": user}}),
        "other keys of RequestInfo": lambda user: Claimed(
            info={"UserInfo": user, "userinfo": user, "user": user, "plainAccessRequest": user}
        ),
        "the body": lambda user: Claimed(body={"userInfo": user, "roles": user["roles"]}),
        "the query": lambda user: Claimed(query=_in_query(user)),
        "headers": lambda user: Claimed(headers=identity_headers(user)),
    },
)


def claimed_everywhere(user: User, body: Mapping[str, Any]) -> Parts:
    """Return the parts of a request that claims a user by every channel at once."""
    claims = [claim(user) for claim in CLAIM.values.values()]
    return Claimed(
        info={name: each for claim in claims for name, each in claim.info.items()},
        body={name: each for claim in claims for name, each in claim.body.items()},
        query={name: each for claim in claims for name, each in claim.query.items()},
        headers={name: each for claim in claims for name, each in claim.headers.items()},
    ).parts({}, body)


# Headers by which proxies name the path that was called before they changed it.
PATH_HEADERS: Final = (
    "X-Original-URL", "X-Rewrite-URL", "X-Original-URI", "X-Forwarded-URI", "X-Forwarded-Path",
    "X-Request-URI", "X-Envoy-Original-Path",
)  # fmt: skip
