"""A reference deployment per module, spoken to with plain httpx."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from conformance.reference import Deployment, Settings, serve

Post = Callable[..., httpx.Response]
# Far from midnight, when bills expire under the hands of a test.
NOON = int(datetime(2027, 6, 15, 12, tzinfo=ZoneInfo("Asia/Kolkata")).timestamp() * 1000)
PEOPLE = {
    "administrator": ("administrator", "Admin@2024", "EMPLOYEE", "pb"),
    "cashier": ("cashier", "Cashier@2024", "EMPLOYEE", "pb.amritsar"),
    "neighbour": ("neighbour", "Neighbour@2024", "EMPLOYEE", "pb.jalandhar"),
    "citizen": ("9876543210", "123456", "CITIZEN", "pb"),
}


class Rehearsal:
    """Speaks to one deployment as somebody, in the least words."""

    def __init__(self, base_url: str, address: str | None = None) -> None:
        transport = httpx.HTTPTransport(local_address=address)
        self.http = httpx.Client(base_url=base_url, transport=transport, timeout=10)
        self._tokens: dict[str, str] = {}

    def login(
        self, name: str, password: str, kind: str, tenant: str, /, **changes: str
    ) -> httpx.Response:
        form = {
            "grant_type": "password",
            "scope": "read",
            "username": name,
            "password": password,
            "userType": kind,
            "tenantId": tenant,
        } | changes
        form = {key: value for key, value in form.items() if value}
        return self.http.post("/user/oauth/token", data=form, auth=("egov-user-client", ""))

    def token(self, who: str) -> str:
        if who not in self._tokens:
            answer = self.login(*PEOPLE[who])
            assert answer.status_code == 200, answer.text
            self._tokens[who] = answer.json()["access_token"]
        return self._tokens[who]

    def learn(self, who: str, token: str) -> None:
        self._tokens[who] = token

    def post(self, path: str, body: Any = None, as_: str | None = None) -> httpx.Response:
        document = dict(body or {})
        info = dict(document.get("RequestInfo") or {})
        if as_ is not None:
            info["authToken"] = self.token(as_)
        return self.http.post(path, json=document | {"RequestInfo": info})

    def system_user(self, name: str, tenant: str = "pb", role_tenant: str = "pb") -> dict[str, Any]:
        answer = self.post(
            "/user/users/_createnovalidate", newcomer(name, tenant, role_tenant), "administrator"
        )
        assert answer.status_code == 200, answer.text
        token = self.login(name, "Bbps@2024", "SYSTEM", tenant)
        assert token.status_code == 200, token.text
        self.learn(name, token.json()["access_token"])
        user: dict[str, Any] = answer.json()["user"][0]
        return user


@contextmanager
def speaking(base_url: str) -> Iterator["Rehearsal"]:
    """Speak to a deployment for a while."""
    rehearsal = Rehearsal(base_url)
    try:
        yield rehearsal
    finally:
        rehearsal.http.close()


def newcomer(name: str, tenant: str = "pb", role_tenant: str = "pb") -> dict[str, Any]:
    return {
        "user": {
            "userName": name,
            "name": "BBPS agent",
            "mobileNumber": "9876501234",
            "type": "SYSTEM",
            "active": True,
            "tenantId": tenant,
            "password": "Bbps@2024",
            "roles": [{"code": "BBPS_USER", "tenantId": role_tenant}],
        }
    }


def codes(answer: httpx.Response) -> set[str]:
    return {item["code"] for item in answer.json()["Errors"]}


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    with serve(Settings(clock_ms=NOON)) as deployment:
        yield deployment


@pytest.fixture(scope="module")
def digit(deployment: Deployment) -> Iterator[Rehearsal]:
    rehearsal = Rehearsal(deployment.base_url)
    yield rehearsal
    rehearsal.http.close()


@pytest.fixture
def faulty() -> Iterator[Callable[..., Rehearsal]]:
    """Serve a deployment with faults or knobs for one test."""
    with ExitStack() as stack:

        def start(*faults: str, **knobs: Any) -> Rehearsal:
            settings = Settings(faults=faults, **{"clock_ms": NOON, "lag_ms": 0, **knobs})
            served = stack.enter_context(serve(settings))
            rehearsal = Rehearsal(served.base_url)
            stack.callback(rehearsal.http.close)
            return rehearsal

        yield start
