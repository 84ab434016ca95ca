"""The commands that continue, settle and undo a run: whole, and understood by the command line."""

import shlex
from pathlib import Path

import click
import pytest

from conformance.cli.main import main
from conformance.run.commands import cleaning, resuming, settling
from conformance.run.config import RunConfig

BARE = RunConfig(target=Path("uat.yaml"))
FULL = RunConfig(
    target=Path("my city.yaml"),
    settings={"base_url": "https://uat.example.org", "mode": "sandbox"},
    known_as="Kanpur",
    documents={"pg-service": Path("pg.yml")},
    scenarios=(Path("ours"), Path("more.yaml")),
    reports=Path("/tmp/kept"),  # noqa: S108  # only named
    jobs=4,
)
ALONE = RunConfig(target=Path("uat.yaml"), scenarios=(Path("ours"),), scenarios_only=True)


@pytest.mark.parametrize(
    ("config", "resumed", "cleaned"),
    [
        (
            BARE,
            "certify --target uat.yaml --resume r1",
            "clean r1 --target uat.yaml",
        ),
        (
            FULL,
            "certify --scenarios ours --scenarios more.yaml --target 'my city.yaml' "
            "--base-url https://uat.example.org --mode sandbox --i-know-this-is Kanpur "
            "--contract pg-service=pg.yml --reports /tmp/kept --jobs 4 --resume r1",
            "clean r1 --target 'my city.yaml' --base-url https://uat.example.org --mode sandbox "
            "--i-know-this-is Kanpur --reports /tmp/kept",
        ),
        (
            ALONE,
            "scenarios run ours --target uat.yaml --resume r1",
            "clean r1 --target uat.yaml",
        ),
    ],
)
def test_command_names_all_that_the_run_had(config: RunConfig, resumed: str, cleaned: str) -> None:
    assert resuming(config, "r1") == f"bbps-conformance {resumed}"
    assert settling(config, "r1") == resuming(config, "r1").replace("--resume", "--settle")
    assert cleaning(config, "r1") == f"bbps-conformance {cleaned}"


@pytest.mark.parametrize("config", [BARE, FULL, ALONE])
@pytest.mark.parametrize("of", [resuming, settling, cleaning])
def test_command_line_knows_every_option(config: RunConfig, of: object) -> None:
    assert callable(of)
    words = shlex.split(of(config, "r1"))[1:]
    command: click.Command = main
    while isinstance(command, click.Group):
        command = command.commands[words.pop(0)]
    context = command.make_context("it", words)
    assert context.params["target"] == config.target
    assert context.params["reports"] == config.reports
    assert context.params["base_url"] == config.settings.get("base_url")
