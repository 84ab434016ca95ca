"""How a run is opened: from its RunConfig, for the command and for plain pytest alike.

Whatever keeps a run from starting is a SetupError, and ends here.
"""

from collections.abc import Iterable
from dataclasses import replace

from conformance.core.requirements import Register
from conformance.profile.loading import Profile, load, permitted
from conformance.run.config import RunConfig
from conformance.run.embedded import default_profile, embedded
from conformance.run.resume import Earlier, ResumeError, earlier_part
from conformance.run.session import Run
from conformance.scenarios.catalogue import loaded


def open_run(config: RunConfig, earlier: Earlier | None = None) -> Run:
    """Open a run whose set-up is fit for checks, or continue an `earlier` part of one.

    Raises SetupError; nothing is left on the target then.
    """
    run = prepared_run(config, earlier)
    run.open()
    return run


def prepared_run(config: RunConfig, earlier: Earlier | None = None) -> Run:
    """Return a run that has sent nothing yet. Raises SetupError."""
    require_known(config.only)
    profile = profile_of(config)
    if config.scenarios:
        loaded(config.scenarios, profile.target.actors)
    start = embedded(profile.target, config.reference, config.seed)
    if earlier is None:
        return Run(profile, config, start)
    if profile.target.embedded:
        raise ResumeError(
            "the embedded reference and its data exist only during a run",
            remedy="start a new run",
        )
    header = earlier.kept.header
    as_before = replace(config, seed=header.seed, depth=header.depth, split=earlier.kept.split)
    return Run(profile, as_before, start, earlier)


def require_known(only: Iterable[str]) -> None:
    """Raise UnknownRequirement if an id is not in the register."""
    register = Register.load()
    for id_ in only:
        register.of(id_)


def profile_of(config: RunConfig) -> Profile:
    """Return the profile that a run is to follow. Raises SetupError."""
    return permitted(load(config.target or default_profile(), config.settings), config.known_as)


def earlier_of(config: RunConfig) -> Earlier | None:
    """Return the earlier part of the run that is to be continued, if any. Raises SetupError."""
    return earlier_part(config.earlier, settle=config.settle) if config.earlier else None
