"""The scenario catalogue: its model, and how it is read. No condition, no arithmetic: data only."""

from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from conformance.contracts.endpoints import ENDPOINTS
from conformance.core import foreign_files, resources
from conformance.core.errors import SetupError
from conformance.core.shapes import shaped
from conformance.scenarios import places


def _operation(name: str) -> str:
    if name not in ENDPOINTS:
        near = get_close_matches(name, ENDPOINTS, n=1)
        hint = f"; did you mean {near[0]}?" if near else "; see `contracts show SERVICE`"
        raise ValueError(f"is not an operation{hint}")
    return name


# Where a value stands in an answer.
Place = Annotated[str, AfterValidator(places.checked)]


class Part(BaseModel):
    """A frozen part of a scenario that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(Part):
    """The Postman collection, and its requests, that a scenario was derived from."""

    collection: str
    requests: tuple[str, ...] = Field(min_length=1)


class Expectation(Part):
    """What an answer must be: its status, and values at places."""

    status: int | None = None
    equals: dict[Place, Any] = {}
    present: tuple[Place, ...] = ()

    @model_validator(mode="after")
    def _says_something(self) -> "Expectation":
        if self.status is None and not self.equals and not self.present:
            raise ValueError("expects nothing: give status, equals or present")
        return self


class Step(Part):
    """One call: {{variables}} are replaced; `save` keeps values of the answer for later steps."""

    name: str
    call: Annotated[str, AfterValidator(_operation)]
    as_: str = Field(default="integrator", alias="as")
    path: dict[str, str] = {}
    query: dict[str, str] = {}
    body: dict[str, Any] = {}
    expect: Expectation
    save: dict[str, Place] = {}
    given: bool = False  # a precondition: where it does not hold, nothing is decided
    eventually: bool = False  # the effect may show late: repeat until the expectation holds


class Scenario(Part):
    """A sequence of calls that verifies requirements."""

    name: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str
    requirements: tuple[str, ...] = Field(min_length=1)
    derived_from: tuple[Source, ...] = ()
    steps: tuple[Step, ...] = Field(min_length=1)


def load(folder: Path | None = None) -> list[Scenario]:
    """Read every scenario of a folder (the shipped one); FileError on the first bad file."""
    folder = folder or resources.folder("scenarios")
    scenarios = [read(path) for path in sorted(folder.glob("*.yaml"))]
    names = [scenario.name for scenario in scenarios]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SetupError(f"{folder}: two scenarios are called {twice[0]!r}", remedy="rename one")
    return scenarios


def read(path: Path) -> Scenario:
    """Read one scenario; FileError with every mistake."""
    return shaped(foreign_files.read(path), Scenario)
