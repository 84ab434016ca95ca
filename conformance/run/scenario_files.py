"""Scenarios as pytest collects them: which a run is to play, and files of them as arguments."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from conformance.core import resources
from conformance.core.check_index import needs_catalogue, unneeded_files
from conformance.core.errors import SetupError
from conformance.core.requirements import verifies
from conformance.run.config import RunConfig
from conformance.scenarios import test_scenarios
from conformance.scenarios.catalogue import SUFFIXES, loaded
from conformance.scenarios.plan import ScenarioCheck, checks_of

CHECK_ARGUMENT: Final = "part"
FOLDER: Final = "scenarios"
# What a scenario has at the left margin, and hardly any other file.
SIGNS: Final = ("\nsteps:", "\ntitle:", "\nname:")


def scenario_checks(config: RunConfig) -> list[ScenarioCheck]:
    """Return the checks of the scenarios that a run is to play; SetupError if one is broken."""
    shipped = resources.folder("scenarios")
    whole = not config.scenarios_only
    wanted = whole and (needs_catalogue(config.only) or config.scenarios)
    folders = [shipped] if wanted else []
    # A run that leaves out checks of its own plays few of the shipped scenarios.
    few = not config.scenarios and unneeded_files(config.only)
    scenarios = loaded([*folders, *config.scenarios], naming=config.only if few else ())
    return [
        replace(each, backed=whole and each.scenario.folder.is_relative_to(shipped))
        for each in checks_of(scenarios)
    ]


def parametrize(metafunc: pytest.Metafunc, checks: Sequence[ScenarioCheck]) -> None:
    """Make one pytest item of each check."""
    definition = metafunc.definition.parent
    if isinstance(definition, ScenarioFile):
        checks = definition.checks
    metafunc.parametrize(
        CHECK_ARGUMENT,
        [pytest.param(each, id=each.id, marks=_marks(each)) for each in checks],
    )


def _marks(check: ScenarioCheck) -> list[pytest.MarkDecorator]:
    alone = [pytest.mark.alone(check.alone)] if check.alone else []
    return [verifies(*check.claim.requirements), *alone]


def is_scenario(path: Path, arguments: Sequence[str]) -> bool:
    """Whether a file that pytest comes to is a scenario.

    One that is named itself, or below a folder `scenarios` that is; elsewhere one that looks so.
    """
    if path.suffix.lower() not in SUFFIXES:
        return False
    named = [Path(each.partition("::")[0]).absolute() for each in arguments]
    below = [each for each in named if path == each or each in path.parents]
    if any(each == path or each.name == FOLDER for each in below):
        return True
    try:
        text = "\n" + path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    return bool(below) and all(each in text for each in SIGNS)


class ScenarioFile(pytest.Module):
    """A file with a scenario: what is collected of it is the function that plays it."""

    checks: Sequence[ScenarioCheck] = ()
    problem: SetupError | None = None  # every mistake in it

    def _getobj(self) -> Any:
        return test_scenarios

    @classmethod
    def of(cls, path: Path, parent: pytest.Collector) -> "ScenarioFile":
        """Return the collector of a file, with its problem if it is broken."""
        file: ScenarioFile = cls.from_parent(parent, path=path)
        try:
            file.checks = checks_of(loaded([path]))
        except SetupError as problem:
            file.problem = problem
        return file

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        """Collect nothing of a broken file: whoever made this collector ends the session."""
        return () if self.problem else super().collect()
