"""Options that contradict each other are refused by name, before anything is done."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli.main import main

SCENARIO = """
name: one
title: A bill is fetched
requirements: [BIL-01]
steps:
  - {name: Fetch, call: bill.fetch, as: integrator}
"""


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("certify --open --settle latest", "--settle continues a run.* leave out --open"),
        ("certify --open --resume latest", "--resume continues a run.* leave out --open"),
        ("certify --settle a --resume b", "--settle continues a run.* leave out --resume"),
        ("certify --settle= --resume b", "--settle continues a run.* leave out --resume"),
        ("certify --settle= --jobs 2", "there is no run ''"),
        ("certify --resume=", "there is no run ''"),
        ("scenarios run one.yaml --open --settle latest", "leave out --open"),
        ("scenarios run one.yaml --resume a --settle b", "leave out --resume"),
        ("scenarios run one.yaml --resume a --only BIL-01", "leave out --only"),
        ("fleet run c.yaml --open --settle", "--settle decides what --open would leave; leave out"),
        ("fleet run c.yaml --settle --again Moga", "settle first, then use --again"),
        ("fleet run c.yaml --settle --engine dask://h:1", "leave out --engine"),
    ],
)
def test_what_contradicts_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.yaml").write_text(SCENARIO, encoding="utf-8")
    done = CliRunner().invoke(main, words.split())
    assert (done.exit_code, done.stdout) == (2, "")
    assert re.search(message, done.stderr), done.stderr
    assert [each.name for each in tmp_path.iterdir()] == ["one.yaml"]
