"""What is run again, and with which settings: those of the earlier run, or not at all."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from conformance.cli.main import main
from conformance.contracts import Contracts
from conformance.core.errors import SetupError
from conformance.core.verdicts import Verdict
from conformance.profile.loading import Profile
from conformance.results.exchange_store import ExchangeStore
from conformance.results.model import Header
from conformance.run.config import ReferenceOptions, RunConfig
from conformance.run.embedded import default_profile
from conformance.run.header import header_of
from conformance.run.opening import profile_of
from conformance.run.rerunning import config_again, to_run_again
from tests.unit.conftest import Runner, exchange_of, finding_of

CHECKS = frozenset({"update::rival"})
GIVEN: dict[str, Any] = {
    "target": None, "documents": {}, "scenarios": (), "known_as": "", "jobs": 1,
    "reports": Path("reports"), "clean": False,
}  # fmt: skip
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a profile of a deployment; `changes` replace its settings."""
    settings = yaml.safe_load(default_profile().read_text("utf-8"))
    del settings["mdms"]

    def written(name: str = "city.yaml", **changes: Any) -> Path:
        path = tmp_path / name
        path.write_text(yaml.safe_dump(settings | changes), "utf-8")
        return path

    return written


def header_for(config: RunConfig) -> Header:
    """Return the header of a run that was made so."""
    profile: Profile = profile_of(config)
    return header_of("before", profile, config, Contracts.load(), partial=False, detected="")


def test_a_run_again_is_made_as_the_run_was(write: Write) -> None:
    path = write(base_url="http://127.0.0.1:9")
    was = RunConfig(target=path, settings={"mode": "sandbox"}, seed=7, depth="quick")
    config = config_again(header_for(was), CHECKS, **GIVEN)
    assert (config.target, config.seed, config.depth) == (path, 7, "quick")
    assert config.settings == {"mode": "sandbox"}
    assert config.checks == CHECKS
    assert profile_of(config).target == profile_of(was).target


def test_the_embedded_reference_behaves_as_it_did() -> None:
    reference = ReferenceOptions(lineage="mseva", faults=("owner-check-off",), lag_ms=5, noise=1.5)
    config = config_again(header_for(RunConfig(reference=reference)), CHECKS, **GIVEN)
    assert config.target is None
    assert config.reference == reference


def test_a_changed_profile_is_refused_with_each_difference(write: Write) -> None:
    path = write(base_url="http://127.0.0.1:9")
    header = header_for(RunConfig(target=path))
    write(base_url="http://127.0.0.1:8", role="OTHER")
    with pytest.raises(SetupError, match="was made with other settings") as caught:
        config_again(header, CHECKS, **GIVEN)
    assert "base_url: it was http://127.0.0.1:9, now it is http://127.0.0.1:8" in str(caught.value)
    assert "role: it was BBPS_USER, now it is OTHER" in str(caught.value)


def test_a_profile_that_is_gone_is_named_and_may_stand_elsewhere(write: Write) -> None:
    path = write(base_url="http://127.0.0.1:9")
    header = header_for(RunConfig(target=path))
    path.unlink()
    with pytest.raises(SetupError, match=r"is gone: there is no file .*city\.yaml"):
        config_again(header, CHECKS, **GIVEN)
    moved = write("moved.yaml", base_url="http://127.0.0.1:9")
    assert config_again(header, CHECKS, **{**GIVEN, "target": moved}).target == moved


def test_a_run_that_names_no_profile_wants_it_given(write: Write) -> None:
    header = header_for(RunConfig(target=write(base_url="http://127.0.0.1:9")))
    older = {name: each for name, each in header.profile.items() if name != "file"}
    with pytest.raises(SetupError, match="with --target"):
        config_again(replace(header, profile=older), CHECKS, **GIVEN)


def test_other_contracts_are_refused(write: Write) -> None:
    header = header_for(RunConfig(target=write(base_url="http://127.0.0.1:9")))
    other = replace(header, contract={**header.contract, "form": "published"})
    with pytest.raises(SetupError, match="give the same files with --contract"):
        config_again(other, CHECKS, **GIVEN)


def test_what_went_wrong_is_run_again_with_what_it_judged(a_run: Runner) -> None:
    _, results, _ = a_run(
        [
            finding_of("TXN-08", Verdict.FAILED, check="update::rival"),
            finding_of("USR-06", Verdict.INCONCLUSIVE, check="addresses::login"),
            finding_of("PAY-12", Verdict.ERROR, check="payment::workflow"),
            finding_of("USR-01", check="user::created"),
            finding_of("TXN-01", check="transaction::created"),
            finding_of("RCP-07", Verdict.FAILED, check="audit::rule", exchanges=("x1", "x2", "x3")),
        ]
    )
    exchanges = ExchangeStore()
    for id_, check in (("x1", "transaction::created"), ("x2", "set-up"), ("x3", "update::rival")):
        exchanges.add(exchange_of(id_, check))
    again = to_run_again(results, exchanges)
    assert again.wrong == ("update::rival", "addresses::login", "payment::workflow", "audit::rule")
    assert again.prerequisites == ("transaction::created",)
    assert again.checks == {*again.wrong, "transaction::created"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("good", "--failed"), "no check of the run good failed or stayed undecided"),
        (("good",), "say --failed"),
        (("absent", "--failed"), "there is no run 'absent'"),
        (("empty", "--failed"), "holds no run"),
    ],
)
def test_what_cannot_be_run_again_ends_with_2(
    a_run: Runner,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    says: str,
) -> None:
    folder, _, _ = a_run([finding_of("USR-01")], run="good")
    folder.rename(folder.parent / "good")
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["rerun", *arguments])
    assert done.exit_code == 2, done.output
    assert says in " ".join(done.output.split())
