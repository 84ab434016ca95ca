"""The options of a run under plain pytest: those of `certify` that make sense there."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.results.gate import GATES, USUAL
from conformance.run.choices import DEPTHS, LINEAGES, MODES
from conformance.run.config import ReferenceOptions, RunConfig, documents_of, path_of
from conformance.run.selection import selected


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options of a run under plain pytest: those of `certify` that make sense there."""
    group = parser.getgroup("bbps", "BBPS conformance of a DIGIT deployment")
    add = group.addoption
    add("--target", type=Path, metavar="PROFILE", help="target profile (default: the reference)")
    add("--mode", metavar="|".join(MODES), help="replaces mode of the profile")
    add("--i-know-this-is", default="", metavar="NAME", help="the production target to change")
    add(
        "--contract", action="append", default=[], metavar="SERVICE=FILE",
        help="check a service against your own contract file",
    )  # fmt: skip
    add(
        "--scenarios", action="append", type=Path, default=[], metavar="DIR|FILE",
        help="play your own scenarios too",
    )  # fmt: skip
    add("--only", action="append", default=[], metavar="ID", help="check these requirements only")
    add("--fault", action="append", default=[], metavar="NAME", help="fault of the reference")
    add(
        "--lineage", default=LINEAGES[0], metavar="|".join(LINEAGES),
        help="lineage of the reference",
    )  # fmt: skip
    add("--depth", default="standard", metavar="|".join(DEPTHS), help="how much is generated")
    add("--generation-seed", type=int, default=0, metavar="N", help="seed of what is generated")
    add("--jobs", type=int, default=1, metavar="N", help="independent checks that run together")
    add("--gate", default=USUAL, metavar="|".join(GATES), help="level that decides the exit code")
    add("--baseline", type=Path, metavar="FILE", help="results.json: only regressions gate")
    add("--waivers", type=Path, metavar="FILE", help="failures that are accepted for now")
    add("--reports", type=Path, default=Path("reports"), metavar="DIR", help="where runs are kept")


def config_of(options: Callable[[str], Any]) -> RunConfig:
    """Return what the options of plain pytest request of a run; SetupError if it cannot be."""
    return RunConfig(
        target=options("--target"),
        settings={"mode": options("--mode"), "waivers": path_of(options("--waivers"))},
        known_as=options("--i-know-this-is"),
        documents=documents_of(options("--contract")),
        reference=ReferenceOptions(faults=tuple(options("--fault")), lineage=options("--lineage")),
        only=selected(options("--only")),
        scenarios=tuple(options("--scenarios")),
        depth=options("--depth"),
        seed=options("--generation-seed"),
        jobs=options("--jobs"),
        reports=options("--reports"),
        gate=options("--gate"),
        baseline=options("--baseline"),
    )
