"""Reads Postman collections (v1, v2.0, v2.1), environments and globals. Scripts are never run."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from conformance.core.foreign_files import dotted
from conformance.core.shapes import Model, shaped
from conformance.scenarios.postman.format import (
    HELPERS,
    Body,
    CollectionFile,
    Environment,
    Event,
    Example,
    FlatFolder,
    FlatRequest,
    Item,
    Pair,
    PostmanAuth,
    Request,
    Script,
    Url,
)
from conformance.scenarios.postman.json_files import EXPORT, other_kind, read_file

DEEPEST: Final = 250  # folders in each other
LISTENED: Final = frozenset({"test", "prerequest"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PostmanScript:
    """A script, when it is run (`test`, `prerequest`), and the item that has it.

    `unread` says why nothing of it counts, if so. Two are the same only where a folder has it.
    """

    place: str
    listen: str
    source: str
    unread: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostmanRequest:
    """One request of a collection, whatever its format, with what it inherits from its folders.

    Variables are not replaced yet; `variables` holds those of the collection and the folders.
    """

    name: str
    folders: tuple[str, ...]
    method: str
    url: Url
    header: tuple[Pair, ...] = ()
    body: Body = field(default_factory=Body)
    auth: PostmanAuth | None = None
    scripts: tuple[PostmanScript, ...] = ()
    examples: tuple[Example, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """Its folders and its name."""
        return " / ".join((*self.folders, self.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A Postman collection; `left_out` says which of its items are no requests, and why."""

    name: str
    requests: tuple[PostmanRequest, ...]
    variables: Mapping[str, str]
    left_out: tuple[str, ...] = ()
    folder: Path = Path()  # of the file
    mended: tuple[int, ...] = ()  # lines of the file that were no text
    raw: Any = None  # the file as it is, of which credentials are searched


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inherited:
    """What the items of a folder have of those above them."""

    folders: tuple[str, ...] = ()
    auth: PostmanAuth | None = None
    scripts: tuple[PostmanScript, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    inner: list[str] = field(default_factory=list)  # the names of the folders beside each other

    def with_folder(
        self, name: str, auth: PostmanAuth | None, events: Iterable[Event], pairs: Iterable[Pair]
    ) -> "_Inherited":
        """Return the same for what is in a folder; a second one of a name gets a number."""
        self.inner.append(name)
        again = self.inner.count(name)
        folders = (*self.folders, name if again == 1 else f"{name} ({again})")
        return replace(
            self,
            inner=[],
            folders=folders,
            auth=_nearest(auth, self.auth),
            scripts=(*self.scripts, *_scripts(events, " / ".join(folders))),
            variables={**self.variables, **values_of(pairs)},
        )


def read_collection(path: Path) -> Collection:
    """Read a collection; FileError if the file holds none."""
    file = read_file(path)
    value = file.value
    if isinstance(value, dict) and isinstance(value.get("collection"), dict):
        file = replace(file, value=value["collection"])  # as Postman's API answers
    elif isinstance(value, dict) and "values" in value and not {"item", "requests"} & value.keys():
        remedy = "give the collection, and this file after -e (environment) or -g (globals)"
        raise file.error((), "is an environment of Postman, and no collection", remedy)
    elif not isinstance(value, dict):
        raise file.error((), "is no collection of Postman", EXPORT)
    found = shaped(file, CollectionFile)
    variables = values_of(found.variable)
    name = found.info.name or found.name or path.stem
    top = _Inherited(auth=found.auth, scripts=_scripts(found.event, name), variables=variables)
    left_out: list[str] = []
    if isinstance(found.item, list):
        requests = tuple(_walk(found.item, top, left_out))
    elif isinstance(found.requests, list) or isinstance(found.folders, list):
        requests = tuple(_V1(found, left_out).requests(top))
    elif isinstance(value, dict) and {"item", "requests"} & value.keys():
        requests = ()
    else:
        raise file.error((), *other_kind(value))
    return Collection(
        name=name,
        requests=requests,
        variables=variables,
        left_out=tuple(left_out),
        folder=path.parent,
        mended=file.mended,
        raw=file.value,
    )


def read_environment(path: Path) -> dict[str, Pair]:
    """Read the variables in use of an environment or of globals; FileError if the file has none."""
    file = read_file(path)
    value = file.value
    if isinstance(value, list):  # old globals are a list alone
        file = replace(file, value={"values": value})
    elif isinstance(value, dict) and {"item", "requests"} & value.keys():
        remedy = "give the collection first, and an environment after -e or -g"
        raise file.error((), "is a collection of Postman, and no environment", remedy)
    elif not isinstance(value, dict) or "values" not in value:
        raise file.error((), "has no `values`, so it is no environment of Postman", "export it")
    return {each.key: each for each in shaped(file, Environment).values if each.used}


def values_of(pairs: Iterable[Pair]) -> dict[str, str]:
    """Return the values of the pairs that are in use."""
    return {each.key: each.value for each in pairs if each.used}


def _read(value: Any, model: type[Model], place: str, left_out: list[str]) -> Model | None:
    """Return one item; None, with a line that says why, if it is none."""
    if not isinstance(value, dict):
        if value is not None:
            left_out.append(f"{place}: no object of Postman")
        return None
    try:
        return model.model_validate(value)
    except ValidationError as problem:
        first = problem.errors()[0]
        left_out.append(
            f"{place}: {dotted(first['loc'])}{first['msg'][:1].lower()}{first['msg'][1:]}"
        )
        return None


def _walk(items: Any, above: _Inherited, left_out: list[str]) -> Iterator[PostmanRequest]:
    """Yield the requests of v2, in the order in which Postman runs them."""
    waiting = [(iter(items), above)]
    while waiting:
        within, inherited = waiting[-1]
        value = next(within, waiting)
        if value is waiting:
            waiting.pop()
            continue
        name = str(value.get("name") or "") if isinstance(value, dict) else ""
        place = " / ".join((*inherited.folders, name or "an item without a name"))
        item = _read(value, Item, place, left_out)
        if item is None:
            continue
        if item.request is not None:
            if item.disabled:
                left_out.append(f"{place}: it is disabled")
            else:
                yield _v2(item, item.request, inherited)
        elif isinstance(item.item, list):
            if len(waiting) > DEEPEST:
                left_out.append(f"{place}: more than {DEEPEST} folders in each other")
                continue
            if not item.item:
                left_out.append(f"{place}: it has no request")
            below = inherited.with_folder(item.name, item.auth, item.event, item.variable)
            waiting.append((iter(item.item), below))
        else:
            left_out.append(f"{place}: it has no request")


def _v2(item: Item, request: Request, above: _Inherited) -> PostmanRequest:
    place = " / ".join((*above.folders, item.name))
    return PostmanRequest(
        name=item.name,
        folders=above.folders,
        method=request.method.upper(),
        url=request.url,
        header=request.header,
        body=request.body,
        auth=_nearest(request.auth or item.auth, above.auth),
        scripts=(*above.scripts, *_scripts(item.event, place)),
        examples=item.response,
        variables={**above.variables, **values_of(item.variable)},
    )


class _V1:
    """The folders and requests of v1, which name each other by ids."""

    def __init__(self, file: CollectionFile, left_out: list[str]) -> None:
        self._file = file
        self._left_out = left_out
        folders = _listed(file.folders)
        self._folders: dict[str, FlatFolder] = {}
        raw = list(_listed(file.requests))
        for each in folders:
            folder = _read(each, FlatFolder, "a folder", left_out)
            if folder is not None:
                self._folders.setdefault(folder.id, folder)
                raw += [
                    {"folder": folder.id, **request} if isinstance(request, dict) else request
                    for request in _listed(folder.requests)
                ]
        self._requests: list[FlatRequest] = []
        for each in raw:
            name = str(each.get("name") or "") if isinstance(each, dict) else ""
            request = _read(each, FlatRequest, name or "a request without a name", left_out)
            if request is not None:
                self._requests.append(request)
        self._given: set[int] = set()  # which requests were given out
        self._seen: set[str] = set()  # and which folders

    def requests(self, above: _Inherited) -> Iterator[PostmanRequest]:
        """Yield every request once: folders first, then by the order of the lists."""
        inner = {id_ for each in self._folders.values() for id_ in each.folders_order}
        roots = [
            id_
            for id_, each in self._folders.items()
            if id_ not in inner and each.folder not in self._folders
        ]
        for id_ in dict.fromkeys((*self._file.folders_order, *roots, *self._folders)):
            yield from self._of_folder(id_, above)
        yield from self._ordered(self._file.order, "", above)
        for number, request in enumerate(self._requests):
            if number not in self._given:
                yield self._made(number, request, above)

    def _of_folder(self, id_: str, above: _Inherited) -> Iterator[PostmanRequest]:
        folder = self._folders.get(id_)
        if folder is None or id_ in self._seen or len(above.folders) > DEEPEST:
            return
        self._seen.add(id_)
        below = above.with_folder(folder.name, folder.auth, folder.events, folder.variables)
        children = [each.id for each in self._folders.values() if each.folder == id_]
        for child in dict.fromkeys((*folder.folders_order, *children)):
            yield from self._of_folder(child, below)
        yield from self._ordered(folder.order, id_, below)

    def _ordered(
        self, order: tuple[str, ...], folder: str, above: _Inherited
    ) -> Iterator[PostmanRequest]:
        """Yield the requests that a list names, then those that name the folder."""
        places = {id_: place for place, id_ in reversed(list(enumerate(order)))}
        mine = [
            (places.get(request.id, len(places)), number, request)
            for number, request in enumerate(self._requests)
            if number not in self._given
            and (request.id in places or (folder and request.folder == folder))
        ]
        for _, number, request in sorted(mine, key=lambda each: each[:2]):
            yield self._made(number, request, above)

    def _made(self, number: int, request: FlatRequest, above: _Inherited) -> PostmanRequest:
        self._given.add(number)
        place = " / ".join((*above.folders, request.name))
        url = Url.model_construct(
            raw=request.url, query=request.query or None, variable=request.path_variables
        )
        return PostmanRequest(
            name=request.name,
            folders=above.folders,
            method=request.method.upper(),
            url=url,
            header=request.header,
            body=_flat_body(request),
            auth=_nearest(_flat_auth(request), above.auth),
            scripts=(*above.scripts, *_flat_scripts(request, place)),
            examples=request.responses,
            variables={**above.variables, **values_of(request.variable)},
        )


def _flat_body(request: FlatRequest) -> Body:
    """Return the body of a request of v1 as v2 has it."""
    mode, data = request.mode, request.data
    if request.data_disabled:
        return Body(disabled=True)
    if mode == "binary":
        return Body.model_validate({"mode": "file", "file": {"src": request.raw}})
    if mode == "graphql":
        return Body.model_construct(mode="graphql", graphql=request.graphql)
    if mode == "raw" or (request.raw and not mode):
        text = request.raw or (data if isinstance(data, str) else "")
        return Body(mode="raw", raw=text)
    kind = "urlencoded" if mode == "urlencoded" else "formdata"
    return Body.model_validate({"mode": kind, kind: data})


def _flat_auth(request: FlatRequest) -> PostmanAuth | None:
    if request.auth is not None and request.auth.type:
        return request.auth
    kind = HELPERS.get(request.helper.lower(), "")
    return PostmanAuth.model_construct(type=kind, attributes=request.attributes) if kind else None


def _flat_scripts(request: FlatRequest, place: str) -> tuple[PostmanScript, ...]:
    in_events = _scripts(request.events, place)
    known = {each.listen for each in in_events}
    older = (("prerequest", request.prerequest), ("test", request.tests))
    return in_events + tuple(
        PostmanScript(
            place=place, listen=listen, source=Script.model_validate({"exec": [*lines]}).source
        )
        for listen, lines in older
        if listen not in known and any(line.strip() for line in lines)
    )


def _scripts(events: Iterable[Event], place: str) -> tuple[PostmanScript, ...]:
    return tuple(
        PostmanScript(
            place=place, listen=each.listen, source=each.script.source, unread=_unread(each)
        )
        for each in events
        if each.script.source.strip() or each.script.src
    )


def _unread(event: Event) -> str:
    """Return why a script does not count; empty where it does."""
    if event.disabled:
        return "it is disabled"
    if not event.script.source.strip():
        return f"it is {event.script.src}, which is not read"
    return "" if event.listen in LISTENED else "Postman runs none of that name"


def _nearest(own: PostmanAuth | None, above: PostmanAuth | None) -> PostmanAuth | None:
    """Return what authorises: its own, unless it says that it is inherited; `noauth` is its own."""
    return own if own is not None and own.type not in ("", "inherit") else above


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
