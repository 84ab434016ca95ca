"""Reading a target profile: option > environment > file > default.

Every mistake is told at once, with its path. Secrets stand in the profile by reference only.
"""

import difflib
import os
import re
import shlex
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ValidationError

from conformance.core.errors import SetupError
from conformance.core.requirements import Register
from conformance.core.resources import PACKAGE
from conformance.profile.error_texts import ErrorTexts
from conformance.profile.outcome import (
    MERCHANT_SECRETS,
    Command,
    GatewaySimulator,
    Hook,
    Outcome,
    OutcomeParameters,
)
from conformance.profile.section import SECRET_NAME
from conformance.profile.target import (
    SHIPPED,
    Actor,
    Bills,
    ContractChoice,
    Limits,
    Network,
    OAuthClient,
    Readers,
    Service,
    Target,
    on_this_machine,
)

ENVIRONMENT: Final = {  # variable -> setting; outranked by an option, outranks the file
    "BBPS_BASE_URL": "base_url",
    "BBPS_MODE": "mode",
    "BBPS_TENANT": "tenant",
}
# Relative to the profile.
FILES: Final = (("bills", "pool"), ("network", "ca_file"), ("mdms", "repository"))
FOLDERS: Final = frozenset({"repository"})
SHIPPED_MASTERS: Final = PACKAGE / "examples" / "mdms" / "pb"
_REFERENCE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class ProfileProblem(SetupError):
    """The profile cannot be used; the message names file, path, value, remedy of each mistake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A target with the origin of each value (`option`, `environment`, `file`, `default`)."""

    target: Target
    origins: Mapping[str, str]
    path: Path | None = None


def load(
    path: Path, options: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None
) -> Profile:
    """Read a profile: option > environment > file > default; ProfileProblem with all mistakes."""
    environ = os.environ if environ is None else environ
    raw = _read(path)
    origins = {_dotted(place): "file" for place, _ in _leaves(raw)}
    settings = {ENVIRONMENT[name]: environ[name] for name in ENVIRONMENT if environ.get(name)}
    given = {key: value for key, value in (options or {}).items() if value is not None}
    origins |= dict.fromkeys(settings, "environment") | dict.fromkeys(given, "option")
    merged = {**raw, **settings, **given}

    mistakes: list[str] = []
    document = _resolved(merged, environ, path.parent, mistakes)
    mistakes += _misplaced_files(document, path.parent)
    mistakes += _unfounded(document.get("not_applicable"))
    target = _validated(document, mistakes)
    if not _on_this_machine(document.get("base_url")):
        mistakes += _literal_secrets(raw)
    if mistakes or target is None:
        listing = "\n".join(f"  - {mistake}" for mistake in mistakes)
        raise ProfileProblem(f"{path}: the target profile has {_count(mistakes)}:\n{listing}")
    return Profile(target=target, origins=origins, path=path)


def permit(target: Target, known_as: str) -> None:
    """Refuse to change a production deployment unless the caller names it; ProfileProblem."""
    if target.production and target.mode.writes and known_as != target.name:
        given = f"not {known_as!r}" if known_as else "so that nobody does it by mistake"
        raise ProfileProblem(
            f"{target.name} is a production deployment, and mode {target.mode} creates data there"
            f"{', and moves money' if target.mode.pays else ''}.\n"
            f"If that is wanted, add --i-know-this-is {shlex.quote(target.name)} ({given}); "
            "otherwise run with --mode inspect."
        )


def _misplaced_files(document: dict[str, Any], folder: Path) -> Iterator[str]:
    """Make file settings relative to the profile; name those that cannot be read."""
    for section, key in FILES:
        settings = document.get(section)
        named = settings.get(key) if isinstance(settings, dict) else None
        if not isinstance(settings, dict) or not isinstance(named, str) or not named:
            continue
        shipped = key in FOLDERS and named == SHIPPED
        path = SHIPPED_MASTERS if shipped else folder / Path(named).expanduser()
        settings[key] = str(path)
        if key in FOLDERS:
            if not path.is_dir():
                yield f"{section}.{key}: there is no folder {path}; check out the repository there"
        elif not path.is_file():
            yield f"{section}.{key}: there is no file {path}; create it or correct the path"
        elif key == "ca_file" and not _holds_certificates(path):
            yield f"{section}.{key}: {path} holds no certificate in PEM form"


def _unfounded(declared: Any) -> Iterator[str]:
    """Name what is declared not applicable but is no requirement, or has no reason."""
    if not isinstance(declared, dict) or not declared:
        return
    register = Register.load()
    for id_, reason in declared.items():
        place = f"not_applicable.{id_}"
        if id_ not in register:
            yield f"{place}: is no requirement; `bbps-conformance list` shows them all"
        elif reason is None or not str(reason).strip():
            yield f"{place}: needs a reason, which the certificate shows"


def _holds_certificates(path: Path) -> bool:
    try:
        return bool(ssl.create_default_context(cafile=path).get_ca_certs())
    except (ssl.SSLError, OSError):
        return False


