"""The command line and plain pytest build the same RunConfig; bad values are refused by option."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.cli.certify import certify, config_of
from conformance.core.errors import SetupError
from conformance.run.choices import DEPTHS, LINEAGES, MODES
from conformance.run.config import ReferenceOptions, RunConfig
from conformance.run.plugin import config_of as config_of_pytest

pytest_plugins = ["pytester"]

OPTIONS = [
    "--target",
    "t.yaml",
    "--mode",
    "sandbox",
    "--i-know-this-is",
    "city",
    "--contract",
    "pg-service=pg.yml",
    "--only",
    "TXN-08",
    "--only",
    "USR-01",
    "--fault",
    "owner-check-off",
    "--lineage",
    "mseva",
    "--depth",
    "quick",
    "--jobs",
    "3",
    "--reports",
    "there",
]


def by_command(*options: str) -> RunConfig:
    context = certify.make_context("certify", list(options))
    of_the_output = {"dry_run", "quiet", "form"}
    return config_of(**{k: v for k, v in context.params.items() if k not in of_the_output})


def by_pytest(pytester: pytest.Pytester, *options: str) -> RunConfig:
    return config_of_pytest(pytester.parseconfig(*options).getoption)


def test_both_request_the_same(pytester: pytest.Pytester) -> None:
    expected = RunConfig(
        target=Path("t.yaml"),
        settings={"base_url": None, "mode": "sandbox", "waivers": None},
        known_as="city",
        documents={"pg-service": Path("pg.yml")},
        reference=ReferenceOptions(faults=("owner-check-off",), lineage="mseva"),
        only=("USR-01", "TXN-08"),
        depth="quick",
        seed=7,
        jobs=3,
        reports=Path("there"),
    )
    assert by_command(*OPTIONS, "--seed", "7") == expected
    assert _without_base_url(by_command(*OPTIONS, "--seed", "7")) == _without_base_url(
        by_pytest(pytester, *OPTIONS, "--generation-seed", "7")
    )


def test_both_request_the_same_when_nothing_is_given(pytester: pytest.Pytester) -> None:
    assert _without_base_url(by_command()) == _without_base_url(by_pytest(pytester))
    assert _without_base_url(by_command()) == RunConfig(settings={"mode": None})


def _without_base_url(config: RunConfig) -> RunConfig:
    """The configuration without what plain pytest has no option for."""
    return replace(config, settings={"mode": config.settings["mode"]})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"depth": "deeper"}, f"--depth 'deeper': write one of {', '.join(DEPTHS)}"),
        ({"settings": {"mode": "f"}}, f"--mode 'f': write one of {', '.join(MODES)}"),
        ({"jobs": 65}, "--jobs 65: write a number from 1 to 64"),
    ],
)
def test_a_value_that_no_run_can_have_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(SetupError) as raised:
        RunConfig(**values)
    assert str(raised.value) == message


def test_an_unknown_lineage_is_refused() -> None:
    with pytest.raises(SetupError, match=f"write one of {', '.join(LINEAGES)}"):
        ReferenceOptions(lineage="digit")
