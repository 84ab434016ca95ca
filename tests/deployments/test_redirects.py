"""A deployment that sends whom it refuses elsewhere: nothing shows that it refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conformance.core.verdicts import Verdict
from conformance.reference import Settings
from conformance.reference.app.application import application, new_world
from conformance.reference.app.serving import serve_application
from conformance.run.certify import carry_out
from conformance.run.config import RunConfig
from tests.deployments.conftest import described

BY_A_RIVAL = frozenset(
    {"owner::update_by_an_outsider_changes_nothing[another SYSTEM user, fresh, success]"}
)
LOGIN = (b"location", b"https://sso.example/login?state=4711")


class Redirecting:
    """Answers a refused update with 302; its body, an error in the form of DIGIT, is kept."""

    def __init__(self, redirected: ASGIApp) -> None:
        self._application = redirected

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def redirect(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= 400:
                message = {**message, "status": 302, "headers": [*message["headers"], LOGIN]}
            await send(message)

        update = scope.get("path", "").endswith("/transaction/v1/_update")
        await self._application(scope, receive, redirect if update else send)


@contextmanager
def redirecting(*faults: str) -> Iterator[str]:
    world = new_world(Settings(faults=faults))
    try:
        with serve_application(Redirecting(application(world)), "127.0.0.1") as base_url:
            yield base_url
    finally:
        world.store.close()


@pytest.mark.parametrize(
    ("faults", "verdict"),
    [((), Verdict.INCONCLUSIVE), (("owner-check-off",), Verdict.FAILED)],
    ids=["refused", "accepted"],
)
def test_redirect_of_a_rival_is_no_refusal(
    tmp_path: Path, faults: tuple[str, ...], verdict: Verdict
) -> None:
    profile = tmp_path / "target.yaml"
    with redirecting(*faults) as base_url:
        profile.write_text(yaml.safe_dump(described(base_url)), encoding="utf-8")
        run, _ = carry_out(RunConfig(target=profile, checks=BY_A_RIVAL, reports=tmp_path))
    assert run.results is not None
    rows = run.results.checks
    assert {row.id for row in rows} == BY_A_RIVAL
    assert {row.verdict for row in rows} == {verdict}
    if verdict == Verdict.INCONCLUSIVE:
        assert all("HTTP 302" in row.reason for row in rows)
        assert all("which redirects to https://sso.example" in row.reason for row in rows)
