"""The shape of Postman's files, as far as they are read: v1, v2.0, v2.1 and environments.

Postman and its users leave gaps: what is null counts as absent, and what is unknown is ignored.
"""

import json
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qsl

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

T = TypeVar("T")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False, default=str)


def _entries(value: Any) -> Any:
    return [each for each in value if each is not None] if isinstance(value, list) else []


def _url(value: Any) -> Any:
    return {"raw": value} if isinstance(value, str) else value


def _path(value: Any) -> Any:
    """Return the parts of a path: texts, or objects that hold one, or one text."""
    if isinstance(value, str):
        return value.split("/")
    parts = value if isinstance(value, list) else []
    return [each.get("value", "") if isinstance(each, dict) else each for each in parts]


def _query(value: Any) -> Any:
    """Return the entries of a query, which may be one text."""
    if not isinstance(value, str):
        return value
    return [{"key": key, "value": each} for key, each in parse_qsl(value, keep_blank_values=True)]


def _request(value: Any) -> Any:
    return {"method": "GET", "url": value} if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_text)]
Entries = Annotated[tuple[T, ...], BeforeValidator(_entries)]


class Loose(BaseModel):
    """A part of a file."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {key: each for key, each in value.items() if each is not None}


class Pair(Loose):
    """A variable, header, or field of a form; old files call its key `id`."""

    key: Text = Field(default="", validation_alias=AliasChoices("key", "id"))
    value: Text = ""
    disabled: bool = False
    enabled: bool = True

    @property
    def used(self) -> bool:
        """Whether Postman would use it."""
        return bool(self.key) and self.enabled and not self.disabled


class Url(Loose):
    """The address of a request, as written and in parts; `variable` for those of the path."""

    raw: Text = ""
    path: Annotated[tuple[Text, ...], BeforeValidator(_path)] = ()
    query: Annotated[Entries[Pair] | None, BeforeValidator(_query)] = None
    variable: Entries[Pair] = ()


class Body(Loose):
    """The body of a request: a text, or the fields of a form."""

    raw: Text = ""
    urlencoded: Entries[Pair] = ()
    formdata: Entries[Pair] = ()


class Request(Loose):
    """A request of v2."""

    method: Text = "GET"
    url: Annotated[Url, BeforeValidator(_url)] = Url()
    header: Entries[Pair] = ()
    body: Body = Body()


class Item(Loose):
    """A request of v2 with its name, or a folder of such."""

    name: Text = ""
    item: Entries["Item"] = ()
    request: Annotated[Request, BeforeValidator(_request)] | None = None
    event: Entries[Any] = ()


class FlatRequest(Loose):
    """A request of v1; headers stand in one text."""

    name: Text = ""
    method: Text = "GET"
    url: Text = ""
    headers: Text = ""
    body: Text = Field(default="", alias="rawModeData")
    form: Entries[Pair] = Field(default=(), alias="data")
    query: Entries[Pair] = Field(default=(), alias="queryParams")
    variable: Entries[Pair] = Field(default=(), alias="pathVariableData")


class Info(Loose):
    """The head of a collection of v2."""

    name: Text = ""


class CollectionFile(Loose):
    """A collection: `requests` in v1, `item` in v2."""

    name: Text = ""
    info: Info = Info()
    variable: Entries[Pair] = Field(
        default=(), validation_alias=AliasChoices("variable", "variables")
    )
    requests: Entries[FlatRequest] | None = None
    item: Entries[Item] | None = None


class AnswerOfTheApi(Loose):
    """A collection as Postman's API returns it."""

    collection: CollectionFile


class Environment(Loose):
    """An environment with its variables."""

    values: Entries[Pair] = ()
