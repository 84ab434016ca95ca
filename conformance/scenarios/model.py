"""The format of a scenario: its pydantic model. No condition, no arithmetic: data only.

What holds between the parts (a variable that no step saved) `soundness` judges.
"""

import re
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote, unquote

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    WithJsonSchema,
    model_validator,
)

from conformance.contracts.endpoints import ENDPOINTS
from conformance.core.wording import did_you_mean
from conformance.profile.section import refuse_unsendable
from conformance.scenarios import patterns, places
from conformance.scenarios.templates import NAME, VARIABLE
from conformance.scenarios.values import (
    Amount,
    Generated,
    generated_or_constant,
    scalar,
    scalar_or_list,
    whole,
)

STATUS_WORDS: Final = ("accepted", "refused", "kept-out", "denied", "reached")
MOST_DAYS: Final = 31  # on which one scenario takes place
STATUS_CLASS: Final = re.compile(r"[1-5]xx")
METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
MULTIPART: Final = "multipart/form-data"
SAFE: Final = "/-._~!$&'()*+,;=:@%{}"
PATH: Final = r"[A-Za-z0-9/._~!$&'()*+,;=:@%{}-]+"


def _operation(name: str) -> str:
    if name not in ENDPOINTS:
        hint = did_you_mean(name, ENDPOINTS) or "see `contracts show SERVICE`"
        raise ValueError(f"is not an operation; {hint}")
    return name


