"""Repeats on a deployment what a check sent: with fresh tokens, and with new codes and users.

What an answer gave then, later requests take from the place of the new answer where it stood.
"""

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from conformance.bbps.passwords import new_password
from conformance.client.client import ANONYMOUS, Unanswered
from conformance.client.parts import Parts
from conformance.client.request_builder import LOGIN
from conformance.client.response import Response
from conformance.core.exchange import SET_UP, Exchange
from conformance.core.json_text import loaded
from conformance.core.redaction import REDACTED
from conformance.core.verdicts import Inconclusive
from conformance.report.postman import (
    CREATED,
    MARK,
    OWN_HEADERS,
    PLAUSIBLE,
    TOKENS,
    WORD,
    listed,
)
from conformance.run.session import Run

CREATES_USER: Final = "user.create"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """An exchange of then, and what was answered now; `reason` is why nothing was."""

    then: Exchange
    now: Exchange | None
    reason: str = ""

    @property
    def same(self) -> bool:
        """Whether it was answered now, with the status of then."""
        return self.now is not None and self.now.status == self.then.status


def repeat(run: Run, exchanges: Iterable[Exchange]) -> Iterator[Repeated]:
    """Yield each exchange, sent again in their order; what the run itself has done is left out.

    `run` is open, and nothing but mode, cap and pace of its profile limits what is sent.
    """
    repeater = _Repeater(run)
    for each in exchanges:
        if not repeater.has_done(each):
            yield repeater.again(each)


