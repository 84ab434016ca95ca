"""Each example of a profile, as shipped, is fit on a rehearsal once its user names are written."""

from pathlib import Path

import pytest
import yaml

from conformance.contracts import Contracts
from conformance.profile.target import Target
from conformance.run.embedded import default_profile
from tests.deployments.conftest import Serve, Visit

TARGETS = default_profile().parent
PASSWORDS = {
    "ADMINISTRATOR": "Admin@2024", "CASHIER": "Cashier@2024", "CITIZEN": "123456",
    "INTEGRATOR": "Bbps@2024", "RIVAL": "Bbps@2024",
}  # fmt: skip
OURS = {"ADMIN": "administrator", "CASHIER": "cashier", "9999999999": "9876543210"}


@pytest.mark.parametrize("example", ["test-system", "bill-pool", "production"])
def test_example_is_fit_on_a_rehearsal(
    served: Serve, contracts: Contracts, tmp_path: Path, example: str
) -> None:
    document = yaml.safe_load((TARGETS / f"{example}.yaml").read_text(encoding="utf-8"))
    for name, actor in document["actors"].items():
        if "username" in actor:
            actor |= {"username": OURS.get(actor["username"], actor["username"])}
            actor |= {"password": PASSWORDS[name.upper()]}
    if "pool" in document["bills"]:
        pool = tmp_path / document["bills"]["pool"]
        pool.write_bytes((TARGETS / pool.name).read_bytes())
        document["bills"]["pool"] = str(pool)
    rehearsal = served(seed_data=TARGETS.parent / "rehearsal.yaml").base_url
    target = Target.model_validate(document | {"base_url": rehearsal})
    seen = Visit(target, contracts, tmp_path / "ledger.jsonl")
    seen.bbps.outcome_channel.close()
    seen.client.close()
    assert seen.faults == [], seen.text
