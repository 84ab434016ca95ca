"""What a run leaves undecided the doctor has predicted, whatever a deployment or profile lacks."""

import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.core.verdicts import Verdict
from conformance.reference import Settings, serve
from conformance.run.certify import carry_out
from conformance.run.config import RunConfig
from tests.deployments.conftest import described, only
from tests.faults.collected import limits
from tests.faults.matrix import WORKERS

pytestmark = pytest.mark.whole
VALIDATE = "/collection-services/payments/_validate"
PAY = "/collection-services/payments/_create"


@dataclass(frozen=True)
class Lacking:
    """A deployment (settings of the reference) and a profile that lack something."""

    deployment: dict[str, Any] = field(default_factory=dict)
    profile: dict[str, Any] = field(default_factory=dict)
    clock: bool = True


LACKING = {
    "a profile that names no more than it must": Lacking(
        deployment={"no_service": ("egov-hrms", "property-services")},
        profile={"network": {"second_egress": None}, "other_tenant": "", "mdms": {"repository": ""},
                 "outcome": {"inactive_gateway": None}},
        clock=False,
    ),
    "no right to validate": Lacking(deployment={"no_action": (VALIDATE,)}),
    "no right to pay": Lacking(
        deployment={"no_action": (PAY,)}, profile={"mdms": {"repository": ""}}
    ),
    "no cashier": Lacking(profile={"actors": {"cashier": None}}),
    "no citizen": Lacking(profile={"actors": {"citizen": None}}),
    "no second SYSTEM user": Lacking(profile={"actors": {"rival": None}}),
    "MDMS closed": Lacking(deployment={"mdms_open": False}, profile={"mdms": {"repository": ""}}),
    "a main service that closes DD and ONLINE": Lacking(profile={"bills": only("CTR")}),
    "one service, which allows parts": Lacking(profile={"bills": only("SMP")}),
    "gateway not active": Lacking(deployment={"gateways": ("AXIS",)}),
    "no collection-services": Lacking(deployment={"no_service": ("collection-services",)}),
    "no outcome": Lacking(profile={"outcome": {"style": "none"}}),
    "sandbox": Lacking(profile={"mode": "sandbox"}),
    "inspect": Lacking(profile={"mode": "inspect"}),
    "digit-2.8 without a clock": Lacking(deployment={"lineage": "digit-2.8"}, clock=False),
    "mseva": Lacking(deployment={"lineage": "mseva"}),
    "digit-lts": Lacking(deployment={"lineage": "digit-lts"}),
}  # fmt: skip


@dataclass(frozen=True)
class Outlook:
    """What the doctor predicted, and what came: ids of requirements."""

    predicted: dict[str, tuple[str, ...]]  # reason -> requirements
    undecided: dict[str, tuple[str, ...]]  # requirement -> reasons
    failed: tuple[str, ...]


def certified(lacking: Lacking) -> Outlook:
    """Certify a deployment that lacks something."""
    with serve(Settings(**lacking.deployment)) as deployment, tempfile.TemporaryDirectory() as tmp:
        profile = Path(tmp) / "target.yaml"
        clock = "/reference/clock" if lacking.clock else ""
        changes = {"clock_url": clock, "limits": limits(), **lacking.profile}
        document = described(deployment.base_url, **changes)
        profile.write_text(yaml.safe_dump(document), encoding="utf-8")
        config = RunConfig(target=profile, depth="quick", reports=Path(tmp), written=False)
        run, _ = carry_out(config)
        assert run.results is not None
        return Outlook(
            predicted={each.reason: each.requirements for each in run.examination.predictions
                       if each.exists},
            undecided={
                row.id: tuple(
                    check.reason
                    for check in run.results.checks
                    if row.id in check.requirements and check.verdict == Verdict.INCONCLUSIVE
                )
                for row in run.results.requirements
                if row.verdict == Verdict.INCONCLUSIVE
            },
            failed=tuple(
                row.id for row in run.results.requirements
                if row.verdict in {Verdict.FAILED, Verdict.ERROR}
            ),
        )  # fmt: skip


@pytest.fixture(scope="module")
def outlooks() -> Iterator[dict[str, Future[Outlook]]]:
    # Spawned: a forked process would clean up after other tests while it certifies.
    with ProcessPoolExecutor(WORKERS, get_context("spawn")) as pool:
        yield {name: pool.submit(certified, lacking) for name, lacking in LACKING.items()}


@pytest.mark.parametrize("name", LACKING)
def test_what_stays_undecided_was_predicted(
    outlooks: dict[str, Future[Outlook]], name: str
) -> None:
    outlook = outlooks[name].result()
    predicted = {id_ for ids in outlook.predicted.values() for id_ in ids}
    unforeseen = {
        id_: reasons for id_, reasons in outlook.undecided.items() if id_ not in predicted
    }
    assert unforeseen == {}
    wrongly = predicted - set(outlook.undecided) - set(outlook.failed)
    assert wrongly == set()
