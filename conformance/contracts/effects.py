"""What an operation does to a deployment, declared once; nothing here knows a target.

Whether a request may leave is decided by `client.policy`, from these declarations alone.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any, Final

# Ids that the suite uses for what does not exist: nothing of a city can stand behind them.
NOWHERE: Final = "CONF-NOWHERE"  # in generated requests
NOBODYS: Final = frozenset({"CONF-NONE", NOWHERE, "CONF-NO-BILL", "CONF-NO-TRANSACTION"})
PLAUSIBLE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}")  # an id that a city may give
# Escapes of JSON, and what another encoding than UTF-8 leaves: a name may stand behind them.
VEILS: Final = ("\\u", "\0", "\N{REPLACEMENT CHARACTER}")


class Effect(IntEnum):
    """What a request may do to the deployment, the mildest first."""

    READS = 0
    WRITES = 1
    MOVES_MONEY = 2


class Condition(StrEnum):
    """What makes a request milder than its operation."""

    STATES_FAILURE = "it states that the payment failed"
    NAMES_NO_FIELD = "it contains none of the fields that the operation acts on"
    NOBODYS_CODE = "no consumer code in it belongs to anybody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Milder:
    """A request has only `effect` where `when` holds; `fields` are those of NAMES_NO_FIELD."""

    when: Condition
    effect: Effect
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Creation:
    """What an operation creates, as a ledger enters it: its kind, and where a request names it.

    Places are dotted, `*` being every element of a list. Of several places of `rupees` the
    greatest sum counts. `refused` is the kind of the entry that follows a refusal, if one does.
    """

    kind: str
    key: str
    tenant: str
    rupees: tuple[str, ...] = ()
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestContent:
    """What a request says: `query` with all values of a name, the parsed body, and its text.

    `document` is None where the body is neither JSON nor a form. RequestInfo is left out.
    """

    query: Mapping[str, Sequence[str]] = field(default_factory=dict)
    document: Any = None
    text: str = ""

    def names_any(self, fields: Sequence[str]) -> bool:
        """Whether the text that leaves may mention one of these fields, whatever its format."""
        veiled = any(each in self.text for each in VEILS)
        return veiled or any(name in self.text for name in fields)

    def says(self, value: str) -> bool:
        """Whether a value stands anywhere in the query or the body, in whatever case."""
        stated = [each for row in self.query.values() for each in row]
        stated += re.split(r"[&=]", self.text) if self.document is None else _texts(self.document)
        return any(each.strip().lower() == value.lower() for each in stated)

    def nobodys(self, creation: "Creation") -> bool:
        """Whether nothing of a city can stand behind what the body names as `creation` does.

        That is so of ids that are nobody's; and, where all consumer codes are nobody's, of ids
        that no city gives.
        """
        ids = set(_values_of(self.document, creation.key.rpartition(".")[2]))
        codes = set(_values_of(self.document, "consumerCode"))
        if codes and codes <= NOBODYS:
            ids = {each for each in ids if PLAUSIBLE.fullmatch(each)} or codes
        return bool(ids) and ids <= NOBODYS

    @property
    def nobodys_code(self) -> bool:
        """Whether the query names consumer codes, and nobody's only, however it names them."""
        named = [row for name, row in self.query.items() if "consumercode" in name.lower()]
        return any(named) and all(NOBODYS.issuperset(row) for row in named)


def values_at(document: Any, place: str) -> list[Any]:
    """Return what stands at a dotted place of a document, `*` being every element of a list."""
    found = [document]
    for part in place.split("."):
        if part == "*":
            found = [item for each in found if isinstance(each, list | tuple) for item in each]
        else:
            found = [each[part] for each in found if isinstance(each, Mapping) and part in each]
    return found


def _texts(node: Any) -> Iterator[str]:
    """Yield every text of a document."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping | list | tuple):
        for each in node.values() if isinstance(node, Mapping) else node:
            yield from _texts(each)


def _values_of(node: Any, name: str) -> Iterator[str]:
    """Yield the texts that fields of a name hold, at any depth."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key == name and isinstance(value, str):
                yield value
            else:
                yield from _values_of(value, name)
    elif isinstance(node, list | tuple):
        for item in node:
            yield from _values_of(item, name)
