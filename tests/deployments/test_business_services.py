"""A deployment with one business service, which allows parts or takes two modes, is certified."""

from pathlib import Path
from typing import Any

import yaml

from conformance.run.certify import carry_out
from conformance.run.config import RunConfig
from tests.deployments.conftest import Serve, described

CHECKED = ("PAY-03", "PAY-04", "PAY-06", "PAY-07", "PAY-08", "RCP-06", "TXN-03")


def verdicts(folder: Path, base_url: str, **changes: Any) -> dict[str, str]:
    """Return the verdicts on what depends on the business service."""
    document = described(base_url, clock_url="/reference/clock", **changes)
    profile = folder / "target.yaml"
    profile.write_text(yaml.safe_dump(document), encoding="utf-8")
    run, _ = carry_out(
        RunConfig(target=profile, only=CHECKED, depth="quick", reports=folder, written=False)
    )
    assert run.results is not None
    found = {row.id: str(row.verdict) for row in run.results.requirements}
    return {id_: found[id_] for id_ in CHECKED}


def only(service: str) -> dict[str, Any]:
    """Return bills of one business service alone."""
    alone = {"business_service": service, "tax_head": f"{service}_TAX"}
    return alone | {"partial": None, "restricted": None}


def test_a_service_that_allows_parts_is_blamed_for_no_part(served: Serve, tmp_path: Path) -> None:
    found = verdicts(tmp_path, served().base_url, bills=only("SMP"))
    assert found == dict.fromkeys(CHECKED, "passed")


def test_a_mode_that_is_closed_by_the_masters_does_not_apply(served: Serve, tmp_path: Path) -> None:
    base_url = served().base_url  # a service without ONLINE takes no transaction
    closed = ("PAY-03", "PAY-04")
    left_out = verdicts(tmp_path, base_url, bills=only("CTR"), payment_modes=["CASH", "CHEQUE"])
    del left_out["TXN-03"], left_out["RCP-06"]
    assert left_out == dict.fromkeys(CHECKED[:-2], "passed") | dict.fromkeys(
        closed, "not-applicable"
    )
    declared = verdicts(
        tmp_path,
        base_url,
        bills=only("CTR"),
        payment_modes=["CASH", "CHEQUE", "ONLINE"],
        not_applicable={"PAY-04": "nobody pays online"},
    )
    assert {id_: declared[id_] for id_ in left_out} == left_out
