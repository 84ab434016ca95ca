"""How a step of a scenario is sent: as an operation, or as a request of its own."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from conformance.bbps.flow import TOKEN_HEADER, Bbps
from conformance.bbps.models import transaction_in
from conformance.bbps.outcome_channels.outcome_report import OutcomeReport
from conformance.client.client import ANONYMOUS, Parts
from conformance.client.request_builder import LOGIN
from conformance.client.response import Response, encode
from conformance.contracts.effects import Effect
from conformance.contracts.endpoints import ENDPOINTS, operation_at, owners_of
from conformance.core.foreign_files import MOST_BYTES
from conformance.core.verdicts import Inconclusive, NotAllowed
from conformance.profile.section import refuse_unsendable
from conformance.scenarios.model import MULTIPART, RequestParts, Step, below_base_url
from conformance.scenarios.templates import Lookup, filled

UPDATE: Final = "transaction.update"
WITH_A_BODY: Final = frozenset({"POST", "PUT", "PATCH"})  # what gets a RequestInfo
HEADER: Final = TOKEN_HEADER  # where the token of those stands that have none
JSON: Final = "application/json"


def changed(step: Step, change: RequestParts) -> Step:
    """Return a step with some of its contents changed; mappings are merged, at any depth."""
    names = change.model_fields_set & RequestParts.model_fields.keys()
    given = {name: getattr(change, name) for name in names}
    bodies = {"body", "form", "text", "file"} & given.keys()
    whole = {name: _merged(getattr(step, name), value) for name, value in given.items()}
    if bodies and not any(getattr(step, each) is not None for each in bodies):
        whole |= {each: None for each in {"body", "form", "text", "file"} - bodies}
    return step.model_copy(update=whole)


def actor_of(step: Step, bbps: Bbps) -> str:
    """Return who calls: an actor, or the reader that the profile names for something."""
    room, _, what = step.as_.partition(".")
    return str(getattr(bbps.target.readers, what)) if room == "readers" and what else step.as_


def sent(step: Step, bbps: Bbps, value_of: Lookup, folder: Path) -> Response:
    """Send a step; Inconclusive, as the client, where nothing usable is answered."""
    step = step.model_copy(update={"as_": actor_of(step, bbps)})
    operation, parts, method, path = _where(step, value_of)
    query = {key: each for key, each in filled(step.query, value_of).items() if each is not None}
    if operation == UPDATE:
        query = _signalled(query, bbps)
    parts |= {"query": query, "step": step.name}
    if step.token is not None:
        parts["token"] = str(filled(step.token, value_of))
    parts |= _content(step, value_of, folder, method)
    headers = {key: str(each) for key, each in filled(step.headers, value_of).items()}
    headers = _with_token(headers, step, parts, method, login=operation == LOGIN)
    with _as_it_was_written(step):
        for name, value in [*headers.items(), ("content-type", parts.get("content_type", ""))]:
            refuse_unsendable(name, value)
    parts["headers"] = headers
    if operation is None:
        return bbps.client.request(method, path, as_=step.as_, **parts)
    if method != ENDPOINTS[operation].method:
        parts["method"] = method
    response = bbps.client.call(operation, as_=step.as_, **parts)
    if operation == "transaction.create" and response.succeeded:
        with suppress(Inconclusive):  # the expectation judges what cannot be read
            bbps.owned(transaction_in(response), by=step.as_)
    return response


def _where(step: Step, value_of: Lookup) -> tuple[str | None, Parts, str, str]:
    """Return the operation of a step, if it is one, with its path; method and path of another."""
    if step.request is None:
        assert step.call is not None
        path = {name: str(each) for name, each in filled(step.path, value_of).items()}
        return step.call, {"path": path}, ENDPOINTS[step.call].method, ""
    method, whole = step.request.method, str(filled(step.request.path, value_of))
    with _as_it_was_written(step):
        below_base_url(whole)
    if found := operation_at(whole):
        endpoint, values = found
        return endpoint.name, {"path": values}, method, ""
    writing = [each for each in owners_of(whole) if each.effect is not Effect.READS]
    if writing:
        raise NotAllowed(
            f"{whole} may be {writing[0].name} in another spelling, which no ledger could enter",
            f"write `call: {writing[0].name}`, or its path {writing[0].path}",
        )
    return None, {}, method, whole


@contextmanager
def _as_it_was_written(step: Step) -> Iterator[None]:
    """Turn what its variables have made of a request, so that none is one, into Inconclusive."""
    try:
        yield
    except ValueError as problem:
        raise Inconclusive(f"step {step.name!r}: {problem}", "correct the scenario") from None


def _content(step: Step, value_of: Lookup, folder: Path, method: str) -> Parts:
    """Return the parts of a request that are its body."""
    named = str(filled(step.content_type or "", value_of))
    kind: Parts = {"content_type": named} if named else {}
    if step.form is not None:
        form = {
            key: str(each) for key, each in filled(step.form, value_of).items() if each is not None
        }
        if named.startswith(MULTIPART):
            return _multipart(form)
        return {**kind, "form": form}
    if step.text is not None:
        return {**kind, "raw": str(filled(step.text, value_of)).encode(errors="replace")}
    if step.file is not None:
        return {**kind, "raw": _bytes_of(folder / step.file)}
    body = filled(step.body, value_of)
    if isinstance(body, list):
        return {"raw": encode(body), "content_type": JSON}
    if body is not None:
        return {"body": body}
    return {"body": {}} if method in WITH_A_BODY else {"raw": b""}


def _multipart(form: Mapping[str, str]) -> Parts:
    boundary = f"conformance-{secrets.token_hex(12)}"
    fields = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in form.items()
    )
    return {
        "raw": f"{fields}--{boundary}--\r\n".encode(errors="replace"),
        "content_type": f"{MULTIPART}; boundary={boundary}",
    }


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as problem:
        raise Inconclusive(f"{path.name} cannot be read ({problem.strerror})") from None
    if len(content) > MOST_BYTES:
        raise Inconclusive(f"{path.name} is larger than {MOST_BYTES // 1024**2} MB")
    return content


def _with_token(
    headers: dict[str, str], step: Step, parts: Parts, method: str, *, login: bool
) -> dict[str, str]:
    """Put the token into a header where no RequestInfo carries it, and no header of the step."""
    carried = method in WITH_A_BODY and not {"raw", "form"} & parts.keys()
    own = {"authorization", HEADER} & {name.lower() for name in headers}
    if carried or own or login:
        return headers
    if "token" in parts:
        return {**headers, HEADER: parts["token"]} if parts["token"] else headers
    if step.as_ != ANONYMOUS:
        parts["token_header"] = HEADER
    return headers


def _signalled(query: dict[str, Any], bbps: Bbps) -> dict[str, Any]:
    """Set the outcome that an update states by the channel of the target; return what is left."""
    outcome = bbps.target.outcome
    names = outcome.parameters
    if outcome.style == "update-parameters":
        return query
    report = OutcomeReport(
        transaction=str(query.get(names.id, "")),
        success={names.success: True, names.failure: False}.get(query.get(names.status, "")),
        amount=_rupees(query.get(names.amount, 0)),
    )
    stated = {names.status, names.amount, names.reference}
    left = {name: value for name, value in query.items() if name not in stated}
    return left | dict(bbps.report(report))


def _rupees(value: Any) -> Decimal:
    try:
        return max(Decimal(str(value)), Decimal(0))
    except InvalidOperation:
        return Decimal(0)


def _merged(before: Any, change: Any) -> Any:
    if isinstance(before, dict) and isinstance(change, dict):
        return before | {key: _merged(before.get(key), each) for key, each in change.items()}
    return change
