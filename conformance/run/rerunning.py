"""Runs again what failed or stayed undecided in an earlier run, as that run was made."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from conformance.contracts import Contracts
from conformance.core.errors import SetupError
from conformance.core.exchange import SET_UP
from conformance.core.sharing import SHARED
from conformance.core.verdicts import Verdict
from conformance.results.exchange_store import Evidence
from conformance.results.model import Header, Results
from conformance.run.config import ReferenceOptions, RunConfig
from conformance.run.header import header_of
from conformance.run.opening import profile_of
from conformance.run.resume import is_summary, setting_differences

OPTIONS = ("base_url", "mode", "waivers")  # settings that an option of the command may replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """The checks to run again: those that went wrong, and those that they judge."""

    wrong: tuple[str, ...]
    prerequisites: tuple[str, ...]

    @property
    def checks(self) -> frozenset[str]:
        """All of them."""
        return frozenset((*self.wrong, *self.prerequisites))


def to_run_again(results: Results, exchanges: Evidence) -> Again:
    """Return the checks of a run to run again; SetupError if there are none.

    Each check makes its own data; only those that judge a run as a whole need others: the ones
    whose exchanges they cited.
    """
    rows = results.rows(Verdict.FAILED, Verdict.INCONCLUSIVE, Verdict.ERROR)
    if not rows:
        raise SetupError(
            f"no check of the run {results.header.run} failed or stayed undecided",
            remedy="to repeat the whole run, use certify",
        )
    known = {check.id for check in results.checks}
    cited = (exchanges.get(id_) for row in rows if is_summary(row.id) for id_ in row.exchanges)
    judged = dict.fromkeys(each.check for each in cited if each is not None)
    wrong = tuple(row.id for row in rows)
    left_out = {*wrong, SET_UP, SHARED}
    return Again(
        wrong=wrong,
        prerequisites=tuple(id_ for id_ in judged if id_ in known and id_ not in left_out),
    )


def config_again(
    header: Header,
    checks: frozenset[str],
    *,
    target: Path | None,
    documents: Mapping[str, Path],
    scenarios: tuple[Path, ...],
    known_as: str,
    jobs: int,
    reports: Path,
    clean: bool,
) -> RunConfig:
    """Return what a run requested, for some of its checks; profile and contracts must be the same.

    `target` replaces the path of the profile, which may have moved. Raises SetupError.
    """
    config = RunConfig(
        target=target or _profile_of(header),
        settings=_options_of(header),
        known_as=known_as,
        documents=documents,
        reference=_reference_of(header),
        checks=checks,
        scenarios=scenarios,
        depth=header.depth,
        seed=header.seed,
        jobs=jobs,
        reports=reports,
        clean=clean,
    )
    _require_same(header, config)
    return config


def _profile_of(header: Header) -> Path | None:
    """Return the profile of a run, None for the shipped one; SetupError if it is gone."""
    named = header.profile.get("file")
    if not named:
        if header.rehearsal is not None and header.rehearsal.because == "embedded":
            return None
        raise SetupError(
            f"the run {header.run} does not say which profile it followed",
            remedy="give that profile with --target",
        )
    if not Path(named).is_file():
        raise SetupError(
            f"the profile of the run is gone: there is no file {named}",
            remedy="give it with --target, or run the command in the folder of the run before",
        )
    return Path(named)


def _options_of(header: Header) -> dict[str, object]:
    """Return the settings that an option of the command gave."""
    origins, settings = header.profile["origins"], header.profile["settings"]
    return {name: settings[name] for name in OPTIONS if origins.get(name) == "option"}


def _reference_of(header: Header) -> ReferenceOptions:
    """Return how the embedded reference behaved, if it was the target."""
    was = header.rehearsal
    if was is None or was.because != "embedded":
        return ReferenceOptions()
    return ReferenceOptions(
        faults=was.faults, variations=was.variations, lineage=was.lineage,
        latency_ms=was.latency_ms, lag_ms=was.lag_ms, noise=was.noise,
    )  # fmt: skip


def _require_same(header: Header, config: RunConfig) -> None:
    """Raise SetupError with all that is not as it was: what is compared must be alike."""
    profile = profile_of(config)
    contracts = Contracts.load(
        form=profile.target.contract.form,
        errata=profile.target.contract.errata,
        documents=config.documents,
    )
    now = header_of(header.run, profile, config, contracts, partial=True, detected="")
    if differences := setting_differences(header, now):
        listing = "\n".join(f"  - {each}" for each in differences)
        raise SetupError(
            f"the run {header.run} was made with other settings:\n{listing}",
            remedy="restore them, or start a new run with certify",
        )
