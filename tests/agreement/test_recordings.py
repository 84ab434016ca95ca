"""The reference answers as the real services did that were recorded."""

import functools
from pathlib import Path

import pytest

from tests.agreement.agreement import remaining, verdicts_on
from tests.agreement.report import TARGET, Verdict, lines, share

RECORDED = Path(__file__).parents[2].parent / "shared/digit/recorded"
NAMES = ("digit-2.8", "mseva", "lts")


@functools.cache
def replayed(name: str) -> list[Verdict]:
    path = RECORDED / f"{name}.jsonl"
    if not path.is_file():
        pytest.skip(f"{path} is not there: the recordings stand beside the repository")
    return verdicts_on(path)


@pytest.mark.parametrize("name", NAMES)
def test_reference_agrees_with_the_recording(name: str) -> None:
    verdicts = replayed(name)

    assert share(verdicts) >= TARGET, "\n".join(lines(verdicts))
    assert all(each.reason for each in verdicts if each.difference), "\n".join(lines(verdicts))


def test_every_reason_is_still_needed() -> None:
    used = {each.reason for name in NAMES for each in replayed(name)}
    assert [entry["difference"] for entry in remaining() if entry["reason"] not in used] == []
