"""`mdms diff`: the rows of a checkout compared with those that a deployment serves, both ways."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from conformance.client.client import Client, Unanswered
from conformance.core.errors import SetupError
from conformance.core.verdicts import Inconclusive
from conformance.mdms.checkout import Checkout, rows_of
from conformance.mdms.masters import MASTERS, MasterRows, Row, Spot, same_id
from conformance.mdms.served import served_rows

# What makes rows of two sides the same row.
IDENTITY: Final = {
    "roles.json": ("code",),
    "roleactions.json": ("rolecode", "actionid"),
    "actions-test.json": ("id",),
    "BusinessService.json": ("code",),
    "TaxHeadMaster.json": ("service", "code"),
    "TaxPeriod.json": ("service", "fromDate", "toDate"),
}
ABSENT: Final = "absent"


class Side(StrEnum):
    """Who has a row."""

    REPOSITORY = "only in the repository"
    SERVED = "only served"
    BOTH = "not the same"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowDifference:
    """A row that one side lacks, or that differs; `fields` are what the two sides say of a key."""

    file: str
    side: Side
    row: str
    spot: Spot
    fields: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the difference as one line."""
        values = "; ".join(f"{key}: {own}, served {other}"
                           for key, (own, other) in self.fields.items())  # fmt: skip
        what = f"{self.side}: {self.row}" + (f" ({values})" if values else "")
        return f"{self.spot}: {what}" if str(self.spot) else f"{self.file}: {what}"


@dataclass(frozen=True, slots=True)
class MastersCompared:
    """What was found; `left_out` says why a master is not compared, `unread` is not served."""

    differences: Sequence[RowDifference]
    left_out: Mapping[str, str]
    unread: Mapping[str, str]


def compare(checkout: Checkout, client: Client) -> MastersCompared:
    """Compare every master of the state that the checkout has; SetupError if nobody answers.

    A file that is absent from a folder that exists has no rows.
    """
    found: list[RowDifference] = []
    left_out: dict[str, str] = {}
    unread: dict[str, str] = {}
    for file, (module, _) in MASTERS.items():
        if not (checkout.folder / module).is_dir():
            left_out[file] = f"the repository has no folder {module}"
            continue
        try:
            found += differences(
                file, _written(checkout, file), served_rows(client, file, anew=True)
            )
        except Unanswered as silence:
            raise SetupError(silence.reason, remedy=silence.remedy) from None
        except Inconclusive as problem:
            unread[file] = str(problem)
    return MastersCompared(found, left_out, unread)


def _written(checkout: Checkout, file: str) -> MasterRows:
    """Return the rows of a file; SetupError if it cannot be read."""
    path = checkout.path(file)
    if not path.is_file():
        return MasterRows(rows=(), spot=lambda *_: Spot(path))
    try:
        return rows_of(path, MASTERS[file][1], checkout.read)
    except Inconclusive as problem:
        raise SetupError(problem.reason, remedy=problem.remedy) from None


def differences(file: str, written: MasterRows, served: MasterRows) -> Iterator[RowDifference]:
    """Yield every difference between the rows of a master, in the order of the two sides.

    Rows are compared whole. Of several rows with one identity each counts once.
    """
    own, other = _by_identity(written, file), _by_identity(served, file)
    for identity in dict.fromkeys([*own, *other]):
        mine, theirs = _unmatched(own.get(identity, []), other.get(identity, []), written, served)
        for index, number in zip(mine, theirs, strict=False):
            yield RowDifference(
                file=file, side=Side.BOTH, row=identity, spot=written.spot(index),
                fields=_fields(written.rows[index], served.rows[number]),
            )  # fmt: skip
        paired = min(len(mine), len(theirs))
        for index in mine[paired:]:
            spot = written.spot(index)
            yield RowDifference(file=file, side=Side.REPOSITORY, row=identity, spot=spot)
        for index in theirs[paired:]:
            spot = served.spot(index)
            yield RowDifference(file=file, side=Side.SERVED, row=identity, spot=spot)


def _by_identity(master: MasterRows, file: str) -> dict[str, list[int]]:
    """Return the indexes of the rows of a master, by what makes them the same row."""
    found: dict[str, list[int]] = {}
    for index, row in enumerate(master.rows):
        if isinstance(row, dict):
            name = ", ".join(f"{key} {same_id(row.get(key))}" for key in IDENTITY[file])
        else:
            name = f"no row: {_text(row):.40}"
        found.setdefault(name, []).append(index)
    return found


def _unmatched(
    own: Sequence[int], other: Sequence[int], written: MasterRows, served: MasterRows
) -> tuple[list[int], list[int]]:
    """Return the rows of either side without those that both have with the same content."""
    left = {index: _text(served.rows[index]) for index in other}
    mine = []
    for index in own:
        text = _text(written.rows[index])
        same = next((number for number, each in left.items() if each == text), None)
        if same is None:
            mine.append(index)
        else:
            del left[same]
    return mine, list(left)


def _fields(own: Any, other: Any) -> dict[str, tuple[str, str]]:
    """Return the keys of which two rows say different things."""
    if not isinstance(own, dict) or not isinstance(other, dict):
        return {}
    pairs = {key: (_value(own, key), _value(other, key)) for key in sorted({*own, *other})}
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}


def _value(row: Row, key: str) -> str:
    return _text(row[key]) if key in row else ABSENT


def _text(value: Any) -> str:
    """Return a value in a form that does not depend on who wrote it."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=_number)


def _number(value: Any) -> Any:
    """Return a fraction as JSON has it: 1.0 and 1 are the same."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else str(value.normalize())
    return str(value)
