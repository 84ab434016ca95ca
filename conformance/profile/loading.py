"""Reading a target profile: option > environment > file > default.

All mistakes are reported together. Secrets stand in the profile by reference only.
"""

import os
import re
import shlex
import ssl
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import ValidationError

from conformance.core.errors import SetupError
from conformance.core.foreign_files import FileError, ForeignFile, Place, dotted, read, read_text
from conformance.core.parsing import Mistake, Node
from conformance.core.requirements import NEVER, NO_OTHER_TENANT, Register
from conformance.core.resources import PACKAGE
from conformance.core.shapes import mistakes_of
from conformance.profile.outcome import MERCHANT_SECRETS
from conformance.profile.placeholders import placeholders
from conformance.profile.section import SECRET_NAME
from conformance.profile.target import SHIPPED, Target
from conformance.profile.this_machine import on_this_machine

ENVIRONMENT: Final = {  # variable -> setting; outranked by an option, outranks the file
    "BBPS_BASE_URL": "base_url",
    "BBPS_MODE": "mode",
    "BBPS_TENANT": "tenant",
}
# Relative to the profile.
FILES: Final = (("bills", "pool"), ("network", "ca_file"), ("mdms", "repository"))
FOLDERS: Final = frozenset({"repository"})
SHIPPED_MASTERS: Final = PACKAGE / "examples" / "mdms" / "pb"
APPLIES: Final = {  # source of a requirement -> why it applies everywhere
    "BBPS": "is required by BBPS of every deployment",
    "API": "belongs to the published contract",
    "PLATFORM": "protects the users of every deployment",
    "SAFETY": "protects the users of every deployment",
}
WORDS: Final = 3  # of a reason at least
A_REASON: Final = "a sentence of at least three words"
_TYPOGRAPHIC: Final = re.compile(
    "[\u201c\u201d\u201e\u2018\u2019\u00ab].*[\u201c\u201d\u2018\u2019\u00bb]", re.DOTALL
)
NEEDED: Final = "\t\n\u200c\u200d"  # the last two join letters, or keep them apart
REFERENCE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A target with the origin of each value (`option`, `environment`, `file`, `default`).

    `known_as` is the name by which somebody called a production deployment that may be changed.
    """

    target: Target
    origins: Mapping[str, str]
    path: Path | None = None
    known_as: str = ""

    @property
    def unlocked(self) -> bool:
        """Whether a production deployment may be changed."""
        return self.known_as == self.target.name


def load(
    path: Path, options: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None
) -> Profile:
    """Read a profile: option > environment > file > default; FileError with all mistakes."""
    environ = os.environ if environ is None else environ
    file = read(path)
    raw = file.mapping("write settings such as `name: value`, as in a shipped example profile")
    origins = {".".join(map(str, place)): "file" for place, _ in leaves(raw)}
    settings = {ENVIRONMENT[name]: environ[name] for name in ENVIRONMENT if environ.get(name)}
    given = {key: value for key, value in (options or {}).items() if value is not None}
    origins |= dict.fromkeys(settings, "environment") | dict.fromkeys(given, "option")

    found = _Mistakes(file, {key: origins[key] for key in (*settings, *given)})
    document = _resolved({**raw, **settings, **given}, environ, path.parent, found)
    _require_plain(raw, found)
    _place_files(document, path.parent, found)
    _place_waivers(document, path.parent, found)
    _require_reasons(document.get("not_applicable"), found)
    target = _validated(document, found)
    if target is not None:
        _refuse_declared(target, found)
    if not _on_this_machine(document.get("base_url")):
        for where, remedy in literal_secrets(raw):
            found.add(where, "the profile contains a secret", remedy)
        for where, message, remedy in placeholders(document):
            found.add(where, message, remedy)
    if found.mistakes or target is None:
        raise FileError(path, *found.mistakes)
    return Profile(target=target, origins=origins, path=path)


def target_of(document: Mapping[str, Any], environ: Mapping[str, str], folder: Path) -> Target:
    """Return the target of a profile that is yet to be written to a folder; FileError."""
    path = folder / "profile"
    found = _Mistakes(ForeignFile(path, document, lambda: Node(0, 0)), {})
    resolved = _resolved(dict(document), environ, folder, found)
    _require_plain(document, found)
    _place_files(resolved, folder, found)
    _place_waivers(resolved, folder, found)
    target = _validated(resolved, found)
    if found.mistakes or target is None:
        raise FileError(path, *found.mistakes)
    return target


class _Mistakes:
    """Mistakes of a profile; one in a setting from elsewhere has no line, but says so."""

    def __init__(self, file: ForeignFile, elsewhere: Mapping[str, str]) -> None:
        self.mistakes: list[Mistake] = []
        self.places: set[Place] = set()
        self._file = file
        self._elsewhere = elsewhere

    def of(self, place: Place, message: str, remedy: str = "") -> Mistake:
        """Return a mistake at a place."""
        origin = self._elsewhere.get(str(place[0])) if place else None
        if origin is None:
            return self._file.mistake(place, message, remedy)
        return Mistake(f"{dotted(place)}{message} (given by {origin})", remedy)

    def add(self, place: Place, message: str, remedy: str = "") -> None:
        """Note a mistake at a place."""
        self.places.add(place)
        self.mistakes.append(self.of(place, message, remedy))


def permit(target: Target, known_as: str) -> None:
    """Refuse to change a production deployment unless the caller names it; SetupError."""
    if target.production and target.mode.writes and known_as != target.name:
        given = f"not {known_as!r}" if known_as else "this protects against a mistake"
        raise SetupError(
            f"{target.name} is a production deployment, and mode {target.mode} creates data there"
            f"{', and moves money' if target.mode.pays else ''}.\n"
            f"If that is wanted, add --i-know-this-is {shlex.quote(target.name)} ({given}); "
            "otherwise run with --mode inspect."
        )


def permitted(profile: Profile, known_as: str) -> Profile:
    """Return a profile whose deployment may be changed as its mode says; see `permit`."""
    permit(profile.target, known_as)
    return replace(profile, known_as=known_as)


def _require_plain(raw: Mapping[str, Any], found: _Mistakes) -> None:
    """Note texts that are not what they look like."""
    for place, value in leaves(raw):
        if _TYPOGRAPHIC.fullmatch(str(value)):
            found.add(place, "is in typographic quotes", "write plain ones, ' or \"")
        for character in sorted(filter(_unseen, set(str(value)))):
            found.add(place, f"holds the invisible character U+{ord(character):04X}", "remove it")


def _place_files(document: dict[str, Any], folder: Path, found: _Mistakes) -> None:
    """Make file settings relative to the profile; note those that cannot be read."""
    for section, key in FILES:
        settings = document.get(section)
        named = settings.get(key) if isinstance(settings, dict) else None
        if not isinstance(settings, dict) or not isinstance(named, str) or not named:
            continue
        shipped = key in FOLDERS and named == SHIPPED
        path = SHIPPED_MASTERS if shipped else folder / _expanded(named)
        settings[key] = str(path)
        place = (section, key)
        if key in FOLDERS:
            if not _is(Path.is_dir, path):
                found.add(place, f"there is no folder {path}", "check out the repository there")
        elif not _is(Path.is_file, path):
            found.add(place, f"there is no file {path}", "create it or correct the path")
        elif key == "ca_file" and not _holds_certificates(path):
            found.add(place, f"{path} holds no certificate", "give a file in PEM form")


def _place_waivers(document: dict[str, Any], folder: Path, found: _Mistakes) -> None:
    """Make the file of waivers relative to the profile; its content is read when a run opens."""
    named = document.get("waivers")
    if isinstance(named, str) and named:
        path = folder / _expanded(named)
        document["waivers"] = str(path)
        if not _is(Path.is_file, path):
            remedy = "create it, with `waivers suggest RUN`, or correct the path"
            found.add(("waivers",), f"there is no file {path}", remedy)


def _expanded(named: str) -> Path:
    try:
        return Path(named).expanduser()
    except RuntimeError:  # there is no such user
        return Path(named)


def _is(kind: Callable[[Path], bool], path: Path) -> bool:
    try:
        return kind(path)
    except OSError:  # no system can have a file of such a name, or we may not see it
        return False


def _require_reasons(declared: Any, found: _Mistakes) -> None:
    """Note what is declared not applicable but is not a requirement, or has no reason."""
    if not isinstance(declared, dict) or not declared:
        return
    register = Register.load()
    for id_, reason in declared.items():
        place = ("not_applicable", id_)
        if id_ not in register:
            found.add(place, "is not a requirement", "`bbps-conformance list` shows all of them")
        elif reason is None or not str(reason).strip():
            found.add(place, "has no reason", f"write {A_REASON}; the certificate shows it")
        elif sum(any(map(str.isalpha, word)) for word in str(reason).split()) < WORDS:
            found.add(
                place,
                f"{str(reason).strip()!r} is no reason",
                f"write {A_REASON}; the certificate shows it",
            )


def _refuse_declared(target: Target, found: _Mistakes) -> None:
    """Note what is declared not applicable although the register does not allow that."""
    register = Register.load()
    for id_, reason in target.not_applicable.items():
        if id_ not in register:
            continue
        requirement, place = register.of(id_), ("not_applicable", id_)
        if requirement.not_applicable == NEVER:
            found.add(
                place,
                f"{APPLIES[requirement.source]}, so that {reason!r} cannot be a reason",
                "remove it",
            )
        elif requirement.not_applicable == NO_OTHER_TENANT and target.other_tenant:
            found.add(
                place,
                f"applies, because the profile names other_tenant {target.other_tenant}, so that "
                f"{reason!r} cannot be a reason",
                "remove it, or other_tenant if there is no second city",
            )


def _unseen(character: str) -> bool:
    """Whether nobody sees a character, and no script needs it: names are then no longer equal."""
    return unicodedata.category(character) in {"Cc", "Cf"} and character not in NEEDED


def _holds_certificates(path: Path) -> bool:
    try:
        return bool(ssl.create_default_context(cafile=path).get_ca_certs())
    except (ssl.SSLError, OSError):
        return False


def leaves(node: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield each value of a profile that is no mapping and no list, with its place."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, (*place, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from leaves(value, (*place, index))
    else:
        yield place, node


def _resolved(
    node: Any, environ: Mapping[str, str], folder: Path, found: _Mistakes, place: Place = ()
) -> Any:
    """Replace `${VAR}` and `file:PATH` references, noting those that lead nowhere."""
    if isinstance(node, dict):
        return {
            key: _resolved(value, environ, folder, found, (*place, key))
            for key, value in node.items()
        }
    if isinstance(node, list):
        return [
            _resolved(value, environ, folder, found, (*place, index))
            for index, value in enumerate(node)
        ]
    if not isinstance(node, str):
        return node
    if node.startswith("file:"):
        return _file_content(folder / node.removeprefix("file:"), place, found)
    for name in REFERENCE.findall(node):
        if name not in environ:
            found.add(place, f"the environment variable {name} is not set", f"export {name}")
    return REFERENCE.sub(lambda match: environ.get(match[1], ""), node)


def _file_content(path: Path, place: Place, found: _Mistakes) -> str:
    try:
        return read_text(path).strip()
    except FileError as problem:
        found.add(place, str(problem))
        return ""


def _validated(document: dict[str, Any], found: _Mistakes) -> Target | None:
    try:
        return Target.model_validate(document)
    except ValidationError as problem:
        for place, mistake in mistakes_of(problem, Target, found.of, _is_hidden):
            if place not in found.places:
                found.mistakes.append(mistake)
        return None


def _is_hidden(place: Place, value: Any) -> bool:
    """Whether a value may be a secret, or an address with a password in it."""
    return bool(SECRET_NAME.search(dotted(place))) or "@" in str(value)


def _on_this_machine(base_url: Any) -> bool:
    try:
        return on_this_machine(str(base_url))
    except ValueError:  # no address at all, which is reported as a mistake of its own
        return False


def literal_secrets(raw: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """Yield the place of each secret that stands in a profile itself, and the remedy."""
    for place, value in leaves(raw):
        if not isinstance(value, str) or not value or value.startswith(("${", "file:")):
            continue
        if _is_secret(place, value):
            variable = "_".join(str(part).upper().replace("-", "_") for part in place[-2:])
            yield place, f"write ${{{variable}}} or file:PATH instead"


def movable(raw: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return a profile that stands in `folder` as one that means the same in any other."""

    def moved(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: moved(value) for key, value in node.items()}
        if isinstance(node, list):
            return [moved(value) for value in node]
        if isinstance(node, str) and node.startswith("file:"):
            return f"file:{(folder / node.removeprefix('file:')).absolute()}"
        return node

    document: dict[str, Any] = moved(dict(raw))
    for section, key in (("", "waivers"), *FILES):
        settings = document.get(section) if section else document
        value = settings.get(key) if isinstance(settings, dict) else None
        if not isinstance(settings, dict) or not isinstance(value, str):
            continue
        if value not in ("", SHIPPED) and "${" not in value:
            settings[key] = str((folder / _expanded(value)).absolute())
    return document


def _is_secret(place: tuple[Any, ...], value: str) -> bool:
    key = str(place[-1])
    if place[:2] == ("network", "headers") or place[:3] == ("outcome", "hook", "headers"):
        return bool(SECRET_NAME.search(key))
    if place[:3] == ("outcome", "simulator", "merchant"):
        return key in MERCHANT_SECRETS
    if key in {"egress", "second_egress"}:
        return bool(urlsplit(value).password) and "${" not in (urlsplit(value).password or "")
    return key in {"password", "client_secret"}
