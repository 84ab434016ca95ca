"""Credentials in a collection: found wherever they stand, and replaced by variables.

A value is a credential by the name of its place, by its form, or because it is one elsewhere.
"""

import base64
import binascii
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

from conformance.core.redaction import SHORTEST, Redactor, names_secret

VARIABLE: Final = re.compile(r"\{\{\s*([^{}\s](?:[^{}]*[^{}\s])?)\s*\}\}")
_ONE: Final = re.compile(r"\s*(?:(?:Bearer|Basic|Token)\s+)?\{\{[^{}]*\}\}\s*", re.IGNORECASE)
_JWT: Final = re.compile(r"\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*)?")
_SCHEME: Final = re.compile(
    r"\b(?P<scheme>Basic|Bearer|Digest|Negotiate)(?:\s+|%20)(?P<value>[A-Za-z0-9+/=._~%-]{6,})",
    re.IGNORECASE,
)
_USERINFO: Final = re.compile(
    r"(?<=://)(?P<user>[^/?#\s:@\"'{}]*):(?P<password>[^/?#\s@\"']+)(?=@)"
)
# "a": "b" and a = "b"; set("a", "b"), too.
_PAIR: Final = re.compile(
    r"""(?<![\w.-])(?P<name>[A-Za-z][\w.-]*)(?P<closed>["'`\\\]]*)\s*(?P<sign>[:=,])\s*"""
    r"""(?P<quote>\\?["'`])(?P<value>(?:(?!(?P=quote)).){1,4096})(?P=quote)"""
)
# a=b in a query, a header or a sentence
_BARE: Final = re.compile(
    r"(?<![\w-])(?P<name>[A-Za-z][\w-]*)[\"']?\s*(?:[=:]|%3[Dd])\s*"
    r"(?=(?P<value>[^\s&;,\"'<>{}()\[\]]{3,4096}))"  # one may stand in the value of another
)
# The same in a script, where what is no text may be code.
_DIGITS: Final = re.compile(
    r"(?<![\w-])(?P<name>[A-Za-z][\w.-]*)[\"'\]]*\s*[:=,]\s*(?P<value>\d{3,4096})\b"
)
_ELEMENT: Final = re.compile(
    r"<(?:[\w.-]{1,80}:)?(?P<name>[A-Za-z_][\w.-]*)(?:\s[^<>]*)?>\s*(?:<!\[CDATA\[)?"
    r"(?P<value>[^<>\]]{1,4096}?)\s*(?:\]\]>\s*)?</"
)
# json.token).to.eql("..."): what a script compares with
_COMPARED: Final = re.compile(
    r"""(?<![\w.-])(?P<name>[A-Za-z][\w.-]*)["'\]]*\)(?:\.\w+){1,6}\((?P<quote>["'`])(?P<value>[^"'`\n]{4,4096})(?P=quote)"""
)
# login("clerk", "Passw0rd"): what a function of a script gets whose name speaks of a secret.
_CALLED: Final = re.compile(
    r"""(?<![\w.-])(?:[\w$]+\.){0,4}(?P<name>[A-Za-z_$][\w$]*)\((?P<arguments>[^()\n]{3,4096})\)"""
)
_LOGIN: Final = re.compile(r"log_?in|sign_?in|sign_?on|authenticat|authoris|authoriz|encrypt", re.I)
_ARGUMENT: Final = re.compile(
    r"""(?P<quote>["'`])(?P<value>(?:(?!(?P=quote)).){4,4096})(?P=quote)"""
)
_KNOWN: Final = re.compile(
    r"\b(?:PMAK-[A-Za-z0-9-]{20,}|gh[pousr]_[A-Za-z0-9]{20,}|sk_(?:live|test)_[A-Za-z0-9]{10,}"
    r"|A[KS]IA[A-Z0-9]{16}|xox[abprs]-[A-Za-z0-9-]{10,}|AIza[A-Za-z0-9_-]{30,}"
    r"|glpat-[A-Za-z0-9_-]{16,}|-----BEGIN[A-Z ]*PRIVATE KEY-----[\s\S]+?-----END[A-Z ]*-----)"
)
_SCHEMES: Final = ("basic", "bearer", "digest", "negotiate")
_STARTS: Final = ("PMAK-", "gh", "sk_", "KIA", "SIA", "xox", "AIza", "glpat-", "-----BEGIN")
_TOKEN: Final = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{20,}={0,2}(?![A-Za-z0-9_-])")
_SHORT: Final = re.compile("[:=<]")  # what a short text has that may hold a credential
_PLAIN: Final = re.compile(r"[\w ./{}-]{0,19}")  # too short, and without what a pair has
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TURNS: Final = re.compile(r"(?<=[0-9])(?=[A-Za-z])|(?<=[A-Za-z])(?=[0-9])")
ENTROPY: Final = 3.4  # bits for each character
# Texts that stand for a credential in documentation, and what forms send along with one.
_HARMLESS: Final = frozenset(
    {"password", "token", "string", "null", "none", "undefined", "true", "false", "bearer", "basic",
     "refresh_token", "access_token", "client_credentials", "authorization_code", "header",
     "your token", "your-token", "text", "default", "secret"}
)  # fmt: skip


