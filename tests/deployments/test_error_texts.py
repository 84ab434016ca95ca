"""A fork that words its refusals otherwise gets the verdicts of the line that it comes from."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conformance.core.errors import SetupError
from conformance.core.verdicts import Verdict
from conformance.profile.error_texts import DIGIT, says
from conformance.profile.loading import load
from conformance.reference import Settings
from conformance.reference.app.application import application, new_world
from conformance.reference.app.serving import serve_application
from conformance.run.certify import carry_out
from conformance.run.config import RunConfig
from tests.deployments.conftest import Go, Serve, described
from tests.faults.collected import SETTLE_SECONDS

# Whose checks judge refusals, of the gateway and of services.
ONLY = ("USR-02", "USR-04", "USR-09", "MDM-04", "MDM-05", "MDM-08", "BIL-03", "BIL-07", "TXN-03",
        "TXN-07", "TXN-08", "CON-02", "CON-07")  # fmt: skip
PARAMETERS = re.compile(r"(tenantId|businessService|consumerCode|transactionId)")  # names stay
WORDED = {"code", "message", "description", "error", "error_description"}


def translated(text: str) -> str:
    """Return a text in other letters, which JSON may escape; names of parameters stay."""
    parts = PARAMETERS.split(text)
    return "".join(part if number % 2 else foreign(part) for number, part in enumerate(parts))


def foreign(text: str) -> str:
    return re.sub("[A-Za-z]", lambda letter: chr(ord(letter[0]) + 0x0350), text)


def reworded(node: Any, *, translate: bool = False) -> Any:
    if isinstance(node, dict):
        return {key: reworded(each, translate=key in WORDED) for key, each in node.items()}
    if isinstance(node, list):
        return [reworded(each, translate=translate) for each in node]
    return translated(node) if translate and isinstance(node, str) else node


class Fork:
    """A deployment whose every refusal is worded otherwise, and whose JSON escapes the letters."""

    def __init__(self, application: ASGIApp) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        held: list[Message] = []

        async def keep(message: Message) -> None:
            if message["type"] not in {"http.response.start", "http.response.body"}:
                await send(message)
                return
            held.append(message)
            if message.get("more_body") or message["type"] != "http.response.body":
                return
            for each in self._reworded(held):
                await send(each)

        await self._application(scope, receive, keep)

    def _reworded(self, held: list[Message]) -> list[Message]:
        start, *rest = held
        content = b"".join(each.get("body", b"") for each in rest)
        if start["status"] >= 400 and content[:1] in b"{[":
            content = json.dumps(reworded(json.loads(content or b"{}"))).encode()
        headers = [(name, value) for name, value in start["headers"] if name != b"content-length"]
        headers.append((b"content-length", str(len(content)).encode()))
        return [{**start, "headers": headers}, {"type": "http.response.body", "body": content}]


@contextmanager
def fork_of(lineage: str) -> Iterator[str]:
    world = new_world(Settings(lineage=lineage, zone="Asia/Kolkata"))
    try:
        with serve_application(Fork(application(world)), "127.0.0.1") as base_url:
            yield base_url
    finally:
        world.store.close()


def verdicts(base_url: str, folder: Path, texts: dict[str, list[str]]) -> dict[str, Verdict]:
    profile = folder / "target.yaml"
    document = described(
        base_url,
        clock_url="/reference/clock",
        error_texts=texts,
        limits={"settle_seconds": SETTLE_SECONDS},
    )
    profile.write_text(yaml.safe_dump(document), encoding="utf-8")
    config = RunConfig(target=profile, only=ONLY, depth="quick", reports=folder, written=False)
    run, _ = carry_out(config)
    assert run.results is not None
    return {row.id: row.verdict for row in run.results.checks}


def test_no_verdict_on_a_conformant_deployment_rests_on_words(tmp_path: Path) -> None:
    with fork_of("strict") as base_url:
        found = verdicts(base_url, tmp_path, {})
    assert len(found) > 50
    assert set(found.values()) - {Verdict.NOT_APPLICABLE} == {Verdict.PASSED}


@pytest.mark.parametrize("lineage", ["digit-2.8", "digit-lts"])
def test_a_fork_is_judged_as_its_line_is(served: Serve, tmp_path: Path, lineage: str) -> None:
    """Those gateways answer a bad token with a 500, whose words must be known."""
    known = {name: [translated(word) for word in words] for name, words in DIGIT}
    own = verdicts(served(lineage=lineage, zone="Asia/Kolkata").base_url, tmp_path, {})
    with fork_of(lineage) as base_url:
        assert verdicts(base_url, tmp_path, known) == own


def test_the_doctor_names_words_that_are_not_known(visit: Go) -> None:
    with fork_of("digit-2.8") as base_url:
        fault = visit(base_url).only
        assert (fault.area, fault.blocking) == ("credential", False)
        assert "an unknown token" in fault.what
        assert "HTTP 500" in fault.evidence
        assert "error_texts.no_session" in fault.remedy
        known = visit(base_url, error_texts={"no_session": [translated("InvalidAccessToken")]})
    assert known.faults == []


def test_words_are_found_where_json_escapes_them() -> None:
    text = json.dumps({"Errors": [{"message": "\u0905\u092e\u093e\u0928\u094d\u092f"}]})
    assert "\\u0905" in text
    assert says(text, ["\u0905\u092e\u093e\u0928\u094d\u092f"])
    assert not says(text, ["InvalidAccessToken"])
    assert says("{torn \\u0905 InvalidAccessToken", ["InvalidAccessToken"])


def test_a_word_that_stands_in_every_answer_is_refused(tmp_path: Path) -> None:
    profile = tmp_path / "target.yaml"
    document = described("http://127.0.0.1:1", error_texts={"no_session": [""], "no_sesion": []})
    profile.write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(SetupError) as refused:
        load(profile, {})
    assert "error_texts.no_session" in str(refused.value)
    assert "did you mean no_session?" in str(refused.value)
