"""Values that a scenario generates each time it is played: texts, numbers, times, money, bills."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from conformance.core.json_text import fraction
from conformance.core.redaction import ENVIRONMENT
from conformance.scenarios.templates import VARIABLE

READABLE: Final = ENVIRONMENT + r"[A-Za-z0-9_]+"
# The modes of payment that DIGIT's collection-services knows.
PaymentMode = Literal[
    "CASH", "CHEQUE", "DD", "ONLINE", "CARD",
    "OFFLINE_NEFT", "OFFLINE_RTGS", "ONLINE_NEFT", "ONLINE_RTGS", "POSTAL_ORDER",
]  # fmt: skip
MOST_DAYS: Final = 36_500
# What a bill has: {{bill.amount}}.
OF_A_BILL: Final = (
    "id", "consumer_code", "amount", "tenant", "business_service", "expires_at",
)  # fmt: skip
KINDS: Final[Mapping[str, frozenset[str]]] = {  # kind -> settings that it takes
    "text": frozenset({"prefix"}),
    "uuid": frozenset(),
    "environment": frozenset({"variable"}),
    "mobile": frozenset(),
    "email": frozenset(),
    "password": frozenset(),
    "consumer-code": frozenset(),
    "number": frozenset({"between"}),
    "rupees": frozenset({"between", "of", "plus"}),
    "time": frozenset({"days"}),
    "seconds": frozenset({"days"}),
    "date": frozenset({"days"}),
    "bill": frozenset({"amount", "valid_days", "service", "mode"}),
}


def scalar(value: Any) -> Any:
    """Return a text, a number, true, false or null; ValueError for anything else."""
    if isinstance(value, dict | list | tuple):
        raise ValueError("is no single value; write a text or a number")
    return value


def scalar_or_list(value: Any) -> Any:
    """Return a single value or a list of such; ValueError for anything else."""
    return [scalar(each) for each in value] if isinstance(value, list) else scalar(value)


def amount(value: Any) -> Any:
    """Return a number as a Decimal, or a text that is one {{variable}}; else ValueError."""
    if isinstance(value, str) and VARIABLE.fullmatch(value.strip()):
        return value.strip()
    try:
        number = None if isinstance(value, bool) else fraction(str(value))
    except (ValueError, ArithmeticError):
        number = None
    if number is None or not number.is_finite():
        raise ValueError('is no number; write for example 100, or "{{amount}}"')
    return number


def whole(value: Any) -> Any:
    """Return a value unless it is true or false, which pydantic takes for 1 and 0; ValueError."""
    if isinstance(value, bool):
        raise ValueError("is no number; write for example 1")
    return value


# A number as it is, or as a text; or one variable.
AN_AMOUNT: Final = r"^\s*([-+]?[0-9][0-9_.]*([eE][-+]?[0-9]+)?|[-+]?\.[0-9]+|\{\{.+\}\})\s*$"
Amount = Annotated[
    Any,
    BeforeValidator(
        amount, json_schema_input_type=float | Annotated[str, Field(pattern=AN_AMOUNT)]
    ),
]
Whole = Annotated[int, BeforeValidator(whole)]
Days = Annotated[int, Field(ge=-MOST_DAYS, le=MOST_DAYS), BeforeValidator(whole)]
LaterDays = Annotated[int, Field(ge=0, le=MOST_DAYS), BeforeValidator(whole)]


def readable(variable: str) -> str:
    """Return the name of a variable of the environment that may be read; else ValueError."""
    if not re.fullmatch(READABLE, variable):
        raise ValueError(
            f"may not be read: a scenario gets only what begins with {ENVIRONMENT}; write for "
            f"example {ENVIRONMENT}{re.sub('[^A-Za-z0-9_]', '_', variable)}, and set that"
        )
    return variable


Readable = Annotated[
    str, AfterValidator(readable), Field(json_schema_extra={"pattern": f"^{READABLE}$"})
]


def _settings_by_kind() -> list[Any]:
    """Return, as JSON Schema, which settings each kind takes."""
    return [
        {
            "if": {"properties": {"generate": {"const": kind}}},
            "then": {"propertyNames": {"enum": ["generate", *sorted(settings)]}},
        }
        for kind, settings in KINDS.items()
    ]


class Generated(BaseModel):
    """A value that is new each time: `generate` is its kind.

    text: unique, after `prefix`. uuid, mobile, email, password, consumer-code: unique.
    number: whole, `between` two. rupees: `between` two, or those `of` a variable, `plus` some.
    time: now in epoch ms, `days` later (or earlier); seconds: in epoch s; date: as 2026-11-29.
    environment: what the user gives in BBPS_, with the name in capitals, or in `variable`: a
    variable of the environment that begins with BBPS_.
    bill: an unpaid bill, with id, consumer_code, amount, tenant, business_service, expires_at.
    `amount` in rupees; `valid_days` beyond today; `mode` is one that its business service takes;
    `service` is one that allows part payment (partial), allows none (whole), or disallows a mode
    (restricted).
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"allOf": _settings_by_kind()}
    )

    generate: Literal[
        "text", "uuid", "mobile", "email", "password", "consumer-code", "number", "rupees",
        "time", "seconds", "date", "bill", "environment",
    ]  # fmt: skip
    prefix: str | None = None
    variable: Readable | None = None
    between: tuple[Whole, Whole] | None = None
    of: Amount | None = None
    plus: Amount | None = None
    days: Days | None = None
    amount: Amount | None = None
    valid_days: LaterDays | None = None
    service: Literal["partial", "whole", "restricted"] | None = None
    mode: PaymentMode | None = None

    @model_validator(mode="after")
    def _fits(self) -> "Generated":
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        others = [name for name in given if name not in KINDS[self.generate] | {"generate"}]
        if others:
            known = ", ".join(sorted(KINDS[self.generate])) or "nothing else"
            raise ValueError(f"{self.generate} takes no {others[0]}; it takes {known}")
        if self.between and self.between[0] > self.between[1]:
            raise ValueError("between ends before it begins; write the smaller number first")
        if self.mode is not None and self.service not in {None, "whole"}:
            raise ValueError(f"a bill of a {self.service} service takes no mode; leave one out")
        if self.generate == "rupees" and (self.between is None) == (self.of is None):
            raise ValueError("rupees are `between` two numbers, or those `of` a value; give one")
        if self.plus is not None and self.of is None:
            raise ValueError("plus adds to what `of` names; add `of`")
        return self


def variable_of(name: str, variable: str | None = None) -> str:
    """Return the variable of the environment that holds a value of a scenario."""
    return variable or ENVIRONMENT + name.upper()


def generated_or_constant(value: Any) -> Any:
    """Return what a mapping generates; anything else stays as it is."""
    return Generated.model_validate(value) if isinstance(value, dict) else value