# What stands beside a secret and is none: {"token": {"type": "bearer", "value": ...}}.
_NO_SECRET_BELOW: Final = frozenset(
    {"type", "name", "key", "id", "url", "uri", "scheme", "in", "kind", "description", "format",
     "expiresin", "expires_in", "expires", "algorithm", "length", "enabled", "disabled", "scope"}
)  # fmt: skip
_FIELD: Final = re.compile(r"""([A-Za-z][\w.-]*)["']?\s*[:=]\s*["']?[^"'&=:\s]*$""")


class CredentialSpan(NamedTuple):
    """A credential in a text: from where to where, its value, its name, and the field it is in."""

    start: int
    end: int
    value: str
    name: str
    field: str


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential that was found: where, and the variable that takes its place."""

    place: str
    variable: str

    def __str__(self) -> str:
        """Return both; the value is not known here."""
        return f"{self.place}: {{{{{self.variable}}}}}"


class Credentials:
    """Finds credentials, and gives each value one variable. What it returns holds none of them."""

    def __init__(self) -> None:
        self.found: list[Credential] = []
        self.variables: dict[str, str] = {}  # value -> variable
        self._names: Counter[str] = Counter()
        self._taken: set[str] = set()
        self._noted: dict[str, set[str]] = {}  # variable -> its places
        self._redactor = Redactor()

    def take(self, value: str, place: str, name: str) -> str:
        """Return what stands for a credential; its variable is named after the place it has."""
        value = value.strip()
        if not value or _ONE.fullmatch(value):
            return value
        if found := _SCHEME.fullmatch(value):
            self._inner(found, place)
            scheme, value = found["scheme"], found["value"]
            return f"{scheme} {self._variable(value, place, _name_of(name, scheme))}"
        return self._variable(value, place, identifier(name) or "credential")

    def reserve(self, variable: str) -> None:
        """Give no credential this name, which a variable of the collection has."""
        self._names[variable] += 1
        self._taken.add(variable)

    def found_at(self, value: str, place: str, name: str) -> None:
        """Learn a credential, and note the place for the report."""
        stands = self.take(value, place, name)
        if stands != value.strip():
            self._note(place, VARIABLE.findall(stands)[-1])

    def known(self, value: str, variable: str, place: str) -> None:
        """Learn the value of a variable that holds a credential: it is never written."""
        if value and not VARIABLE.search(value):
            if place:
                self._note(place, variable)
            self.variables.setdefault(value, variable)
            self._taken.add(variable)
            self._learn(value, variable)
        for found in _SCHEME.finditer(value):
            self._inner(found, place)

    def clean(self, text: str, place: str = "", *, code: bool = False) -> str:
        """Return a text with variables in place of all credentials, of whatever form."""
        if len(text) < SHORTEST and not _SHORT.search(text):
            return text
        parts: list[str] = []
        done = 0
        for each in credentials_in(text, code=code):
            if each.start >= done:
                stands = self.take(each.value, place or "the collection", each.name)
                parts += [text[done : each.start], stands]
                done = each.end
        return self._redactor.plain("".join((*parts, text[done:])) if parts else text)

    def document(self, node: Any, place: str, name: str = "") -> Any:
        """Return a document with variables in place of credentials, by keys at any depth."""
        if isinstance(node, dict):
            below = name if names_secret(name) else ""
            names = {key: _name_below(below, str(key)) for key in node}
            called = next((node[each] for each in ("key", "name") if node.get(each)), "")
            if isinstance(called, str) and called:  # {"key": "password", "value": ...}
                names["value"] = called
            return {
                self.clean(str(key), place): self.document(each, place, names[key])
                for key, each in node.items()
            }
        if isinstance(node, list):
            return [self.document(each, place, _singular(name)) for each in node]
        if isinstance(node, str):
            return self.value(node, place, name)
        if name and names_secret(name) and isinstance(node, int) and not isinstance(node, bool):
            return self.value(str(node), place, name)  # a one-time password, say
        return node

    def value(self, text: str, place: str, name: str) -> str:
        """Return a value by the name that it has: a variable where that is one of a secret."""
        if name and names_secret(name) and text.strip():
            return self.clean(self.take(text, place, name), place)
        return self.clean(text, place)

    def _variable(self, value: str, place: str, name: str) -> str:
        variable = self.variables.get(value)
        if variable is None:
            variable = name
            while variable in self._taken:
                self._names[name] = max(2, self._names[name] + 1)
                variable = f"{name}_{self._names[name]}"
            self._taken.add(variable)
            self.variables[value] = variable
            self._learn(value, variable)
        if variable not in self._noted:  # it was composed of what stands in several places
            self._note(place, variable)
        return "{{" + variable + "}}"

    def _learn(self, value: str, variable: str) -> None:
        plain_word = value.isalpha() and (value.islower() or value.istitle()) and len(value) < 12
        if value.lower() not in _HARMLESS and not plain_word:
            self._redactor.learn(value, "{{" + variable + "}}")

    def _inner(self, found: re.Match[str], place: str) -> None:
        """Learn the password that the value of Basic decodes to."""
        if found["scheme"].lower() != "basic":
            return
        try:
            pair = base64.b64decode(unquote(found["value"]) + "==").decode()
        except (binascii.Error, ValueError):
            return
        if pair.isprintable() and ":" in pair:
            password = pair.partition(":")[2]
            self._learn(pair, "basic_credential")
            if password:
                self._variable(password, place, "basic_password")

    def _note(self, place: str, variable: str) -> None:
        places = self._noted.setdefault(variable, set())
        if place not in places:
            places.add(place)
            self.found.append(Credential(place, variable))


def _name_below(secret: str, key: str) -> str:
    """Return what a member is called below a secret: {"password": {"current": ...}} holds some."""
    return key if not secret or names_secret(key) or key.lower() in _NO_SECRET_BELOW else secret


def _singular(name: str) -> str:
    """Return the name of an element of a list of secrets, such as `tokens`."""
    return name[:-1] if name.lower().endswith("s") and names_secret(name[:-1]) else name


def identifier(text: str) -> str:
    """Return a name that a variable may have: authToken becomes auth_token."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    plain = re.sub(r"[^A-Za-z0-9]+", "_", snake).strip("_").lower()[:60]
    return f"v_{plain}" if plain[:1].isdecimal() else plain


