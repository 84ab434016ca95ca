"""What an operation does to a deployment, declared once; nothing here knows a target.

Whether a request may leave is decided by `client.policy`, from these declarations alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any, Final

# Ids that the suite uses for what does not exist: nothing of a city can stand behind them.
NOWHERE: Final = "CONF-NOWHERE"  # in generated requests
NOBODYS: Final = frozenset({"CONF-NONE", NOWHERE, "CONF-NO-BILL", "CONF-NO-TRANSACTION"})


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
class Request:
    """What a request says: `query` with all values of a name, the parsed body, and its text.

    `document` is None where the body is no JSON and no form. RequestInfo is left out.
    """

    query: Mapping[str, Sequence[str]] = field(default_factory=dict)
    document: Any = None
    text: str = ""

    def names_any(self, fields: Sequence[str]) -> bool:
        """Whether the text that leaves mentions one of these fields, whatever its format."""
        return any(name in self.text for name in fields)

    @property
    def nobodys(self) -> bool:
        """Whether every bill, or every consumer code, that the body names is nobody's."""
        named = [set(_values_of(self.document, each)) for each in ("billId", "consumerCode")]
        return any(ids and ids <= NOBODYS for ids in named)

    @property
    def nobodys_code(self) -> bool:
        """Whether the query names consumer codes, and nobody's only."""
        codes = self.query.get("consumerCode", ())
        return bool(codes) and NOBODYS.issuperset(codes)


def values_at(document: Any, place: str) -> list[Any]:
    """Return what stands at a dotted place of a document, `*` being every element of a list."""
    found = [document]
    for part in place.split("."):
        if part == "*":
            found = [item for each in found if isinstance(each, list | tuple) for item in each]
        else:
            found = [each[part] for each in found if isinstance(each, Mapping) and part in each]
    return found


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
