"""What a request of a collection sends, as the parts of a step."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from conformance.contracts.endpoints import ENDPOINTS
from conformance.core.foreign_files import file_in
from conformance.core.redaction import names_secret
from conformance.profile.section import refuse_unsendable
from conformance.scenarios.postman.address import (
    Address,
    address,
    collected,
    operation_at,
    other_scheme,
)
from conformance.scenarios.postman.body import document
from conformance.scenarios.postman.credentials import VARIABLE, Credentials
from conformance.scenarios.postman.file_names import file_name, text_of, unique
from conformance.scenarios.postman.filling import Filling
from conformance.scenarios.postman.format import Pair
from conformance.scenarios.postman.reader import PostmanRequest
from conformance.scenarios.postman.searching import LONGEST

METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
# Headers that the client sets itself.
OWN: Final = frozenset(
    {"content-length", "host", "connection", "accept-encoding", "postman-token",
     "transfer-encoding"}
)  # fmt: skip
# Headers that say who calls: the actor of a step does.
WHO: Final = frozenset({"authorization", "auth-token", "cookie", "x-auth-token", "access-token"})
NOBODY: Final = frozenset({"", "bearer", "basic"})  # values of those that name nobody
SIGNED: Final = "what authorises it ({}) would have to be computed, and is left out"
_TYPES: Final = (("{", JSON), ("[", JSON), ("<", "application/xml"))
_PARAMETERS: Final = re.compile(r"\{(\w+)\}")
_SAFE: Final = "{}:@!$&'()*+,;=~-._%"


class Unsendable(Exception):
    """A request is left out; the text says why."""


class StepRequest:
    """One request, on its way to become a step."""

    def __init__(
        self,
        request: PostmanRequest,
        filling: Filling,
        credentials: Credentials,
        note: Callable[[str], None],
        folder: Path,
    ) -> None:
        """Take what a request is read with; `folder` is that of the collection."""
        self._request = request
        self._folder = folder
        self._filling = filling
        self._credentials = credentials
        self._note = note
        self._place = credentials.clean(request.place)
        self._headers: dict[str, str] = {}
        self._type = ""
        self.anonymous = True  # as long as nothing of it says who calls
        names = Counter(each.key.lower() for each in request.header if each.used)
        for each in request.header:
            if each.used:
                self.add_header(self._fill(each.key), self._fill(each.value))
            elif each.key:
                note(f"the header {each.key} is disabled")
        for name in (each.key for each in request.header if names.pop(each.key.lower(), 0) > 1):
            note(f"the header {name} is given several times: only the last one is sent")

    def add_header(self, name: str, value: str) -> None:
        """Send a header, in place of one of the same name."""
        if name.lower() == "content-type":
            self._type = value if self._sendable(name, value.strip()) else ""
        known = next((each for each in self._headers if each.lower() == name.lower()), name)
        self._headers.pop(known, None)
        self._headers[name] = self._credentials.value(value, self._place, name)

    def parts(
        self, templates: Mapping[str, str], files: dict[str, str]
    ) -> tuple[dict[str, Any], str, str]:
        """Return the parts of the step, its operation if it is one, and where else it goes.

        `files` gets each file that it names: the name there, and the one below the collection.
        Raises Unsendable where a scenario cannot say it.
        """
        scheme = other_scheme(self._request.url, self._fill)
        if scheme:
            raise Unsendable(f"its address is one of {scheme}, and none of http")
        target = address(self._request.url, self._fill)
        if not target.path:
            written = bool(self._request.url.raw or self._request.url.path)
            raise Unsendable("its address cannot be read" if written else "it has no address")
        method = self._request.method or "GET"
        if method not in METHODS:
            raise Unsendable(f"{method} is no method that a scenario sends")
        for name in target.disabled:
            self._note(f"the parameter {name} is disabled")
        query = dict(target.query)
        self._authorise(query)
        found = operation_at(target.path, templates)
        parts: dict[str, Any] = {}
        operation = ""
        if found and ENDPOINTS[found[0]].method == method:
            operation, in_path = found
            parts["call"] = operation
            if in_path:
                parts["path"] = self._cleaned(in_path)
        else:
            path = self._path(target, found)
            parts["request"] = {"method": method, "path": path}
            if target.host and not VARIABLE.search(target.host):
                self._note(f"the host {target.host} is replaced by that of the target")
        if query:
            parts["query"] = {
                self._clean(key): self._query_value(key, each) for key, each in query.items()
            }
        body = self._body(files)
        parts |= body
        self._note_type(body)
        headers = self._sent_headers(operation)
        if headers:
            parts["headers"] = headers
        where = f"{method} {target.path}"
        return parts, operation, self._clean(where)

    def _path(self, target: Address, found: tuple[str, dict[str, str]] | None) -> str:
        if found:  # an operation, by another method
            values = found[1]
            return _PARAMETERS.sub(lambda each: values[each[1]], ENDPOINTS[found[0]].path)
        segments = [self._clean(each) for each in target.path.split("/")]
        return "/".join(quote(each, safe=_SAFE) for each in segments)

    def _query_value(self, key: str, value: str | list[str]) -> Any:
        if isinstance(value, list):
            return [self._credentials.value(each, self._place, key) for each in value]
        return self._credentials.value(value, self._place, key)

    def _sent_headers(self, operation: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, value in self._headers.items():
            lowered = name.lower()
            if lowered == "content-type":
                continue
            if lowered in WHO and value.strip().lower() not in NOBODY:
                self.anonymous = False
            if lowered in OWN:
                self._note(f"the header {name} is left out: the client sends its own")
                continue
            if operation and lowered in WHO:
                self._note(f"the header {name} is left out: the actor of the step says who calls")
                continue
            line = re.sub(r"[\r\n]+", " ", value).strip()
            if self._sendable(name, line):
                found[name] = line
        return found

    def _sendable(self, name: str, value: str) -> bool:
        """Whether HTTP can carry a header; noted where it cannot."""
        try:
            refuse_unsendable(name, VARIABLE.sub("1", value))
        except ValueError as problem:
            self._note(f"a header is left out: {problem}")
            return False
        return True

    def _note_type(self, body: Mapping[str, Any]) -> None:
        """Note a media type that is not sent, because of what the body is."""
        kind = self._type.partition(";")[0].strip().lower()
        sent = body.get("content_type") or (FORM if "form" in body else JSON)
        if kind and str(sent).partition(";")[0].strip().lower() != kind:
            self._note(f"the header Content-Type: {self._type} is left out: {sent} is sent")

    def _authorise(self, query: dict[str, Any]) -> None:
        """Add what authorises the request, by value."""
        auth = self._request.auth
        if auth is None or auth.type in {"", "noauth", "inherit"}:
            return
        given = {each.key: self._fill(each.value) for each in auth.attributes if each.used}
        kind = auth.type.lower()
        self.anonymous = kind == "bearer" and not given.get("token")
        for name, value in given.items():
            if names_secret(name) and value:
                self._credentials.take(value, self._place, name)
        if kind == "bearer":
            self.add_header("Authorization", f"Bearer {given.get('token', '')}")
        elif kind == "oauth2":
            self._oauth2(given, query)
        elif kind == "apikey":
            name = given.get("key", "") or "api_key"
            value = self._secret(given.get("value", ""), name)
            if given.get("in") == "query":
                query[name] = value
            else:
                self.add_header(name, value)
        elif kind == "basic":
            self._basic(given)
        else:
            self._note(SIGNED.format(kind))

    def _oauth2(self, given: Mapping[str, str], query: dict[str, Any]) -> None:
        token = given.get("accessToken", "")
        if not token:
            self._note("its token of OAuth 2 would have to be requested, and is left out")
        elif given.get("addTokenTo", "").startswith("query"):
            query["access_token"] = token
        else:
            prefix = given.get("headerPrefix", "Bearer").strip() or "Bearer"
            self.add_header("Authorization", f"{prefix} {self._secret(token, 'access_token')}")

    def _basic(self, given: Mapping[str, str]) -> None:
        user, password = given.get("username", ""), given.get("password", "")
        if password:
            self._secret(password, "password")
        pair = f"{user}:{password}"
        if VARIABLE.search(pair):
            name = self._filling.name("basic_credential")
            self._note(f"{{{{{name}}}}} is user:password in base64, which data cannot compute")
            self.add_header("Authorization", "Basic {{" + name + "}}")
            return
        value = self._credentials.take(pair, self._place, "basic_credential")
        self.add_header("Authorization", f"Basic {value}")

    def _secret(self, value: str, name: str) -> str:
        return self._credentials.take(value, self._place, name)

    def _body(self, files: dict[str, str]) -> dict[str, Any]:
        """Return the body as one of body, form, text and file."""
        body = self._request.body
        if body.disabled:
            self._note("its body is disabled")
            return {}
        mode = body.mode or next(
            (each for each in ("raw", "urlencoded", "formdata") if getattr(body, each)), ""
        )
        if max(len(body.raw), len(body.graphql.query), len(body.graphql.variables)) > LONGEST:
            self._note(f"its body is left out: it is longer than {LONGEST} characters")
            return {}
        if mode == "raw":
            return self._raw(self._fill(body.raw))
        if mode == "urlencoded":
            return self._form(body.urlencoded, "")
        if mode == "formdata":
            return self._form(body.formdata, "multipart/form-data")
        if mode == "graphql":
            whole = {"query": self._fill(body.graphql.query)}
            variables = (
                document(self._fill(body.graphql.variables)) if body.graphql.variables else None
            )
            if variables is not None:
                whole |= {"variables": variables}  # type: ignore[dict-item]
            elif body.graphql.variables.strip():
                self._note("the variables of its query are no JSON, and are left out")
            if body.graphql.operation:
                whole["operationName"] = self._fill(body.graphql.operation)
            return {"body": self._cleaned(whole)}
        if mode in {"file", "binary"}:
            return self._file(files)
        if mode not in {"", "none"}:
            self._note(f"its body is left out: {mode} is no kind of body that Postman has")
        return {}

    def _raw(self, text: str) -> dict[str, Any]:
        if not text.strip():
            return {}
        read = document(text)
        if isinstance(read, dict):
            own = [key for key, each in read.items() if _is_request_info(key, each)]
            for key in own:
                if read[key].get("authToken"):
                    self.anonymous = False
                self._cleaned(read.pop(key))  # so that the report lists its credentials
            return {"body": self._cleaned(read)} if read or not own else {}
        if isinstance(read, list):
            return {"body": self._cleaned(read)}
        kind = self._type or next(
            (each for start, each in _TYPES if text.lstrip().startswith(start)), "text/plain"
        )
        return {"text": self._clean(text), "content_type": self._clean(kind)}

    def _form(self, fields: tuple[Pair, ...], kind: str) -> dict[str, Any]:
        pairs: list[tuple[str, str]] = []
        for each in fields:
            if not each.used:
                if each.key:
                    self._note(f"the field {each.key} is disabled")
            elif each.type == "file" or each.src:
                named = self._clean(", ".join(each.src))
                self._note(f"the field {each.key} is left out: it is the file {named or '(none)'}")
            else:
                key = self._fill(each.key)
                value = self._credentials.value(self._fill(each.value), self._place, key)
                pairs.append((self._clean(key), value))
        form = collected(pairs)
        if not form:
            return {}
        if not any(isinstance(each, list) for each in form.values()):
            return {"form": form} | ({"content_type": kind} if kind else {})
        if kind:
            self._note("a field that is given several times is sent in an urlencoded form")
        return {"text": urlencode(pairs, safe="{}"), "content_type": FORM}

    def _file(self, files: dict[str, str]) -> dict[str, Any]:
        """Return a file by its name, if it is in the folder of the collection, or below."""
        body = self._request.body.file
        if body.content and not body.src:
            return self._raw(self._fill(body.content))
        source = self._fill(body.src)
        kind = {"content_type": self._clean(self._type)} if self._type else {}
        empty = {"text": "", **(kind or {"content_type": "application/octet-stream"})}
        found = file_in(self._folder, source)
        named = self._clean(source) or "a file that is not named"
        if found is None:
            self._note(f"its body is {named}, which is not in the folder of the collection")
            return empty
        text, encoding = text_of(found, LONGEST)
        if not encoding:
            self._note(
                f"its body is left out: {named} is longer than {LONGEST} bytes, or unreadable"
            )
            return empty
        if self._clean(text) != text:
            if encoding != "utf-8":
                self._note(f"its body is left out: {named} holds credentials, and is no text")
                return empty
            self._note(f"its body is written here without the credentials of {named}")
            return self._raw(text)
        name = next((each for each, one in files.items() if one == source), "")
        name = name or unique(file_name(self._clean(found.name)), files)
        files[name] = source
        return {"file": name, **kind}

    def _fill(self, text: str) -> str:
        return self._filling.text(text, self._request.variables)

    def _clean(self, text: str) -> str:
        return self._credentials.clean(text, self._place)

    def _cleaned(self, node: Any) -> Any:
        return self._credentials.document(node, self._place)


def _is_request_info(key: str, value: Any) -> bool:
    """Whether a member of a body is the RequestInfo, which is the suite's own."""
    return key.lower() == "requestinfo" and isinstance(value, dict)
