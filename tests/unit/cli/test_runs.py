"""Where a command finds the run that it is given."""

from pathlib import Path

import pytest

from conformance.cli.runs import folder_of
from conformance.core.errors import SetupError


def test_latest_is_a_text_file_where_links_are_not_to_be_had(tmp_path: Path) -> None:
    (tmp_path / "runs" / "one").mkdir(parents=True)
    (tmp_path / "latest").write_text("runs/one\n")
    assert folder_of("latest", tmp_path) == tmp_path / "runs" / "one"


def test_no_name_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    with pytest.raises(SetupError, match="there is no run ''"):
        folder_of("", tmp_path)


@pytest.mark.parametrize("content", [b"runs/gone", b"\xff\xfe"])
def test_a_latest_that_points_nowhere_is_no_run(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "latest").write_bytes(content)
    with pytest.raises(SetupError, match="there is no run 'latest'"):
        folder_of("latest", tmp_path)
