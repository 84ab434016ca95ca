"""What the tests of the contracts share: the contracts in both forms, and ways to write files."""

from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.contracts import Contracts


@pytest.fixture(scope="session")
def effective() -> Contracts:
    return Contracts.load()


@pytest.fixture(scope="session")
def published() -> Contracts:
    return Contracts.load(form="published")


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    """Write a contract file and return its path."""

    def write(text: str) -> Path:
        path = tmp_path / "given.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write
