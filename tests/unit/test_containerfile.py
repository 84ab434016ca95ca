"""The image: what it copies exists, it runs as an ordinary user, and starts the command."""

import json
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
LINES = re.sub(r"^#.*\n| *\\\n", "", (ROOT / "Containerfile").read_text("utf-8"), flags=re.M)
INSTRUCTIONS = [line.split(maxsplit=1) for line in LINES.splitlines() if line.strip()]
STAGES = LINES.split("\nFROM ")  # the last one is the image


def arguments(name: str, text: str = LINES) -> list[str]:
    return re.findall(rf"^{name} (.+)$", text, re.MULTILINE)


def test_what_is_copied_exists_and_is_all_that_the_package_needs() -> None:
    copied = [
        word
        for line in arguments("COPY")
        if not line.startswith("--from=")
        for word in line.split()[:-1]
    ]
    assert [word for word in copied if not (ROOT / word).exists()] == []
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    needed = {"requirements.lock", "pyproject.toml", "conformance", project["project"]["readme"]}
    needed |= set(project["project"]["license-files"])
    folders = project["tool"]["setuptools"]["package-dir"].values()
    needed |= {folder for folder in folders if folder != "contracts/errata"}  # inside contracts
    assert needed == set(copied)


def test_only_locked_packages_are_installed() -> None:
    installs = re.findall(r"pip install ([^&\n]+)", LINES)
    assert len(installs) == 2
    assert "--require-hashes -r requirements.lock" in installs[0]
    assert "--no-deps --no-build-isolation" in installs[1]


def test_images_have_no_host_and_a_version() -> None:
    images = [line.split()[0] for line in arguments("FROM")]
    assert images
    assert all(re.fullmatch(r"python:3\.\d+-slim", image) for image in images)
    assert len(set(images)) == 1  # a virtual environment works with the Python that made it


def test_the_command_starts_as_an_ordinary_user() -> None:
    (user,) = arguments("USER", STAGES[-1])
    assert int(user) > 1000
    assert [json.loads(line) for line in arguments("ENTRYPOINT")] == [["bbps-conformance"]]
    after = STAGES[-1].partition(f"USER {user}\n")[2]
    assert "RUN" not in after
    assert arguments("WORKDIR", after) == ["/work"]


def test_no_secret_and_no_unknown_instruction() -> None:
    known = {"FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "ENTRYPOINT", "CMD"}
    assert {name for name, _ in INSTRUCTIONS} == known
    assert not re.search(r"password|token|secret", LINES, re.IGNORECASE)
