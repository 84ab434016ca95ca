"""The commands that continue, settle and undo a run, whole: a person copies them as they are."""

import shlex
from collections.abc import Iterator
from typing import Final

from conformance.run.config import RunConfig

PROGRAM: Final = "bbps-conformance"
USUAL: Final = RunConfig()


def resuming(config: RunConfig, run: str) -> str:
    """Return the command that continues a run that was interrupted."""
    return _in_parts(config, "--resume", run)


def settling(config: RunConfig, run: str) -> str:
    """Return the command that decides, on a later day, what an open run left to it."""
    return _in_parts(config, "--settle", run)


def cleaning(config: RunConfig, run: str) -> str:
    """Return the command that undoes a run."""
    return shlex.join([PROGRAM, "clean", run, *_deployment(config), *_reports(config)])


def _in_parts(config: RunConfig, part: str, run: str) -> str:
    files = [str(each) for each in config.scenarios]
    if config.scenarios_only:
        command = ["scenarios", "run", *files]
    else:
        command = ["certify", *(word for each in files for word in ("--scenarios", each))]
    contracts = [
        word for name, path in config.documents.items() for word in ("--contract", f"{name}={path}")
    ]
    jobs = [] if config.jobs == USUAL.jobs else ["--jobs", str(config.jobs)]
    gate = [] if config.gate == USUAL.gate else ["--gate", config.gate]
    if config.baseline is not None:
        gate += ["--baseline", str(config.baseline)]
    words = [*_deployment(config), *contracts, *_reports(config), *jobs, *gate, part, run]
    return shlex.join([PROGRAM, *command, *words])


def _deployment(config: RunConfig) -> Iterator[str]:
    if config.target is not None:
        yield from ("--target", str(config.target))
    for name in ("base_url", "mode", "waivers"):
        if config.settings.get(name) is not None:
            yield from (f"--{name.replace('_', '-')}", str(config.settings[name]))
    if config.known_as:
        yield from ("--i-know-this-is", config.known_as)


def _reports(config: RunConfig) -> Iterator[str]:
    if config.reports != USUAL.reports:
        yield from ("--reports", str(config.reports))
