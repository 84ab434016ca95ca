"""A profile that is being written: its settings so far, and the commented file that they make."""

import copy
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from pydantic import ValidationError

from conformance.core.parsing import Mistake, Unreadable, parse_yaml
from conformance.core.shapes import mistakes_of
from conformance.profile.placeholders import placeholders
from conformance.profile.target import Target
from conformance.profile.this_machine import EMBEDDED, on_this_machine

PLAIN: Final = re.compile(r"[A-Za-z0-9/][A-Za-z0-9 ._:/+-]*")
WIDTH: Final = 24  # columns before a comment
SCHEMA: Final = "# yaml-language-server: $schema="


@dataclass(frozen=True, slots=True)
class Line:
    """A setting of the file, by its place, with its comment.

    Where it is not set, it is written as a comment with an `example`, if it has one.
    """

    place: str
    comment: str = ""
    example: str = ""

    @property
    def section(self) -> str:
        """The section that it stands in; empty at the top."""
        return self.place.partition(".")[0] if "." in self.place else ""

    @property
    def key(self) -> str:
        """Its name in the section."""
        return self.place.rpartition(".")[2]


# The settings in the order of the file. Sections begin where the first part of a place changes.
LINES: Final = (
    Line("name"),
    Line("base_url", "with the path prefix of the gateway, if there is one"),
    Line("production", "true: nothing is changed without --i-know-this-is NAME"),
    Line("mode", "inspect: read only; sandbox: no money moves; full: up to rupees_per_run"),
    Line("tenant", "the city that is certified"),
    Line("state_tenant", "where roles and SYSTEM users live"),
    Line("other_tenant", "a second city of the state (MDM-08)", "CITY"),
    Line("timezone"),
    Line("role", "the code of the BBPS role in roles.json"),
    Line("payment_modes", "less only those that the masters close"),
    Line("actors.administrator"),
    Line("actors.cashier"),
    Line("actors.citizen"),
    Line("actors.integrator", "the BBPS user"),
    Line("actors.rival", "a second BBPS user"),
    Line("oauth.client_id"),
    Line("oauth.client_secret", "if the client has one", '"${OAUTH_SECRET}"'),
    Line("bills.provision", "demands: the administrator raises them; pool: a list; none: no bills"),
    Line("bills.pool", "CSV with the columns consumer_code, business_service, tenant"),
    Line("bills.business_service"),
    Line("bills.tax_head"),
    Line("bills.tax_period", "master: today's TaxPeriod; or financial-year, or FIRST..LAST"),
    Line("bills.amount", "rupees of each bill"),
    Line("bills.search_module", "of /collection-services/payments/{module}/_search"),
    Line("bills.partial", "another service, which allows part payment",
         "{business_service: SERVICE, tax_head: HEAD}"),
    Line("bills.restricted", "another service, which disallows a mode of payment",
         "{business_service: SERVICE, tax_head: HEAD}"),
    Line("outcome.style", "how pg-service learns of success or failure"),
    Line("outcome.gateway"),
    Line("outcome.inactive_gateway", "registered but switched off; to see it refused", "GATEWAY"),
    Line("outcome.simulator"),
    Line("outcome.command"),
    Line("outcome.hook"),
    Line("readers.transactions"),
    Line("readers.payments", "who reads back what the BBPS user may not"),
    Line("network.own_address", "ours, as the white list names it (USR-08)", "ADDRESS"),
    Line("network.second_egress", "a way out that is not white-listed (USR-06)", "local:ADDRESS"),
    Line("network.egress", "how this machine gets out", "http://PROXY:3128"),
    Line("network.ca_file", "an authority of your own", "FILE.pem"),
    Line("network.headers", "never recorded", '{X-Api-Key: "${API_KEY}"}'),
    Line("network.prefixes", "a service that is mounted elsewhere",
         "{pg-service: /payments/pg-service}"),
    Line("mdms.repository", "the state's folder in a checkout of the MDMS repository (MDM-07)",
         "FOLDER"),
    Line("limits.requests_per_second"),
    Line("limits.rupees_per_run", "no run pays more"),
    Line("limits.settle_seconds", "how long an effect may take to show"),
    Line("limits.timeout_seconds", "how long to wait for an answer"),
)  # fmt: skip
HEADINGS: Final = {
    "actors": "passwords stand in the environment (${VARIABLE}), or in a file (file:PATH)",
}