def _status(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(f"is no status; write 200, 2xx or one of {', '.join(STATUS_WORDS)}")
    if isinstance(value, int) or value.isdigit():
        if not 100 <= int(value) <= 599:
            raise ValueError("is not a status of HTTP; write a number from 100 to 599")
        return int(value)
    if value in STATUS_WORDS or STATUS_CLASS.fullmatch(value.lower()):
        return value.lower()
    hint = did_you_mean(value, STATUS_WORDS) or f"write 200, 2xx or {', '.join(STATUS_WORDS)}"
    raise ValueError(f"is no status; {hint}")


def _method(value: str) -> str:
    if value.upper() not in METHODS:
        raise ValueError(f"is not a method of HTTP; write one of {', '.join(METHODS)}")
    return value.upper()


def below_base_url(value: str) -> str:
    """Return a path; ValueError unless every client goes below base_url with it."""
    if not value.startswith("/") or value.startswith("//"):
        raise ValueError("is not a path below base_url of the profile; begin it with one /")
    if "?" in value or "#" in value:
        raise ValueError("contains more than a path; move what follows the ? to `query`")
    if not re.fullmatch(PATH, value):
        raise ValueError(f"has what no path may; write {quote(value, safe=SAFE)}")
    if any(unquote(part) in {".", ".."} for part in value.split("/")):
        raise ValueError("leaves the path that it begins with; write it without . and ..")
    return value


def _path(value: str) -> str:
    below_base_url(VARIABLE.sub("1", value))
    return value


def _headers(value: dict[str, str]) -> dict[str, str]:
    for name, text in value.items():
        if name.lower() == "host":
            raise ValueError(f"{name} is set by the client itself; leave it out")
        refuse_unsendable(VARIABLE.sub("1", name), VARIABLE.sub("1", text))
    return value


def _content_type(value: str) -> str:
    if not value.strip():
        raise ValueError("is empty; leave it out")
    refuse_unsendable("content-type", VARIABLE.sub("1", value))
    return value


def _expression(value: str) -> str:
    patterns.checked(VARIABLE.sub("1", value))  # a number fits in where a text does, too
    return value


def _listed(value: Any) -> Any:
    """Take a single one for a list of one."""
    return value if isinstance(value, list | tuple) else (value,)


def _at_root(value: Any) -> Any:
    """Take the name of a step for the whole body of its answer."""
    return {"": value} if isinstance(value, str) else value


# Where a value stands in an answer; for editors, how it begins.
Place = Annotated[
    str, AfterValidator(places.checked), WithJsonSchema({"type": "string", "pattern": places.FORM})
]
Variable = Annotated[str, Field(pattern=f"^{NAME}$")]
_A_WORD: Final = rf"^([1-5][0-9][0-9]|[1-5][xX][xX]|{'|'.join(STATUS_WORDS)})$"
Status = Annotated[
    int | str,
    BeforeValidator(
        _status,
        json_schema_input_type=Annotated[int, Field(ge=100, le=599)]
        | Annotated[str, Field(pattern=_A_WORD)],
    ),
]
Scalar = Annotated[
    Any, BeforeValidator(scalar, json_schema_input_type=str | int | float | bool | None)
]
Sendable = Annotated[
    Any,
    BeforeValidator(
        scalar_or_list,
        json_schema_input_type=str | int | float | bool | list[str | int | float | bool] | None,
    ),
]
Kind = Literal["string", "number", "integer", "boolean", "array", "object", "null"]
Length = Annotated[int, Field(ge=0), BeforeValidator(whole)]
Milliseconds = Annotated[int, Field(gt=0), BeforeValidator(whole)]
Day = Annotated[int, Field(ge=0, le=MOST_DAYS), BeforeValidator(whole)]
Row = Annotated[dict[Variable, Any], Field(min_length=1)]
Rows = Annotated[tuple[Row, ...], Field(min_length=1)]


# A value that is generated, or that is always the same.
Value = Annotated[
    Generated | Any,
    BeforeValidator(
        generated_or_constant,
        json_schema_input_type=Generated | str | int | float | bool | list[Any] | None,
    ),
]


class Part(BaseModel):
    """A frozen part of a scenario that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(Part):
    """The Postman collection, and its requests, that a scenario was derived from."""

    collection: str
    requests: tuple[str, ...] = Field(min_length=1)


class Expectation(Part):
    """What an answer must be: its status, and what stands at places of it; all of it must hold.

    `status` is a number, a class (2xx), or a word: `accepted` and `refused` by a service,
    `kept-out` by a service or the gateway, `denied` by the gateway, `reached` for whatever a
    service decides. Without it the answer must be accepted. `verifies` names the requirements
    that are broken otherwise: those of the scenario if it names none.
    """

    status: Annotated[
        tuple[Status, ...],
        BeforeValidator(_listed, json_schema_input_type=Status | list[Status]),
    ] = ()
    equals: dict[Place, Any] = {}
    not_equals: dict[Place, Any] = {}
    one_of: dict[Place, Annotated[list[Any], Field(min_length=1)]] = {}
    matches: dict[Place, Annotated[str, AfterValidator(_expression)]] = {}
    contains: dict[Place, Any] = {}  # a part of a text, an entry of a list, a key of a mapping
    present: tuple[Place, ...] = ()
    absent: tuple[Place, ...] = ()
    type: dict[Place, Kind] = {}
    length: dict[Place, Length] = {}
    at_least: dict[Place, Amount] = {}
    at_most: dict[Place, Amount] = {}
    above: dict[Place, Amount] = {}
    below: dict[Place, Amount] = {}
    same_day: dict[Place, Any] = {}  # a time in epoch ms, on the day of another one
    unchanged_since: Annotated[
        dict[Place, str],  # place -> a step before; for a whole body its name alone
        BeforeValidator(_at_root, json_schema_input_type=str | dict[str, str]),
    ] = {}
    within_ms: Milliseconds | None = None
    verifies: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _says_something(self) -> "Expectation":
        if not any(getattr(self, name) for name in type(self).model_fields if name != "verifies"):
            raise ValueError("expects nothing: give status, equals, present or another")
        return self


Expectations = Annotated[
    tuple[Expectation, ...],
    BeforeValidator(_listed, json_schema_input_type=Expectation | list[Expectation]),
]


class RawCall(Part):
    """A request that is no operation of the suite; `path` is below base_url of the profile."""

    method: Annotated[str, AfterValidator(_method)]
    path: Annotated[str, AfterValidator(_path)]


class RequestParts(Part):
    """What a request contains; {{variables}} are replaced.

    One of `body` (JSON), `form`, `text` and `file` (in its folder) at most. JSON gets the
    RequestInfo of the suite, with the actor's token, unless it has one.
    """

    as_: str | None = Field(default=None, alias="as")
    token: str | None = None  # instead of the actor's
    path: dict[str, str] = {}
    query: dict[str, Sendable] = {}
    headers: Annotated[dict[str, str], AfterValidator(_headers)] = {}
    body: dict[str, Any] | list[Any] | None = None
    form: dict[str, Scalar] | None = None
    text: str | None = None
    file: str | None = None
    content_type: Annotated[str, AfterValidator(_content_type)] | None = None

    @model_validator(mode="after")
    def _one_body(self) -> "RequestParts":
        given = [
            each for each in ("body", "form", "text", "file") if getattr(self, each) is not None
        ]
        if len(given) > 1:
            raise ValueError(f"has {' and '.join(given)}: a request has one body; keep one of them")
        if self.content_type and self.body is not None:
            raise ValueError("has a JSON body with a content_type; write it as `text` instead")
        return self


class ControlCall(RequestParts):
    """What is changed in the call of a step, so that it must be accepted, or have this `status`."""

    status: Annotated[
        tuple[Status, ...],
        BeforeValidator(_listed, json_schema_input_type=Status | list[Status]),
    ] = ("accepted",)


class Step(RequestParts):
    """One call: an operation (`call`), or any `request`; `save` keeps values for later steps.

    Without `expect` it must be accepted. A step that is `given` prepares: where it does not hold,
    nothing is decided; where one that is `where` does not, the scenario does not apply, for the
    register leaves it open. `foreach` repeats it, once for each row. `control` changes the call to
    one that must be accepted, after all rows: else what was refused shows nothing. `day` is the
    day on which it takes place, the first being 1.
    """

    name: str = Field(min_length=1)
    description: str = ""
    as_: str = Field(default="integrator", alias="as")
    call: Annotated[str, AfterValidator(_operation)] | None = None
    request: RawCall | None = None
    day: Day = 0  # 0: that of the step before
    foreach: Rows = ()
    expect: Expectations = ()
    eventually: bool = False  # the effect may show late: repeat until the expectation holds
    never: Expectations = ()  # what no answer may be, as long as an effect may show late
    control: ControlCall | None = None
    save: dict[Variable, Place] = {}
    given: bool = False
    where: bool = False

    @model_validator(mode="after")
    def _one_call(self) -> "Step":
        if self.call is not None and self.request is not None:
            raise ValueError("has call and request; keep one of them")
        if self.call is None and self.request is None:
            raise ValueError("calls nothing; add `call: OPERATION`, or `request: {method, path}`")
        if self.given and self.where:
            raise ValueError("has given and where; keep `where` if the register leaves it open")
        if self.eventually and self.never:
            raise ValueError("has eventually and never; make two steps of it")
        return self

    @property
    def prepares(self) -> bool:
        """Whether it decides nothing itself."""
        return self.given or self.where

    @property
    def expected(self) -> tuple[Expectation, ...]:
        """What the answer must be: accepted, where nothing says otherwise."""
        return self.expect or (Expectation(status=("accepted",)),)


class Scenario(Part):
    """A sequence of calls that verifies requirements.

    `values` are made each time it is played. `foreach` plays it once for each row; the first
    column is the row's name. `alone` plays it while nothing else runs.
    """

    name: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    title: str = Field(min_length=1)
    description: str = ""
    area: str = ""  # that of its folder, where it names none
    requirements: tuple[str, ...] = ()
    derived_from: tuple[Source, ...] = ()
    alone: bool = False
    values: dict[Variable, Value] = {}
    foreach: Rows = ()
    steps: tuple[Step, ...] = Field(min_length=1)
    _folder: Path = PrivateAttr(default=Path())

    @property
    def folder(self) -> Path:
        """The folder of its file, which the files of its steps stand in."""
        return self._folder

    def placed(self, folder: Path, area: str) -> "Scenario":
        """Return the scenario of a file in a folder; `area` unless it names its own."""
        copy = self.model_copy(update={"area": self.area or area})
        copy._folder = folder
        return copy

    @property
    def days(self) -> int:
        """On how many days it is played."""
        return max(1, *(step.day for step in self.steps))
