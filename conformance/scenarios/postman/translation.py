"""What a script comes to: what it requires, keeps and sets."""

from dataclasses import dataclass, field, replace

from conformance.scenarios.postman.expected import codes, place_of
from conformance.scenarios.postman.lines import LineBook
from conformance.scenarios.postman.symbols import (
    UNCLEAR,
    Assertion,
    InBody,
    Joined,
    Reason,
    Status,
    Value,
    written,
)


@dataclass(frozen=True, slots=True)
class VariableSet:
    """A variable that a script gives a value; `after` the answer, or before the request."""

    name: str
    value: Value
    after: bool


@dataclass(frozen=True, slots=True)
class HeaderSet:
    """A header that a script gives the request."""

    name: str
    value: Value


@dataclass(slots=True)
class Translation:
    """What a script comes to."""

    book: LineBook
    claims: list[Assertion] = field(default_factory=list)
    sets: list[VariableSet] = field(default_factory=list)
    headers: list[HeaderSet] = field(default_factory=list)


def keepable(value: Value) -> bool:
    """Whether a variable can be given a value: one of the answer, or one that is known."""
    if isinstance(value, Joined):
        return all(keepable(each) for each in value.parts)
    return place_of(value) is not None or written(value) is not UNCLEAR


def given(
    claim: Assertion, earlier: list[Assertion], kept: list[VariableSet], required: list[Assertion]
) -> bool:
    """Whether a condition is required anyhow, or says no more than that what is kept is there."""
    plain = replace(claim, test="")
    if any(replace(each, test="") == plain for each in earlier):
        return True
    if isinstance(claim.subject, Status):
        return _accepted(claim, earlier, exact=bool(required))
    if required or claim.verb not in {"truthy", "present"}:
        return False  # what is required under a condition is not required without it
    if not kept or not isinstance(claim.subject, InBody):
        return False
    path = claim.subject.path
    return all(isinstance(each.value, InBody) and each.value.path[: len(path)] == path
               for each in kept)  # fmt: skip


def _accepted(claim: Assertion, earlier: list[Assertion], *, exact: bool) -> bool:
    """Whether a condition on the status holds where the answer is what is required anyhow.

    A step without another status must be accepted. What is kept only, one of several will do for.
    """
    wanted = codes(claim) or frozenset()
    usual = {str(each)[:1] for each in wanted} >= {"2"}
    stated = [each for each in earlier if isinstance(each.subject, Status | Reason)]
    if not stated:
        return usual
    allowed = codes(stated[0]) or frozenset()
    common = {str(each) for each in wanted} & {str(each) for each in allowed}
    classes = {str(each)[:1] for each in wanted if str(each).endswith("xx")}
    inside = {str(each) for each in allowed if str(each)[:1] in classes}
    met = common | inside
    return bool(met) and (not exact or met == {str(each) for each in allowed})
