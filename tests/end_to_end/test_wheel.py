"""A wheel, installed as README says, carries contracts, scenarios and master data."""

import os
import re
import shutil
import subprocess
import sysconfig
import venv
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PIP = re.compile(r"^pip [^#\n]+", re.MULTILINE)
OFFLINE = {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
LEFT_BEHIND = shutil.ignore_patterns(
    ".*", "build", "dist", "runs", "latest", "*.egg-info", "__pycache__"
)


@pytest.mark.slow
def test_wheel_is_installed_as_the_page_says_and_certifies_from_an_empty_folder(
    tmp_path: Path,
) -> None:
    commands = PIP.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    assert [line.split()[1] for line in commands] == ["wheel", "install", "install"]
    checkout, empty = tmp_path / "checkout", tmp_path / "empty"
    shutil.copytree(ROOT, checkout, ignore=LEFT_BEHIND)
    empty.mkdir()
    folder = _environment(tmp_path / "fresh")
    environ = {**os.environ, **OFFLINE, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}

    for line in commands:
        done = _done(line, checkout, environ)
        assert done.returncode == 0, done.stdout + done.stderr
    shutil.rmtree(checkout)

    listed = _done("bbps-conformance list", empty, environ)
    assert "TXN-08" in listed.stdout
    done = _done("bbps-conformance certify --depth quick", empty, environ)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (empty / "reports" / "latest").exists()


def _done(line: str, folder: Path, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", line],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=1800,  # only a hung command takes as long
        check=False,
    )


def _environment(place: Path) -> Path:
    """Make an environment that sees this one's packages, but not this checkout; return its bin."""
    venv.create(place, with_pip=False)
    packages = next(place.glob("lib/python*/site-packages"))
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if "conformance" not in entry.name and entry.suffix != ".pth":
            (packages / entry.name).symlink_to(entry)
    pip = place / "bin" / "pip"
    pip.write_text(f'#!/bin/sh\nexec "{place}/bin/python" -m pip "$@"\n', encoding="utf-8")
    pip.chmod(0o755)
    return place / "bin"
