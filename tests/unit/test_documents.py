"""The documents are true: links lead somewhere, commands are accepted, folders are listed."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from conformance.cli.main import main

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    path
    for folder in (ROOT, *map(ROOT.joinpath, ("contracts", "scenarios", "reports", "tests")))
    for path in folder.glob("*.md")
] + sorted((ROOT / "conformance").rglob("README.md"))
HISTORY = "CHANGELOG.md"  # names files that are no longer there
LONGEST = 150  # lines of README.md
LINK = re.compile(r"\]\(([^)#]+)[^)]*\)")
PLACE = re.compile(r"`((?:conformance|contracts|tests|scenarios|benchmarks)/[\w./*-]+)`")
BLOCK = re.compile(r"^ *```sh\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^ *(bbps-conformance [^#&\n]+)", re.MULTILINE)
MAKE = re.compile(r"(?:`|^)make ([a-z]+)", re.MULTILINE)


def written() -> Iterator[tuple[str, Path, str]]:
    """Yield the name, the folder and the text of each document."""
    for path in DOCUMENTS:
        if path.name != HISTORY:
            yield str(path.relative_to(ROOT)), path.parent, path.read_text(encoding="utf-8")


def test_links_and_places_exist() -> None:
    lost = []
    for name, folder, text in written():
        links = [link for link in LINK.findall(text) if "://" not in link]
        lost += [f"{name}: {link}" for link in links if not (folder / link).exists()]
        places = PLACE.findall(text)
        lost += [f"{name}: {place}" for place in places if not list(ROOT.glob(place))]
    assert lost == []


def test_commands_are_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parsed, not carried out: every command, option and choice of the documents exists."""
    monkeypatch.chdir(tmp_path)
    refused, seen = [], 0
    for name, _, text in written():
        for line in COMMAND.findall("\n".join(BLOCK.findall(text))):
            seen += 1
            try:
                parse(shlex.split(line)[1:])
            except click.UsageError as problem:
                refused.append(f"{name}: {line.strip()}: {problem.format_message()}")
    assert refused == []
    assert seen > 15


def parse(words: list[str]) -> None:
    """Parse the words of a command without carrying it out."""
    command: click.Command = main
    while isinstance(command, click.Group):
        name = words.pop(0)
        found = command.get_command(click.Context(command), name)
        if found is None:
            raise click.UsageError(f"no such command: {name}")
        command = found
    for word in words:
        if "." in word and "/" not in word:
            Path(word).touch()
    command.make_context(command.name, words)


def test_targets_of_make_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    known = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    named = {target for _, _, text in written() for target in MAKE.findall(text)}
    assert {"certify", "test", "matrix", "whole"} <= named
    assert named <= known


def test_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= LONGEST


def test_every_folder_of_tests_runs_and_is_described() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = settings["tool"]["pytest"]["ini_options"]["testpaths"]
    folders = {
        path.parent.relative_to(ROOT).parts[1] for path in (ROOT / "tests").rglob("test_*.py")
    }
    assert {f"tests/{folder}" for folder in folders} == set(listed)
    guide = (ROOT / "tests" / "README.md").read_text(encoding="utf-8")
    assert [folder for folder in folders if f"`{folder}/" not in guide] == []
