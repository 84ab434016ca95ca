"""The reference answers as the real services did that were recorded."""

from pathlib import Path

import pytest

from tests.agreement.agreement import verdicts_on
from tests.agreement.report import lines, share

RECORDED = Path(__file__).parents[2].parent / "shared/digit/recorded"
# Percent of exchanges that agree in status, codes and shape, at least.
AGREED = {"digit-2.8": 99.5, "mseva": 99.0, "lts": 99.0}


@pytest.mark.parametrize("name", AGREED)
def test_reference_agrees_with_the_recording(name: str) -> None:
    path = RECORDED / f"{name}.jsonl"
    if not path.is_file():
        pytest.skip(f"{path} is not there: the recordings stand beside the repository")

    verdicts = verdicts_on(path)

    assert share(verdicts) >= AGREED[name], "\n".join(lines(verdicts))
