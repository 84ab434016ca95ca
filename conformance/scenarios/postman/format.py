"""The shape of Postman's files, as far as they are read: v1, v2.0, v2.1 and environments.

Postman and its users leave gaps: what is null counts as absent, and what is unknown is ignored.
Folders and requests are read one by one, so that an odd one costs nothing but itself.
"""

import json
import re
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import parse_qsl

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

T = TypeVar("T")
LINE_END: Final = re.compile("\r\n?|[\u2028\u2029]")  # what else ends a line of JavaScript
# The helpers of v1, by the names that v2 has for them.
HELPERS: Final = {
    "basicauth": "basic", "bearerauth": "bearer", "oauth2": "oauth2", "oauth1": "oauth1",
    "digestauth": "digest", "hawkauth": "hawk", "awssigv4": "awsv4", "ntlmauth": "ntlm",
    "apikeyauth": "apikey", "noauth": "noauth",
}  # fmt: skip


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False, default=str)


def _texts(value: Any) -> list[str]:
    """Return a text, or a list of such, as a list."""
    if isinstance(value, list):
        return [_text(each) for each in value]
    return [] if value in (None, "") else [_text(value)]


def _entries(value: Any) -> Any:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _pairs(value: Any) -> Any:
    """Return pairs that may be a list, a mapping (v2.0), or a text such as a=b&c=d."""
    if isinstance(value, str):
        pairs = parse_qsl(value, keep_blank_values=True)
        return [{"key": key, "value": each} for key, each in pairs]
    if isinstance(value, dict):
        return [{"key": key, "value": each} for key, each in value.items()]
    return _entries(value)


def _headers(value: Any) -> Any:
    """Return headers that may be one text (v1, v2.0) or a list."""
    if not isinstance(value, str):
        return _pairs(value)
    lines = (line.partition(":") for line in value.splitlines())
    return [
        {"key": key.strip().removeprefix("//"), "value": each.strip(), "disabled": key[:2] == "//"}
        for key, colon, each in lines
        if colon
    ]


def _url(value: Any) -> Any:
    return value if isinstance(value, dict) else {"raw": value}


def _parts(value: Any) -> Any:
    """Return the parts of a path or host: texts, or objects that hold one."""
    parts = value if isinstance(value, list) else []
    return [each.get("value", "") if isinstance(each, dict) else each for each in parts]


def _path(value: Any) -> Any:
    return value.split("/") if isinstance(value, str) else _parts(value)


def _host(value: Any) -> Any:
    return [value] if isinstance(value, str) else _parts(value)


def _request(value: Any) -> Any:
    return value if isinstance(value, dict) else {"method": "GET", "url": value}


def _script(value: Any) -> Any:
    return value if isinstance(value, dict) else {"exec": value}


def _event(value: Any) -> Any:
    return value if isinstance(value, dict) else {}


Text = Annotated[str, BeforeValidator(_text)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]
Entries = Annotated[tuple[T, ...], BeforeValidator(_entries)]
Truth = Annotated[bool, BeforeValidator(lambda value: value in (True, 1, "true"))]
Whole = Annotated[
    int | None, BeforeValidator(lambda value: int(value) if str(value).isdecimal() else None)
]


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
    """A variable, header, or field of a form; old files call its key `id`, or `name`."""

    key: Text = Field(default="", validation_alias=AliasChoices("key", "id", "name"))
    value: Text = ""
    type: Text = ""
    src: Texts = ()  # the files of a field
    disabled: Truth = False
    enabled: Truth = True

    @property
    def used(self) -> bool:
        """Whether Postman would use it."""
        return bool(self.key) and self.enabled and not self.disabled


Pairs = Annotated[tuple[Pair, ...], BeforeValidator(_pairs)]
Headers = Annotated[tuple[Pair, ...], BeforeValidator(_headers)]


