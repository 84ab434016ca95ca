"""Builds the request of a call: its path, query and headers, and a body with its RequestInfo."""

import base64
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from conformance.client.parts import FORM, JSON, Parts, path_of
from conformance.client.response import encode
from conformance.client.transport import FIRST_EGRESS, RawRequest
from conformance.contracts import Operation
from conformance.profile.target import Target

LOGIN: Final = "token.create"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One request as it leaves, with its parts as the contract sees them."""

    raw: RawRequest
    query: Mapping[str, Any]
    body: Any  # None where the body is no document
    media_type: str


def build(target: Target, operation: Operation, parts: Parts, token: str) -> Sent:
    """Build the request of a call; `token` goes into its RequestInfo, and its header, if any."""
    query = {key: value for key, value in parts.get("query", {}).items() if value is not None}
    path = target.network.placed(path_of(operation.path, parts))
    encoded = urlencode(
        {key: _query_value(value) for key, value in query.items()}, doseq=True, errors="replace"
    )
    headers = {"Accept": JSON, "Accept-Language": "en", "traceparent": _traceparent()}
    document, content, content_type = _content(target, query, parts, token)
    if operation.name == LOGIN:
        headers["Authorization"] = _client_credential(target)
    if content or content_type != JSON:
        headers["Content-Type"] = content_type
    if token and "token_header" in parts:
        headers[parts["token_header"]] = token
    headers |= parts.get("headers", {})
    raw = RawRequest(
        method=parts.get("method", operation.method),
        url=f"{target.base_url}{path}" + (f"?{encoded}" if encoded else ""),
        headers=headers,
        content=content,
        egress=parts.get("egress", FIRST_EGRESS),
        paced=not parts.get("together", False),
    )
    return Sent(raw=raw, query=query, body=document, media_type=content_type)


def carries_request_info(parts: Parts) -> bool:
    """Whether a call gets a RequestInfo of the suite, and with it a token."""
    return not {"raw", "form"} & parts.keys() and "RequestInfo" not in parts.get("body", {})


def _content(
    target: Target, query: Mapping[str, Any], parts: Parts, token: str
) -> tuple[Any, bytes, str]:
    """Return the document of a body, its bytes and its media type."""
    if "raw" in parts:
        return None, parts["raw"], parts.get("content_type", JSON)
    if "form" in parts:
        form = dict(parts["form"])
        return form, urlencode(form, errors="replace").encode(), parts.get("content_type", FORM)
    body = dict(parts.get("body", {}))
    if carries_request_info(parts):
        body = {"RequestInfo": _request_info(parts, token), **body}
    if "tenantId" not in query and not _names_tenant(body):
        body["tenantId"] = target.tenant  # role checks of some gateways need one
    return body, encode(body), parts.get("content_type", JSON)


def _request_info(parts: Parts, token: str) -> dict[str, Any]:
    info: dict[str, Any] = {
        "apiId": "bbps-conformance",
        "ver": "1.0",
        "ts": int(time.time() * 1000),
        "action": "",
        "msgId": "conformance|en_IN",
    }
    if token:
        info["authToken"] = token
    return info | dict(parts.get("request_info", {}))


def _client_credential(target: Target) -> str:
    client = target.oauth
    pair = f"{client.client_id}:{client.client_secret.get_secret_value()}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def _query_value(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [str(item) for item in value]
    return str(value)


def _names_tenant(node: Any) -> bool:
    """Whether a tenantId stands anywhere in a body, outside of RequestInfo."""
    if isinstance(node, dict):
        return "tenantId" in node or any(
            _names_tenant(value) for key, value in node.items() if key != "RequestInfo"
        )
    return isinstance(node, list) and any(_names_tenant(item) for item in node)


def _traceparent() -> str:
    number = secrets.token_hex(24)
    return f"00-{number[:32]}-{number[32:]}-01"
