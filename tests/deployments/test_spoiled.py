"""A proxy spoils answers: nobody is blamed for it, and what cannot be read is undecided by name."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.core.verdicts import Verdict
from conformance.reference import BadSetting
from conformance.reference.app.spoiling import MODES
from conformance.run.certify import carry_out
from conformance.run.choices import SPOILS
from conformance.run.config import RunConfig
from tests.deployments.conftest import Go, Serve, described

READABLE = [mode for mode, each in MODES.items() if each.readable]
UNREADABLE = [mode for mode, each in MODES.items() if not each.readable]
CHECKS = frozenset(
    {
        "receipt::repeated_report_makes_no_second_receipt",
        "payment::cash_is_taken",
        "identity::wrong_credentials_give_no_token[no grant]",
        "sessions::dead_token_opens_nothing[the query]",
        "owner::update_by_an_outsider_changes_nothing[another SYSTEM user, fresh, success]",
    }
)
CAUSES = {
    "no-utf-8": "is not text in UTF-8",
    "raw-control-characters": "from character 15 on it is no JSON (invalid control character)",
    "not-a-number": "NaN in it is no number of JSON",
    "long-number": "a number in it is too long",
    "deep": "it is nested more than 100 levels deep",
    "gzip-plain": "it is not what Content-Encoding gzip says",
    "gzip-unnamed": "it is compressed, and no Content-Encoding says so",
    "gzip-cut": "it breaks off",
    "brotli": "Content-Encoding br was not requested",
    "cut": "the connection broke",
    "slow-headers": "no answer in time: not complete within 0.5 s",
    "slow-body": "no answer in time: not complete within 0.5 s",
    "always-continue": "no answer in time: not complete within 0.5 s",
    "redirect": "redirects to https://127.0.0.1:1",
}


OF_COLLECTION = frozenset(each for each in CHECKS if each.startswith(("receipt", "payment")))


def few(mode: str, **limits: Any) -> dict[str, Any]:
    """Return limits for a run behind a mode; an answer that never ends is not awaited for long."""
    return limits | ({"timeout_seconds": 0.5, "retries": 0} if MODES[mode].drop else {})


def verdicts(
    base_url: str, folder: Path, mode: str, checks: frozenset[str] = CHECKS
) -> dict[str, tuple[Verdict, str]]:
    """Certify a few requirements; return what each check came to, and why."""
    profile = folder / "target.yaml"
    limits = few(mode, retries=1, settle_seconds=0.2)
    document = described(base_url, limits=limits)
    profile.write_text(yaml.safe_dump(document), encoding="utf-8")
    run, _ = carry_out(RunConfig(target=profile, checks=checks, reports=folder))
    assert run.results is not None
    assert (run.folder / "exchanges.har").stat().st_size
    found = {row.id: (row.verdict, row.reason) for row in run.results.checks}
    assert found.keys() == checks
    return found


def test_every_mode_can_be_chosen_and_has_its_cause() -> None:
    assert list(SPOILS) == list(MODES)
    assert list(CAUSES) == UNREADABLE


def test_a_mode_that_does_not_exist_is_refused(served: Serve) -> None:
    with pytest.raises(
        BadSetting, match="no way 'utf-7' to spoil answers: byte-order-mark, utf-16"
    ):
        served(spoil="utf-7")


@pytest.mark.parametrize("mode", UNREADABLE)
def test_a_deployment_that_cannot_be_read_is_not_examined_further(
    mode: str, served: Serve, visit: Go
) -> None:
    visited = visit(served(spoil=mode).base_url, limits=few(mode, retries=0))
    assert not visited.examination.fit
    assert CAUSES[mode] in visited.text


def test_only_what_was_asked_is_blamed(served: Serve, visit: Go) -> None:
    visited = visit(served(spoil="deep:/user/").base_url, limits={"retries": 0})
    blamed = [each.what for each in visited.examination.faults]
    actors = ("administrator", "cashier", "citizen")
    assert blamed == [f"the {name} obtains no token" for name in actors]
    assert "something between changes the answers" in visited.text


@pytest.mark.parametrize("mode", READABLE)
def test_what_the_standards_allow_changes_no_verdict(
    mode: str, served: Serve, tmp_path: Path
) -> None:
    found = verdicts(served(spoil=mode).base_url, tmp_path, mode)
    assert {verdict for verdict, _ in found.values()} == {Verdict.PASSED}


@pytest.mark.parametrize("mode", UNREADABLE)
def test_what_cannot_be_read_is_undecided_with_its_cause(
    mode: str, served: Serve, tmp_path: Path
) -> None:
    base_url = served(spoil=f"{mode}:/collection-services/").base_url
    found = verdicts(base_url, tmp_path, mode, OF_COLLECTION)
    assert {verdict for verdict, _ in found.values()} <= {Verdict.PASSED, Verdict.INCONCLUSIVE}
    reasons = [reason for verdict, reason in found.values() if verdict is Verdict.INCONCLUSIVE]
    assert any(CAUSES[mode] in reason for reason in reasons)