class _Repeater:
    """Sends exchanges one after the other, and knows what has taken the place of what."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._client = run.client.for_check("repeated")
        self._actors = run.target.actors
        self._instead: dict[str, str] = {}  # what stood in an exchange -> what stands there now
        self._sent: set[str] = set()  # words of requests, which no answer gave
        self._tokens: dict[str, str] = {}  # of actors that only the check knew
        self._passwords: dict[str, str] = {}  # of users that are created, by their new names

    def has_done(self, exchange: Exchange) -> bool:
        """Whether the set-up of the run has its own: logins, masters, users that are actors."""
        if exchange.check != SET_UP:
            return False
        names = CREATED.findall(exchange.request_body) if exchange.operation == CREATES_USER else ()
        for name in names:
            actor = name.rpartition("-")[2]
            if actor in self._actors:
                with suppress(Inconclusive):  # the mode creates none; what needs it is not sent
                    self._instead[name] = self._client.actor(actor).username
        return True

    def again(self, exchange: Exchange) -> Repeated:
        """Send an exchange again, once."""
        try:
            response = self._call(exchange)
        except Unanswered as problem:
            if problem.response is None:
                return Repeated(then=exchange, now=None, reason=problem.reason)
            response = problem.response
        except Inconclusive as problem:
            return Repeated(then=exchange, now=None, reason=str(problem))
        self._learn(exchange, response)
        return Repeated(then=exchange, now=response.exchange)

    def _call(self, exchange: Exchange) -> Response:
        self._renew(exchange)
        address = urlsplit(exchange.url)
        path = address.path.removeprefix(urlsplit(self._run.target.base_url).path.rstrip("/"))
        path = listed(path + (f"?{address.query}" if address.query else ""))
        headers = {
            name: self._header(name, value, exchange)
            for name, value in exchange.request_headers.items()
            if name.lower() not in OWN_HEADERS | {"content-type"}
        }
        if exchange.operation == LOGIN:  # the suite sends the client's credential itself
            headers = {key: each for key, each in headers.items() if key.lower() != "authorization"}
        parts: Parts = {
            "method": exchange.method,
            "url_path": self._text(path, exchange),
            "headers": headers,
            "raw": self._text(exchange.request_body, exchange).encode("utf-8", "replace"),
            "once": True,
            "tolerant": True,
            "unobserved": True,
        }
        types = [v for k, v in exchange.request_headers.items() if k.lower() == "content-type"]
        if types:
            parts["content_type"] = types[0]
        if exchange.operation in self._client.contracts.operations:
            return self._client.call(exchange.operation, as_=self._caller(exchange), **parts)
        url_path = parts.pop("url_path")
        parts.pop("method")
        return self._client.request(exchange.method, url_path, as_=self._caller(exchange), **parts)

    def _caller(self, exchange: Exchange) -> str:
        return exchange.actor if exchange.actor in self._actors else ANONYMOUS

    def _renew(self, exchange: Exchange) -> None:
        """Have new codes for what a creation names that has to be unused."""
        if not exchange.operation.endswith(".create") or exchange.operation == LOGIN:
            return
        for code in dict.fromkeys(CREATED.findall(exchange.request_body)):
            if code not in self._instead and code not in self._sent:
                self._instead[code] = f"{code}-{secrets.token_hex(2)}"

    def _text(self, text: str, exchange: Exchange) -> str:
        """Return a text of an exchange as it is to be sent now."""

        def known(found: re.Match[str]) -> str:
            word = found[0]
            if word not in self._instead:
                self._sent.add(word)
            return self._instead.get(word, word)

        fresh = WORD.sub(known, text)
        return MARK.sub(lambda found: self._secret(found, exchange, fresh), fresh)

    def _header(self, name: str, value: str, exchange: Exchange) -> str:
        if REDACTED in value and name.lower() in TOKENS | {"authorization"}:
            return value.replace(REDACTED, self._token(exchange.actor))
        return value

    def _secret(self, found: re.Match[str], exchange: Exchange, text: str) -> str:
        """Return a field with what takes the place of what is redacted in it."""
        before, field = found["before"] or "", (found["field"] or "").lower()
        if field in TOKENS:
            return before + self._token(exchange.actor)
        if field == "password":
            return before + self._password(exchange, text)
        return before + PLAUSIBLE.get(field, REDACTED)

    def _token(self, actor: str) -> str:
        if actor in self._tokens:
            return self._tokens[actor]
        return self._client.token(actor) if actor in self._actors else ""

    def _password(self, exchange: Exchange, text: str) -> str:
        if exchange.operation == LOGIN:
            user = "".join(parse_qs(text).get("username", ["", ""])[:1])
            if user in self._passwords:
                return self._passwords[user]
            known = exchange.actor in self._actors
            actor = self._client.actor(exchange.actor) if known else None
            return actor.password.get_secret_value() if actor else ""
        user = next(iter(CREATED.findall(text)), "")
        if user not in self._passwords:
            self._passwords[user] = new_password()
            self._client.redactor.learn(self._passwords[user])
        return self._passwords[user]

    def _learn(self, exchange: Exchange, response: Response) -> None:
        """Learn what stands now where something stood that no request had named before."""
        token = response.body.get("access_token") if isinstance(response.body, dict) else None
        if exchange.operation == LOGIN and isinstance(token, str):
            self._client.redactor.learn(token)
            self._tokens[exchange.actor] = token
        try:
            then = loaded(exchange.response_body)
        except ValueError:
            return
        for old, new in self._pairs(then, response.body):
            if WORD.fullmatch(old) and old not in self._sent:
                self._instead.setdefault(old, new)

    def _pairs(self, then: Any, now: Any) -> Iterator[tuple[str, str]]:
        """Yield the texts that stand at the same places of two documents and differ."""
        waiting = [(then, now)]
        while waiting:
            old, new = waiting.pop()
            if isinstance(old, Mapping) and isinstance(new, Mapping):
                waiting += [(each, new[key]) for key, each in old.items() if key in new]
            elif isinstance(old, list) and isinstance(new, list):
                waiting += [(each, self._counterpart(each, n, new)) for n, each in enumerate(old)]
            elif isinstance(old, str) and isinstance(new, str) and old != new:
                yield old, new

    def _counterpart(self, entry: Any, place: int, entries: list[Any]) -> Any:
        """Return what stands now for an entry of a list: that of its account, or at its place."""
        code = entry.get("consumerCode") if isinstance(entry, Mapping) else None
        if isinstance(code, str):
            wanted = self._instead.get(code, code)
            for each in entries:
                if isinstance(each, Mapping) and each.get("consumerCode") == wanted:
                    return each
        return entries[place] if place < len(entries) else None
