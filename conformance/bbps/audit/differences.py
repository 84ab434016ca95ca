"""Where two sights of a record differ: what was sent, answered, or shown by a search.

A reader may see less: null, absent and empty are no difference, but for fields that must be kept,
and neither is personal data that is masked for him, or was redacted before it was recorded.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from conformance.bbps.models import masked
from conformance.core.redaction import REDACTED

IDENTITIES: Final = ("id", "billId")  # by which the elements of two lists are matched
EMPTY: Final[tuple[Any, ...]] = (None, "", [], {}, [""])


def differences(
    first: Any,
    second: Any,
    *,
    left_out: Collection[str] = (),
    kept: Collection[str] = (),
    name: str = "",
) -> Iterator[str]:
    """Yield where the second sight shows a field of the first otherwise, in words for a report.

    `left_out` are names of fields that may differ; `kept` of those that the second must show.
    """
    if first in EMPTY:
        return
    if second in EMPTY:
        if name.rpartition(".")[2] in kept:
            yield f"{name} was {_shown(first)}, and is not there any more"
        return
    rest: dict[str, Any] = {"left_out": left_out, "kept": kept}
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        for key, value in first.items():
            if key not in left_out:
                place = f"{name}.{key}" if name else str(key)
                yield from differences(value, second.get(key), name=place, **rest)
    elif isinstance(first, list) and isinstance(second, list):
        if len(first) != len(second):
            yield f"{name} had {len(first)} elements, and has {len(second)}"
        for one, other in _matched(first, second):
            if other is None and one is not None:
                yield f"{name} had {_shown(one)}, and has it no more"
            else:
                yield from differences(one, other, name=name, **rest)
    elif not _alike(first, second):
        yield f"{name} was {_shown(first)}, and is {_shown(second)}"


def _matched(first: Sequence[Any], second: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    """Yield the elements of two lists that belong together: by identity, else by position."""
    for key in IDENTITIES:
        if all(isinstance(each, Mapping) and each.get(key) for each in [*first, *second]):
            others = {each[key]: each for each in second}
            yield from ((each, others.get(each[key])) for each in first)
            return
    yield from zip(first, second, strict=False)


def _alike(first: Any, second: Any) -> bool:
    """Whether two values are the same: numbers by value, texts literally unless masked."""
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    if first == second:
        return True
    if REDACTED in (first, second):
        return True
    numbers = _number(first), _number(second)
    if None not in numbers and not (isinstance(first, str) and _padded(first, second)):
        return numbers[0] == numbers[1]
    texts = isinstance(first, str) and isinstance(second, str)
    return texts and (masked(second, first) or masked(first, second))


def _padded(first: str, second: Any) -> bool:
    """Whether two texts are of digits, as of an instrument, whose leading zeros count."""
    return isinstance(second, str) and "." not in first + second


def _number(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _shown(value: Any) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