class Draft:
    """The settings of a profile so far: `document` is what the file will hold."""

    def __init__(self, document: Mapping[str, Any] | None = None) -> None:
        """Begin with nothing, or with an unfinished profile."""
        self.document: dict[str, Any] = copy.deepcopy(dict(document or {}))

    def at(self, place: str) -> Any:
        """Return the setting at a place such as `bills.amount`; None where there is none."""
        node: Any = self.document
        for part in place.split("."):
            node = node.get(part) if isinstance(node, dict) else None
        return node

    def put(self, place: str, value: Any) -> None:
        """Set what stands at a place; None takes it away."""
        *outer, last = place.split(".")
        node = self.document
        for part in outer:
            inner = node.get(part)
            if not isinstance(inner, dict):
                inner = node[part] = {}
            node = inner
        if value is None:
            node.pop(last, None)
        else:
            node[last] = value

    def mistake(self, place: str) -> str:
        """Return what is wrong with the setting at a place, and what to do; empty if nothing."""
        found = {".".join(map(str, where)): each for where, each in self._mistakes()}
        own = (  # what is wrong with the whole came with this setting
            each
            for where, each in found.items()
            if not where or f"{where}.".startswith(f"{place}.")
        )
        return next((str(each) for each in own), "")

    def target(self) -> Target:
        """Return the target that the settings so far describe, as if the rest were usual.

        Raises ValidationError where a setting is wrong.
        """
        return Target.model_validate(self.complete())

    def _mistakes(self) -> Iterator[tuple[Any, Mistake]]:
        document = self.complete()
        try:
            Target.model_validate(document)
        except ValidationError as problem:
            yield from mistakes_of(
                problem, Target, lambda _, *said: Mistake(*said), lambda *_: True, document=document
            )
        with suppress(ValueError):  # an address that is none is a mistake of its own
            if on_this_machine(str(document["base_url"])):
                return
        for place, message, remedy in placeholders(document):
            yield place, Mistake(message, remedy)

    def complete(self) -> dict[str, Any]:
        """Return the settings, with something in place of what every profile must have."""
        tenant = str(self.document.get("tenant") or self.document.get("state_tenant") or "state")
        needed = {
            "name": "new", "base_url": EMBEDDED, "tenant": tenant,
            "state_tenant": tenant.partition(".")[0],
        }  # fmt: skip
        return {**needed, **copy.deepcopy(self.document)}

    def written(self, schema: str, heading: str) -> str:
        """Return the file: `schema` is the path of the JSON Schema, `heading` its first comment."""
        lines = [f"{SCHEMA}{schema}", *(f"# {each}" for each in heading.splitlines())]
        for section, settings in groupby(LINES, lambda each: each.section):
            lines += self._section(section, list(settings))
        known = {each.section or each.place for each in LINES}
        others = {key: each for key, each in self.document.items() if key not in known}
        lines += ["", *(f"{key}: {_flow(each)}" for key, each in others.items())] if others else []
        return "\n".join(lines) + "\n"

    def _section(self, section: str, settings: Sequence[Line]) -> Iterator[str]:
        """Yield the lines of a section, what no question is about at its end."""
        content = self.document.get(section) if section else self.document
        content = content if isinstance(content, dict) else {}
        if section and (content or any(each.example for each in settings)):
            mark = "" if content else "# "
            yield from ("", _commented(f"{mark}{section}:", HEADINGS.get(section, "")))
        indent = "  " if section else ""
        for line in settings:
            value = self.at(line.place)
            if value is not None:
                yield indent + _commented(f"{line.key}: {_flow(value)}", line.comment)
            elif line.example:
                yield _commented(f"# {indent}{line.key}: {line.example}", line.comment)
        known = {each.key for each in settings}
        if section:
            yield from (
                f"  {key}: {_flow(each)}" for key, each in content.items() if key not in known
            )


def _commented(text: str, comment: str) -> str:
    return f"{text:<{WIDTH}}  # {comment}" if comment else text


def _flow(value: Any) -> str:
    """Return a value on one line, as YAML reads it back."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_flow(key)}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return str(value)
    return value if _is_plain(value) else json.dumps(value, ensure_ascii=False)


def _is_plain(text: str) -> bool:
    """Whether a text needs no quotes: YAML reads it back as the same text."""
    if not PLAIN.fullmatch(text) or ": " in text or text != text.strip():
        return False
    try:
        return bool(parse_yaml(text).value == text)
    except Unreadable:
        return False