def shortened(text: str, longest: int) -> str:
    """Return the beginning of a text, which ends in no half of a variable."""
    return text if len(text) <= longest else re.sub(r"\{\{?[^{}]*\}?$", "", text[:longest])


def looks_random(text: str) -> bool:
    """Whether a word looks as if a machine had drawn it: a token, and no name or id."""
    plain = text.rstrip("=")
    if len(plain) < 20 or _UUID.fullmatch(plain) or plain.isdecimal():
        return False
    counts = Counter(plain)
    entropy = -sum(n / len(plain) * math.log2(n / len(plain)) for n in counts.values())
    mixed = sum(bool(re.search(kind, plain)) for kind in ("[a-z]", "[A-Z]", "[0-9]"))
    hexadecimal = len(plain) >= 32 and re.fullmatch(r"[0-9a-f]+|[0-9A-F]+", plain) is not None
    turns = len(_TURNS.findall(plain))
    return turns >= 4 and (hexadecimal or (mixed == 3 and entropy >= ENTROPY))


def credentials_in(text: str, *, code: bool = False) -> list[CredentialSpan]:
    """Return the credentials that stand in a text, or in code, in their order."""
    if _PLAIN.fullmatch(text):
        return []
    found = [*_by_form(text), *_by_name(text, code=code), *(_by_call(text) if code else ())]
    return sorted(found, key=lambda each: (each.start, -each.end))