class PostmanAuth(Loose):
    """How a request is authorised: a type, and the attributes that it has in the file."""

    type: Text = ""
    attributes: Pairs = ()

    @model_validator(mode="before")
    @classmethod
    def _of_its_type(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return {}
        kind = _text(value.get("type"))
        return {"type": kind, "attributes": value.get(kind) or value.get("attributes")}

    def get(self, name: str) -> str:
        """Return an attribute; empty if there is none."""
        return next((each.value for each in self.attributes if each.key == name), "")


class Script(Loose):
    """A script, as lines or as one text; `src` names the file or address that holds it instead."""

    exec: Texts = ()
    src: Text = ""

    @property
    def source(self) -> str:
        """The whole text, whose lines all end as those of a tree do."""
        return LINE_END.sub("\n", "\n".join(self.exec))


class Event(Loose):
    """A script, and when it is run: `test` or `prerequest`."""

    listen: Text = ""
    script: Annotated[Script, BeforeValidator(_script)] = Script()
    disabled: Truth = False


Events = Annotated[
    tuple[Event, ...],
    BeforeValidator(lambda value: list(map(_event, value)) if isinstance(value, list) else []),
]


class Url(Loose):
    """The address of a request, as written and in parts; `variable` for those of the path."""

    raw: Text = ""
    protocol: Text = ""
    host: Annotated[tuple[Text, ...], BeforeValidator(_host)] = ()
    port: Text = ""
    path: Annotated[tuple[Text, ...], BeforeValidator(_path)] = ()
    query: Annotated[Pairs | None, BeforeValidator(lambda value: value)] = None
    variable: Pairs = ()
    auth: Pairs = ()


class Graphql(Loose):
    """The body of a GraphQL request."""

    query: Text = ""
    variables: Text = ""
    operation: Text = Field(default="", alias="operationName")


class File(Loose):
    """The body of a request that is a file."""

    src: Text = ""
    content: Text = ""


class Body(Loose):
    """The body of a request: a text, the fields of a form, GraphQL or a file."""

    mode: Text = ""
    raw: Text = ""
    urlencoded: Pairs = ()
    formdata: Pairs = ()
    graphql: Annotated[
        Graphql, BeforeValidator(lambda value: value if isinstance(value, dict) else {})
    ] = Graphql()
    file: Annotated[
        File, BeforeValidator(lambda value: value if isinstance(value, dict) else {"src": value})
    ] = File()
    disabled: Truth = False


class OriginalRequest(Loose):
    """The request of a saved example, as far as it decides what to expect."""

    method: Text = ""


class Example(Loose):
    """An answer that was saved with a request; v1 keeps its status apart."""

    name: Text = ""
    code: Whole = None
    response_code: dict[str, Any] = Field(default={}, alias="responseCode")
    body: Text = Field(default="", validation_alias=AliasChoices("body", "text"))

    @property
    def status(self) -> int | None:
        """The HTTP status; None where none was saved."""
        v1 = str(self.response_code.get("code", ""))
        code = self.code or (int(v1) if v1.isdecimal() else 0)
        return code if 100 <= code <= 599 else None


class Request(Loose):
    """A request of v2."""

    method: Text = "GET"
    url: Annotated[Url, BeforeValidator(_url)] = Url()
    header: Headers = ()
    body: Annotated[Body, BeforeValidator(_event)] = Body()
    auth: PostmanAuth | None = None


class Item(Loose):
    """A request of v2 with its name, or a folder of such, whose items are read one by one."""

    name: Text = ""
    disabled: Truth = False
    item: Any = None
    request: Annotated[Request, BeforeValidator(_request)] | None = None
    event: Events = ()
    variable: Pairs = Field(default=(), validation_alias=AliasChoices("variable", "variables"))
    auth: PostmanAuth | None = None
    response: Entries[Example] = ()


class FlatRequest(Loose):
    """A request of v1; headers stand in one text, or in a list that knows what is disabled."""

    id: Text = ""
    name: Text = ""
    folder: Text = ""
    method: Text = "GET"
    url: Text = ""
    header: Headers = Field(default=(), validation_alias=AliasChoices("headerData", "headers"))
    mode: Text = Field(default="", alias="dataMode")
    raw: Text = Field(default="", alias="rawModeData")
    data: Any = None
    graphql: Annotated[
        Graphql, BeforeValidator(lambda value: value if isinstance(value, dict) else {})
    ] = Field(default=Graphql(), alias="graphqlModeData")
    data_disabled: Truth = Field(default=False, alias="dataDisabled")
    query: Pairs = Field(default=(), alias="queryParams")
    path_variables: Pairs = Field(
        default=(), validation_alias=AliasChoices("pathVariableData", "pathVariables")
    )
    variable: Pairs = Field(default=(), alias="variables")
    auth: PostmanAuth | None = None
    helper: Text = Field(default="", alias="currentHelper")
    attributes: Pairs = Field(default=(), alias="helperAttributes")
    events: Events = ()
    tests: Texts = ()
    prerequest: Texts = Field(default=(), alias="preRequestScript")
    responses: Entries[Example] = ()

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, value: Any) -> Any:
        """An empty list says nothing where an older form of the same stands in its place."""
        if not isinstance(value, dict):
            return value
        doubled = ("headerData", "pathVariableData")
        return {key: each for key, each in value.items() if each or key not in doubled}


class FlatFolder(Loose):
    """A folder of v1; what is in it stands in lists of ids, or names its folder itself."""

    id: Text = ""
    name: Text = ""
    folder: Text = ""
    order: Texts = ()
    folders_order: Texts = ()
    auth: PostmanAuth | None = None
    events: Events = ()
    variables: Pairs = ()
    requests: Any = None


class Info(Loose):
    """The head of a collection of v2."""

    name: Text = ""
    schema_: Text = Field(default="", alias="schema")


class CollectionFile(Loose):
    """A collection: `requests` in v1, `item` in v2; both are read one by one."""

    name: Text = ""
    info: Annotated[Info, BeforeValidator(_event)] = Info()
    variable: Pairs = Field(default=(), validation_alias=AliasChoices("variable", "variables"))
    event: Events = Field(default=(), validation_alias=AliasChoices("event", "events"))
    auth: PostmanAuth | None = None
    requests: Any = None
    folders: Any = None
    order: Texts = ()
    folders_order: Texts = ()
    item: Any = None


class Environment(Loose):
    """An environment, or the globals, with its variables."""

    values: Pairs = ()
