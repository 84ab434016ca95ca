"""Whether an answer meets an expectation of a scenario.

Values compare as a reader would: 100, 100.00 and "100.0" are one amount, and what is masked for its
reader is no mismatch.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from conformance.bbps import answers
from conformance.bbps.models import masked
from conformance.client.response import Response
from conformance.core.json_text import fraction
from conformance.core.verdicts import Inconclusive, Violation
from conformance.scenarios import patterns
from conformance.scenarios.model import Expectation
from conformance.scenarios.places import at, count
from conformance.scenarios.templates import Lookup, filled

Unmet = tuple[str, str]  # what is required, and what was observed
LONGEST: Final = 300  # characters shown of a value
VOLATILE: Final = ("responseinfo", "resposneinfo")  # differs with each answer; DIGIT misspells it
_AMOUNT: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_WORDS: Final = {
    "accepted": answers.accepted,
    "refused": answers.refused,
    "kept-out": answers.kept_out,
    "denied": answers.denied,
    "reached": answers.gets_through,
}
_SIZES: Final[Mapping[str, tuple[str, Callable[[Decimal, Decimal], bool]]]] = {
    "at_least": ("at least", lambda found, bound: found >= bound),
    "at_most": ("at most", lambda found, bound: found <= bound),
    "above": ("above", lambda found, bound: found > bound),
    "below": ("below", lambda found, bound: found < bound),
}
_KINDS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "string": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, int | Decimal) and not isinstance(value, bool),
    "integer": lambda value: (
        isinstance(value, int | Decimal) and not isinstance(value, bool) and value == int(value)
    ),
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "null": lambda value: value is None,
}


@dataclass(frozen=True, kw_only=True)
class Context:
    """What expectations refer to: variables, the answers of earlier steps, days of epoch ms."""

    value_of: Lookup
    day: Callable[[int], Any]
    answers: Mapping[str, Response] = field(default_factory=dict)


def unmet(expectation: Expectation, response: Response, known: Context) -> Unmet | None:
    """Return the first thing that an answer lacks, or None if it meets the expectation.

    Inconclusive where the answer does not show what a service decided.
    """
    statuses = expectation.status or ("accepted",)
    return _status(statuses, response) or unmet_at_places(expectation, response, known)


def unmet_at_places(expectation: Expectation, response: Response, known: Context) -> Unmet | None:
    """Return the first thing that an answer lacks, whatever its status; None if it lacks none."""
    for judge in (_values, _presence, _sizes, _times):
        for problem in judge(expectation, response, known):
            return problem
    return None


def _status(statuses: tuple[int | str, ...], response: Response) -> Unmet | None:
    """Return that the status is none of those required; Inconclusive if it decides nothing."""
    if any(isinstance(each, int) and each == response.status for each in statuses):
        return None
    classes = [each for each in statuses if isinstance(each, str) and each not in _WORDS]
    if any(int(each[0]) == response.status // 100 for each in classes):
        return None
    undecided: list[Inconclusive] = []
    problem: Unmet | None = None
    for word in (each for each in statuses if isinstance(each, str) and each in _WORDS):
        try:
            _WORDS[word](response, "the call")
        except Violation as violation:
            problem = (violation.required, violation.observed)
        except Inconclusive as open_question:
            undecided.append(open_question)
        else:
            return None
    if undecided:
        raise undecided[0]
    if problem is not None and len(statuses) == 1:
        return problem
    answers.judged(response, "the call")
    if response.unserved:
        raise answers.undecided(response, "the call")
    wanted = " or ".join(f"HTTP {each}" if each not in _WORDS else str(each) for each in statuses)
    return f"the answer is {wanted}", f"it is {response.description}"


def _values(expectation: Expectation, response: Response, known: Context) -> Iterator[Unmet]:
    for place, value in _filled(expectation.equals, known):
        found = at(response, place)
        if not equal(found, value):
            yield f"the answer has {shown(value)} at {place}", f"it has {shown(found)}"
    for place, value in _filled(expectation.not_equals, known):
        found = at(response, place)
        if equal(found, value):
            yield f"the answer has something else than {shown(value)} at {place}", "it has that"
    for place, values in _filled(expectation.one_of, known):
        found = at(response, place)
        if not any(equal(found, each) for each in values):
            listed = ", ".join(map(shown, values))
            yield f"the answer has one of {listed} at {place}", f"it has {shown(found)}"
    for place, pattern in _filled(expectation.matches, known):
        found = at(response, place)
        if found is None or not patterns.found(pattern, _text(found)):
            yield f"the answer has what matches {pattern} at {place}", f"it has {shown(found)}"
    for place, part in _filled(expectation.contains, known):
        found = at(response, place)
        if not _contains(found, part):
            yield f"the answer has what contains {shown(part)} at {place}", f"it has {shown(found)}"


def _presence(expectation: Expectation, response: Response, known: Context) -> Iterator[Unmet]:
    for place in filled(expectation.present, known.value_of):
        if at(response, place) in (None, ""):
            yield f"the answer has a value at {place}", "it has none"
    for place in filled(expectation.absent, known.value_of):
        found = at(response, place)
        if found not in (None, ""):
            yield f"the answer has no value at {place}", f"it has {shown(found)}"
    for place, kind in expectation.type.items():
        place = filled(place, known.value_of)
        found = at(response, place)
        if not _KINDS[kind](found):
            yield f"the answer has a value of type {kind} at {place}", f"it has {shown(found)}"


def _sizes(expectation: Expectation, response: Response, known: Context) -> Iterator[Unmet]:
    for place, length in _filled(expectation.length, known):
        found = count(response, place)
        if found != length:
            observed = "it has nothing that has a length" if found is None else f"there are {found}"
            yield f"the answer has {length} at {place}", observed
    for name, (words, holds) in _SIZES.items():
        for place, bound in _filled(getattr(expectation, name), known):
            size, limit = _number(at(response, place)), _number(bound)
            if size is None or limit is None or not holds(size, limit):
                observed = shown(at(response, place))
                yield f"the answer has {words} {shown(bound)} at {place}", f"it has {observed}"


def _times(expectation: Expectation, response: Response, known: Context) -> Iterator[Unmet]:
    for place, value in _filled(expectation.same_day, known):
        found, wanted = _day(at(response, place), known), _day(value, known)
        if found is None or wanted is None:
            yield f"the answer has a time at {place}", f"it has {shown(at(response, place))}"
        elif found != wanted:
            yield f"the time at {place} is on {wanted}", f"it is on {found}"
    for place, step in expectation.unchanged_since.items():
        place = filled(place, known.value_of)
        earlier = known.answers.get(step)
        if earlier is None:
            yield f"the answer is that of step {step!r}", "that step had no answer"
            continue
        changes = list(_changes(_lasting(earlier, place), _lasting(response, place), place))
        if changes:
            yield f"the answer is unchanged since step {step!r}", "; ".join(changes[:3])
    took = response.exchange.milliseconds
    if expectation.within_ms is not None and took > expectation.within_ms:
        yield f"the answer takes at most {expectation.within_ms} ms", f"it took {took:.0f} ms"


def equal(found: Any, value: Any) -> bool:
    """Whether a value is the one required: amounts by their worth, masked texts by what shows."""
    if isinstance(found, dict) and isinstance(value, dict):
        return found.keys() == value.keys() and all(equal(found[key], value[key]) for key in value)
    if isinstance(found, list) and isinstance(value, list):
        return len(found) == len(value) and all(map(equal, found, value))
    if isinstance(found, bool) or isinstance(value, bool):
        return str(found).lower() == str(value).lower()
    if found is None or value is None or found == value:
        return bool(found == value)
    if isinstance(found, dict | list) or isinstance(value, dict | list):
        return False
    one, other = _amount(found), _amount(value)
    if one is not None and other is not None:
        return one == other
    return str(found) == str(value) or masked(str(found), str(value))


def shown(value: Any) -> str:
    """Return a value as part of a sentence."""
    if value is None:
        return "nothing"
    if isinstance(value, Decimal):
        return f"{value:f}"
    text = repr(value) if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def _filled(expected: Mapping[str, Any], known: Context) -> Iterator[tuple[str, Any]]:
    yield from filled(expected, known.value_of).items()


def _amount(value: Any) -> Decimal | None:
    """Return a number, or a text that is written as an amount; an id such as 007 is none."""
    if isinstance(value, str) and not _AMOUNT.fullmatch(value):
        return None
    return _number(value)


def _number(value: Any) -> Decimal | None:
    try:
        number = None if isinstance(value, bool) else fraction(str(value))
    except (ValueError, ArithmeticError):
        return None
    return number if number is not None and number.is_finite() else None


def _day(value: Any, known: Context) -> Any:
    """Return the day of a time in epoch ms; None if it is none."""
    moment = _number(value)
    try:
        return None if moment is None else known.day(int(moment))
    except (OverflowError, ValueError, OSError):
        return None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else shown(value)


def _contains(found: Any, part: Any) -> bool:
    if isinstance(found, str):
        return str(part) in found
    if isinstance(found, list):
        return any(equal(each, part) for each in found)
    if isinstance(found, dict) and isinstance(part, dict):
        return all(key in found and equal(found[key], each) for key, each in part.items())
    return isinstance(found, dict) and part in found


def _lasting(response: Response, place: str) -> Any:
    """Return what stands at a place of an answer, without what differs with each answer."""
    found = at(response, place)
    if not place and isinstance(found, dict):
        return {key: each for key, each in found.items() if key.lower() not in VOLATILE}
    return found


def _changes(before: Any, after: Any, place: str) -> Iterator[str]:
    """Yield a sentence for each place at which two documents differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            yield from _changes(before.get(key), after.get(key), f"{place}/{key}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _changes(one, other, f"{place}/{number}")
    elif not equal(after, before):
        yield f"{place or 'the answer'} was {shown(before)}, and is {shown(after)}"