def _by_form(text: str) -> Iterator[CredentialSpan]:
    """Yield what is a credential whatever its name is."""
    if "eyJ" in text:
        yield from (_found(text, each, "jwt") for each in _JWT.finditer(text))
    lowered = text.lower()
    if any(each in lowered for each in _SCHEMES):
        for found in _SCHEME.finditer(text):
            if _credential_like(found["value"]) and not found["value"].islower():
                yield _found(text, found, "authorization")
    if "://" in text and "@" in text:
        for found in _USERINFO.finditer(text):
            if not VARIABLE.search(found["password"]):
                yield _found(text, found, "url_password", "password")._replace(field="")
    if any(each in text for each in _STARTS):
        yield from (_found(text, each, "api_key") for each in _KNOWN.finditer(text))
    for found in _TOKEN.finditer(text):
        if looks_random(found[0]):
            yield _found(text, found, "token")


def _by_name(text: str, *, code: bool) -> Iterator[CredentialSpan]:
    """Yield what has the name of a secret."""
    others = (_COMPARED, _DIGITS) if code else (_BARE,)
    for pattern in (_PAIR, *others, *((_ELEMENT,) if "</" in text else ())):
        for found in pattern.finditer(text):
            name, value = found["name"], found["value"]
            if names_secret(name) and not VARIABLE.search(value) and _meant(found, value):
                last = name.rpartition(".")[2]
                yield _found(text, found, last, "value")._replace(field=last)


def _by_call(text: str) -> Iterator[CredentialSpan]:
    """Yield the texts that a script gives to a function whose name speaks of a secret."""
    for call in _CALLED.finditer(text):
        name = call["name"]
        if not names_secret(name) and not _LOGIN.search(name):
            continue
        start = call.start("arguments")
        for found in _ARGUMENT.finditer(call["arguments"]):
            value = found["value"]
            if _credential_like(value) and value.lower() not in _HARMLESS and value.isprintable():
                first, last = (start + place for place in found.span("value"))
                called = name if names_secret(name) else "password"
                yield CredentialSpan(first, last, value, called, called)


def _meant(found: re.Match[str], value: str) -> bool:
    """Whether a value with the name of a secret is one, and no word that follows its name."""
    if found.re is _ELEMENT or (value.isdecimal() and len(value) > 2):
        return True
    if value.lower() in _HARMLESS:
        return False
    if found.re is _PAIR and found["sign"] == ",":  # set("a", "b1"), but no list of names
        return any(map(str.isdecimal, value))
    member = found.re is _PAIR and found["sign"] == ":" and found["closed"]
    return bool(member) or _credential_like(value)


def _found(text: str, found: re.Match[str], name: str, group: str | int = 0) -> CredentialSpan:
    start, end = found.span(group)
    field = _FIELD.search(text[max(0, start - 120) : start])
    value = found[group]
    plain = unquote(value) if found.re is _BARE or found.re is _USERINFO else value
    return CredentialSpan(start, end, plain, name, field[1] if field else "")


def _credential_like(value: str) -> bool:
    """Whether a value in running text may be a credential: no word, no code."""
    if VARIABLE.search(value) or len(value) < 4:
        return False
    return not value.isalpha() or (not value.islower() and not value.istitle() and len(value) > 7)


def _name_of(name: str, scheme: str) -> str:
    """Return the name of what stands in a header behind its scheme."""
    known = {"basic": "basic_credential", "bearer": "bearer_token"}
    return known.get(scheme.lower(), "") or identifier(name) or "credential"
