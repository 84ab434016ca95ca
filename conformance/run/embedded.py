"""Starts the reference deployment for a run, when the profile says `base_url: embedded`.

The one place of the checking side that starts the reference; checks never see it.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from conformance.core import resources
from conformance.core.errors import SetupError
from conformance.profile.target import Target
from conformance.run.config import ReferenceOptions

if TYPE_CHECKING:  # a run against another deployment needs nothing of it
    from conformance.reference import Deployment, Settings

OPTIONS: Final = {  # of the command line -> what each sets
    "--fault": "faults",
    "--variation": "variations",
    "--lineage": "lineage",
    "--latency": "latency_ms",
    "--lag": "lag_ms",
    "--noise": "noise",
}


def default_profile() -> Path:
    """Return the shipped profile of the embedded reference."""
    return resources.EXAMPLES / "targets" / "reference.yaml"


def embedded(
    target: Target, options: ReferenceOptions, seed: int = 0
) -> "AbstractContextManager[Deployment] | None":
    """Return the reference to start for a run, or None where the target is a real deployment.

    `seed` chooses the exchanges that noise spoils. Raises SetupError where the options are not
    for that target, or, at the start, where the reference cannot be as they say.
    """
    if not target.embedded:
        _refuse_options(target, options)
        return None
    from conformance.reference import Settings

    settings = Settings(
        faults=options.faults,
        variations=options.variations,
        lineage=options.lineage,
        latency_ms=options.latency_ms,
        lag_ms=options.lag_ms,
        noise=options.noise / 100,
        noise_seed=seed,
    )
    return _started(settings)


@contextmanager
def bad_settings_refused() -> Iterator[None]:
    """Turn a BadSetting of the reference into a SetupError of the suite."""
    from conformance.reference import BadSetting

    try:
        yield
    except BadSetting as problem:
        raise SetupError(str(problem)) from None


@contextmanager
def _started(settings: "Settings") -> "Iterator[Deployment]":
    from conformance.reference import serve

    with ExitStack() as stack:
        with bad_settings_refused():
            deployment = stack.enter_context(serve(settings))
        yield deployment


def _refuse_options(target: Target, options: ReferenceOptions) -> None:
    """Refuse options that a deployment of somebody's own cannot follow."""
    usual = ReferenceOptions()
    given = [
        option for option, name in OPTIONS.items() if getattr(options, name) != getattr(usual, name)
    ]
    if given:
        are, them = ("are", "them") if len(given) > 1 else ("is", "it")
        raise SetupError(
            f"{', '.join(given)} {are} for the embedded reference, and the profile describes a "
            f"deployment at {target.base_url}",
            remedy=f"leave {them} out, or give {them} to `bbps-conformance serve`",
        )
