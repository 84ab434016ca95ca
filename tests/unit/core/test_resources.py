"""Resources: the wheel's own copy first, then the checkout, else one clear message."""

import tomllib
from pathlib import Path

import pytest

from conformance.core import resources


def test_finds_the_folders_of_the_checkout() -> None:
    assert resources.file("contracts", "requirements.yaml").is_file()
    assert resources.file("templates", "certificate.html.j2").is_file()


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation in an empty place."""
    monkeypatch.setattr(resources, "PACKAGE", tmp_path / "conformance")
    monkeypatch.setattr(resources, "CHECKOUT", tmp_path)
    return tmp_path


def test_the_wheels_copy_wins_over_a_stray_folder(elsewhere: Path) -> None:
    stray, own = elsewhere / "contracts", elsewhere / "conformance" / "data" / "contracts"
    stray.mkdir()
    assert resources.folder("contracts") == stray
    own.mkdir(parents=True)
    assert resources.folder("contracts") == own


def test_a_missing_folder_or_file_says_reinstall(elsewhere: Path) -> None:
    with pytest.raises(resources.MissingResource, match="reinstall"):
        resources.folder("scenarios")
    (elsewhere / "scenarios").mkdir()
    with pytest.raises(resources.MissingResource, match=r"absent\.yaml is missing; reinstall"):
        resources.file("scenarios", "absent.yaml")


def test_every_package_is_in_the_wheel() -> None:
    home = resources.CHECKOUT
    project = tomllib.loads((home / "pyproject.toml").read_text("utf-8"))
    present = {
        ".".join(each.parent.relative_to(home).parts)
        for each in (home / "conformance").rglob("__init__.py")
    }
    assert present <= set(project["tool"]["setuptools"]["packages"])