def _count(mistakes: list[str]) -> str:
    return "one mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as problem:
        raise ProfileProblem(
            f"{path}: cannot be read ({problem.strerror}); give --target a profile file"
        ) from None
    except UnicodeDecodeError:
        raise ProfileProblem(f"{path}: is not a text file in UTF-8; a profile is YAML") from None
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        reason = getattr(problem, "problem", None) or "it cannot be parsed"
        raise ProfileProblem(
            f"{path}{place}: is not YAML ({reason}); compare with a shipped example profile"
        ) from None
    if not isinstance(document, dict):
        raise ProfileProblem(
            f"{path}: holds {_kind(document)} where a mapping of settings is expected "
            "(name, base_url, tenant, ...)"
        )
    return document


def _kind(document: Any) -> str:
    return {type(None): "nothing", list: "a list", str: "a text"}.get(type(document), "a value")


def _leaves(node: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _leaves(value, (*place, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _leaves(value, (*place, index))
    else:
        yield place, node


def _dotted(place: tuple[Any, ...]) -> str:
    return ".".join(str(part) for part in place)


def _resolved(
    node: Any, environ: Mapping[str, str], folder: Path, mistakes: list[str], place: str = ""
) -> Any:
    """Replace `${VAR}` and `file:PATH` references, noting those that lead nowhere."""
    if isinstance(node, dict):
        return {
            key: _resolved(value, environ, folder, mistakes, f"{place}.{key}".lstrip("."))
            for key, value in node.items()
        }
    if isinstance(node, list):
        return [
            _resolved(value, environ, folder, mistakes, f"{place}.{index}")
            for index, value in enumerate(node)
        ]
    if not isinstance(node, str):
        return node
    if node.startswith("file:"):
        return _file_content(folder / node.removeprefix("file:"), place, mistakes)
    for name in _REFERENCE.findall(node):
        if name not in environ:
            mistakes.append(f"{place}: the environment variable {name} is not set; export {name}")
    return _REFERENCE.sub(lambda match: environ.get(match[1], ""), node)


def _file_content(path: Path, place: str, mistakes: list[str]) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        mistakes.append(f"{place}: the file {path} cannot be read; create it or correct the path")
        return ""


def _validated(document: dict[str, Any], mistakes: list[str]) -> Target | None:
    try:
        return Target.model_validate(document)
    except ValidationError as problem:
        unset = {mistake.partition(":")[0] for mistake in mistakes}
        for error in problem.errors():
            place = _dotted(error["loc"]) or "(profile)"
            if place not in unset:
                mistakes.append(f"{place}: {_in_words(error)}")
        return None


def _in_words(error: Any) -> str:
    """Say a pydantic mistake as value, reason and remedy; a secret's value is not repeated."""
    if error["type"] == "extra_forbidden":
        return f"is no setting{_nearest(error['loc'])}"
    if error["type"] == "missing":
        return "is missing"
    message = error["msg"].removeprefix("Value error, ")
    message = message[:1].lower() + message[1:]
    value = error["input"]
    secret = SECRET_NAME.search(_dotted(error["loc"])) or "@" in str(value)
    if isinstance(value, str | int | float | bool) and not secret:
        return f"{value!r}: {message}"
    return str(message)


def _nearest(place: tuple[Any, ...]) -> str:
    sections: list[type[BaseModel]] = [Target, Actor, Bills, Outcome, OutcomeParameters, Readers]
    sections += [Service, Network, Limits, ContractChoice, OAuthClient]
    sections += [GatewaySimulator, Command, Hook, ErrorTexts]
    known = [name for section in sections for name in section.model_fields]
    near = difflib.get_close_matches(str(place[-1]), known, n=1)
    return f"; did you mean {near[0]}?" if near else "; remove it"


def _on_this_machine(base_url: Any) -> bool:
    try:
        return on_this_machine(str(base_url))
    except ValueError:  # no address at all, which is told elsewhere
        return False


def _literal_secrets(raw: dict[str, Any]) -> Iterator[str]:
    """Name secrets that stand in the profile itself: harmless on loopback only."""
    for place, value in _leaves(raw):
        if not isinstance(value, str) or not value or value.startswith(("${", "file:")):
            continue
        if _is_secret(place, value):
            variable = "_".join(str(part).upper().replace("-", "_") for part in place[-2:])
            yield (
                f"{_dotted(place)}: a secret stands in the profile; "
                f"write ${{{variable}}} or file:PATH instead"
            )


def _is_secret(place: tuple[Any, ...], value: str) -> bool:
    key = str(place[-1])
    if place[:2] == ("network", "headers") or place[:3] == ("outcome", "hook", "headers"):
        return bool(SECRET_NAME.search(key))
    if place[:3] == ("outcome", "simulator", "merchant"):
        return key in MERCHANT_SECRETS
    if key in {"egress", "second_egress"}:
        return bool(urlsplit(value).password) and "${" not in (urlsplit(value).password or "")
    return key in {"password", "client_secret"}
