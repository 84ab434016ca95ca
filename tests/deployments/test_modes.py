"""What a run may do, by mode, read in the deployment's own books; and production by name only."""

import json
import sqlite3
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from conformance.cli.main import main
from conformance.core.errors import SetupError
from conformance.core.ledger import read
from conformance.core.verdicts import Verdict
from conformance.profile.loading import load, permit
from conformance.run.certify import carry_out
from conformance.run.config import RunConfig
from conformance.run.session import Run
from tests.deployments.conftest import Serve, counted, described
from tests.faults.collected import SETTLE_SECONDS

Certify = Callable[..., Run]
# Requirements whose checks create and pay whatever they may.
BUSY = (
    "USR-01", "USR-02", "TXN-04", "TXN-05", "TXN-06", "TXN-08", "RCP-01", "PAY-01", "PAY-07",
    "PAY-08", "CON-05",
)  # fmt: skip
CAP = Decimal(450)
HASTY = {"settle_seconds": SETTLE_SECONDS}


@pytest.fixture
def certify(tmp_path: Path) -> Certify:
    """Certify a deployment in a mode, by the profile of the reference."""

    def go(base_url: str, mode: str, only: Sequence[str] = (), **changes: Any) -> Run:
        profile = tmp_path / "target.yaml"
        limits = HASTY | changes.pop("limits", {})
        document = described(base_url, mode=mode, limits=limits, **changes)
        profile.write_text(yaml.safe_dump(document), encoding="utf-8")
        config = RunConfig(
            target=profile, reports=tmp_path, only=tuple(only), depth="quick", written=False
        )
        run, _ = carry_out(config)
        assert run.results is not None
        errors = [each for each in run.results.checks if each.verdict == Verdict.ERROR]
        assert errors == []
        return run

    return go


def rows(db: Path, statement: str) -> list[Any]:
    with sqlite3.connect(db) as books:
        return [row[0] for row in books.execute(statement)]


def collected(db: Path) -> Decimal:
    """Rupees that the demands of a deployment say were collected."""
    documents = [json.loads(text) for text in rows(db, "select document from demands")]
    parts = [part for document in documents for part in document["demandDetails"]]
    return sum((Decimal(str(part["collectionAmount"])) for part in parts), Decimal(0))


def paid(db: Path) -> Decimal:
    """Rupees of the payments that a deployment holds."""
    documents = [json.loads(text) for text in rows(db, "select document from payments")]
    return sum((Decimal(str(each["totalAmountPaid"])) for each in documents), Decimal(0))


def test_full_pays_up_to_the_cap(served: Serve, certify: Certify, tmp_path: Path) -> None:
    db = tmp_path / "deployment.db"
    limits = {"rupees_per_run": str(CAP)}
    run = certify(served(db=db).base_url, "full", BUSY, limits=limits)
    assert 0 < paid(db) <= CAP
    assert collected(db) == paid(db)
    assert sum(entry.rupees for entry in read(run.folder / "ledger.jsonl")) <= CAP
    assert run.results is not None
    capped = [each for each in run.results.checks if "the cap of 450 rupees" in each.reason]
    assert capped
    assert {each.verdict for each in capped} == {Verdict.INCONCLUSIVE}
    assert all("limits.rupees_per_run" in each.reason for each in capped)


@pytest.mark.parametrize("mode", ["inspect", "sandbox"])
def test_strict_deployment_sees_no_money_either(
    served: Serve, certify: Certify, tmp_path: Path, mode: str
) -> None:
    db = tmp_path / "deployment.db"
    deployment = served(db=db)
    before = counted(db)
    certify(deployment.base_url, mode, BUSY)
    assert (counted(db)["payments"], collected(db)) == (0, 0)
    assert (counted(db) == before) == (mode == "inspect")


def production(folder: Path, base_url: str = "http://127.0.0.1:9") -> Path:
    profile = folder / "production.yaml"
    document = described(base_url, name="my city", production=True, mode="inspect")
    profile.write_text(yaml.safe_dump(document), encoding="utf-8")
    return profile


@pytest.mark.parametrize("mode", ["sandbox", "full"])
@pytest.mark.parametrize("name", ["", "my-city"], ids=["no name", "another name"])
@pytest.mark.parametrize("command", ["certify", "doctor"])
def test_production_is_not_changed_by_mistake(
    tmp_path: Path, command: str, mode: str, name: str
) -> None:
    confirmed = ["--i-know-this-is", name] if name else []
    done = CliRunner().invoke(
        main, [command, "-t", str(production(tmp_path)), "--mode", mode, *confirmed]
    )
    assert done.exit_code == 2
    assert "my city is a production deployment" in done.output
    assert "--i-know-this-is 'my city'" in done.output


def test_clean_changes_production_by_name_only(tmp_path: Path) -> None:
    (tmp_path / "runs" / "1").mkdir(parents=True)
    reports = ["--reports", str(tmp_path), "-t", str(production(tmp_path)), "--mode", "sandbox"]
    done = CliRunner().invoke(main, ["clean", "1", *reports])
    assert (done.exit_code, "--i-know-this-is" in done.output) == (2, True)


def test_production_is_changed_by_who_names_it(tmp_path: Path) -> None:
    target = load(production(tmp_path), {"mode": "full"}).target
    permit(target, "my city")
    permit(load(production(tmp_path)).target, "")
    with pytest.raises(SetupError, match="and moves money"):
        permit(target, "My City")
    done = CliRunner().invoke(
        main,
        ["certify", "-t", str(production(tmp_path)), "--mode", "full",
         "--i-know-this-is", "my city", "--reports", str(tmp_path)],
    )  # fmt: skip
    assert done.exit_code == 2  # nothing listens there; the name was accepted
    assert "production" not in done.output
