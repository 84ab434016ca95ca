"""The scenario catalogue: its model, and how it is read. No condition, no arithmetic: data only."""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from conformance.contracts.endpoints import ENDPOINTS
from conformance.core import resources
from conformance.core.errors import SetupError


class ScenarioProblem(SetupError):
    """A scenario file cannot be used; the message names file, place and remedy."""


def _operation(name: str) -> str:
    if name not in ENDPOINTS:
        near = get_close_matches(name, ENDPOINTS, n=1)
        hint = f"; did you mean {near[0]}?" if near else "; see `contracts show SERVICE`"
        raise ValueError(f"{name!r} is no operation{hint}")
    return name


class Part(BaseModel):
    """A frozen part of a scenario that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(Part):
    """The Postman collection, and its requests, that a scenario was derived from."""

    collection: str
    requests: tuple[str, ...] = Field(min_length=1)


class Expectation(Part):
    """What an answer must be: its status, and values at JSON pointers."""

    status: int | None = None
    equals: dict[str, Any] = {}
    present: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _says_something(self) -> "Expectation":
        if self.status is None and not self.equals and not self.present:
            raise ValueError("expects nothing: give status, equals or present")
        return self


class Step(Part):
    """One call: {{variables}} are replaced; `save` keeps values at JSON pointers for later."""

    name: str
    call: Annotated[str, AfterValidator(_operation)]
    as_: str = Field(default="integrator", alias="as")
    path: dict[str, str] = {}
    query: dict[str, str] = {}
    body: dict[str, Any] = {}
    expect: Expectation
    save: dict[str, str] = {}
    given: bool = False  # a precondition: where it does not hold, nothing is decided
    eventually: bool = False  # the effect may show late: repeat until the expectation holds


class Scenario(Part):
    """A story of calls that verifies requirements."""

    name: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str
    requirements: tuple[str, ...] = Field(min_length=1)
    derived_from: tuple[Source, ...] = ()
    steps: tuple[Step, ...] = Field(min_length=1)


def load(folder: Path | None = None) -> list[Scenario]:
    """Read every scenario of a folder (the shipped one); ScenarioProblem on the first bad file."""
    folder = folder or resources.folder("scenarios")
    scenarios = [read(path) for path in sorted(folder.glob("*.yaml"))]
    names = [scenario.name for scenario in scenarios]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ScenarioProblem(f"{folder}: two scenarios are called {twice[0]!r}; rename one")
    return scenarios


def read(path: Path) -> Scenario:
    """Read one scenario; ScenarioProblem naming file and place of every mistake."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise ScenarioProblem(f"{path}: cannot be read ({problem.strerror})") from None
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        line = getattr(getattr(problem, "problem_mark", None), "line", None)
        place = "" if line is None else f", line {line + 1}"
        raise ScenarioProblem(f"{path}{place}: is not YAML; correct its syntax") from None
    try:
        return Scenario.model_validate(document)
    except ValidationError as problem:
        listing = "\n".join(f"  - {_told(error)}" for error in problem.errors())
        raise ScenarioProblem(f"{path}: is no scenario:\n{listing}") from None


def _told(error: Mapping[str, Any]) -> str:
    place = ".".join(str(part) for part in error["loc"]) or "(file)"
    return f"{place}: {error['msg'].removeprefix('Value error, ')}"
