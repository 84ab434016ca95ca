"""A deployment with one business service, which allows parts or takes two modes, is certified."""

import json
from pathlib import Path
from typing import Any

import yaml

from conformance.reference.mdms.masters import shipped
from conformance.run.certify import carry_out
from conformance.run.config import RunConfig
from tests.deployments.conftest import Go, Serve, described, only

FIVE = ["CASH", "CHEQUE", "DD", "ONLINE", "CARD"]
PAID_ONCE = ("BIL-05", "PAY-09", "RCP-06")
CHECKED = ("PAY-03", "PAY-04", "PAY-06", "PAY-07", "PAY-08", "RCP-06", "TXN-03")


def verdicts(
    folder: Path, base_url: str, checked: tuple[str, ...] = CHECKED, **changes: Any
) -> dict[str, str]:
    """Return the verdicts on what depends on the business service."""
    document = described(base_url, clock_url="/reference/clock", **changes)
    profile = folder / "target.yaml"
    profile.write_text(yaml.safe_dump(document), encoding="utf-8")
    run, _ = carry_out(
        RunConfig(target=profile, only=checked, depth="quick", reports=folder, written=False)
    )
    assert run.results is not None
    found = {row.id: str(row.verdict) for row in run.results.requirements}
    return {id_: found[id_] for id_ in checked}


def as_in_punjab(folder: Path) -> Path:
    """Write the shipped masters, where PT allows parts and nobody takes a demand draft."""
    return written(folder, collectionModesNotAllowed=["DD"], partPaymentAllowed=True)


def written(folder: Path, **terms: Any) -> Path:
    """Write the shipped masters with other terms of each business service."""
    folder.mkdir()
    for module, masters in shipped().modules("pb").items():
        for name, rows in masters.items():
            changed = [{**row, **terms} if name == "BusinessService" else row for row in rows]
            content = {"tenantId": "pb", "moduleName": module, name: changed}
            (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


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


def test_demand_drafts_that_nobody_takes_do_not_apply(
    served: Serve, visit: Go, tmp_path: Path
) -> None:
    base_url = served(mdms_data=as_in_punjab(tmp_path / "mdms")).base_url
    bills = only("PT") | {"tax_period": "financial-year"}
    fault = visit(base_url, bills=bills, mdms={"repository": ""}, payment_modes=FIVE).only
    assert fault.what == "no certified business service takes DD"
    assert "leave DD out of payment_modes. PAY-03 is then not applicable" in fault.remedy
    left = [mode for mode in FIVE if mode != "DD"]
    found = verdicts(tmp_path, base_url, bills=bills, payment_modes=left)
    assert found == dict.fromkeys(CHECKED, "passed") | {"PAY-03": "not-applicable"}


def test_cash_that_nobody_takes_leaves_no_race_open(served: Serve, tmp_path: Path) -> None:
    folder = written(tmp_path / "mdms", collectionModesNotAllowed=["CASH"])
    left = [mode for mode in FIVE if mode != "CASH"]
    found = verdicts(
        tmp_path,
        served(mdms_data=folder).base_url,
        ("PAY-01", *PAID_ONCE),
        bills=only("PT") | {"tax_period": "financial-year"},
        payment_modes=left,
    )
    assert found == {"PAY-01": "not-applicable"} | dict.fromkeys(PAID_ONCE, "passed")
