"""The wheel carries contracts, scenarios and templates, and certifies from an empty folder."""

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_wheel_certifies_from_an_empty_folder(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [*build, "--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path), str(ROOT)],
        check=True,
    )
    wheel = next(tmp_path.glob("*.whl"))
    venv.create(tmp_path / "fresh", with_pip=True)
    python = tmp_path / "fresh" / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*install, "--no-deps", "--no-index", str(wheel)], check=True)
    _lend_dependencies(python)
    empty = tmp_path / "empty"
    empty.mkdir()

    command = str(python.parent / "bbps-conformance")
    listed = subprocess.run(
        [command, "list"], cwd=empty, capture_output=True, text=True, check=True
    )
    done = subprocess.run(
        [command, "certify", "--depth", "quick"],
        cwd=empty,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "TXN-08" in listed.stdout
    assert done.returncode == 0, done.stdout + done.stderr
    assert (empty / "reports" / "latest").exists()


def _lend_dependencies(python: Path) -> None:
    """Let the fresh environment see this one's packages, but not this checkout."""
    where = subprocess.run(
        [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    packages = Path(where)
    ours = Path(sysconfig.get_path("purelib"))
    for entry in ours.iterdir():
        mine = "conformance" in entry.name or entry.suffix == ".pth"
        if not mine and not (packages / entry.name).exists():
            (packages / entry.name).symlink_to(entry)
