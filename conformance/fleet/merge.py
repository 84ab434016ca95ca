"""Makes one overview of the folders of several shards."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from conformance.core.errors import SetupError
from conformance.core.wording import plural
from conformance.fleet.folder import (
    Manifest,
    folders_in,
    manifest_in,
    overview_in,
    require_as_run,
)
from conformance.fleet.overview import Overview
from conformance.fleet.sharing import Shard
from conformance.fleet.task import read_result


def merged(homes: Sequence[Path], place: Path) -> tuple[Overview, list[str]]:
    """Return the overview of shards, to be written into `place`, and the shards that are missing.

    A city of a missing shard has no result. SetupError for folders of different fleets, and with
    the names of cities that have different results.
    """
    manifests = [manifest_in(home) for home in homes]
    first = manifests[0]
    for home, each in zip(homes, manifests, strict=True):
        if replace(each, shard=Shard(first.shard.number, each.shard.of)) != first:
            raise SetupError(
                f"{home} is of another fleet than {homes[0]}, or was divided otherwise",
                cause=_difference(each, first),
                remedy="merge the shards of one fleet",
            )
    found: dict[str, Path] = {}
    twice: list[str] = []
    for home, manifest in zip(homes, manifests, strict=True):
        for name, folder in folders_in(home, manifest).items():
            if name in found and read_result(found[name]) != read_result(folder):
                twice.append(f"{name} in {found[name]} and in {folder}")
            found.setdefault(name, folder)
    if twice:
        raise SetupError(
            f"a city has one result, and there are two of {'; of '.join(twice)}",
            remedy="keep one of the folders",
        )
    for folder in found.values():
        result = read_result(folder)
        if result is not None:
            require_as_run(folder, result)
    whole = replace(first, shard=Shard())
    missing = _missing(each.shard for each in manifests)
    return overview_in(place, whole, found, whole.cities), missing


def _difference(one: Manifest, other: Manifest) -> str:
    """Say how two manifests differ."""
    if _described(one) != _described(other):
        return f"{_described(one)}, and not {_described(other)}"
    if one.cities != other.cities:
        return "other cities"
    return "the file of cities, its template or the options differ, or own contracts or scenarios"


def _described(manifest: Manifest) -> str:
    of = plural(manifest.shard.of, "shard")
    return f"{manifest.fleet}, {len(manifest.cities)} cities, {of}"


def _missing(shards: Iterable[Shard]) -> list[str]:
    """Return the shards that nobody gave, as I/N."""
    given = list(shards)
    of = given[0].of
    there = {each.number for each in given}
    return [f"{number}/{of}" for number in range(1, of + 1) if number not in there]
