"""What the embedded reference alone can do is refused for a deployment of your own."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli.main import main
from conformance.generation import DEPTHS as PLANNED
from conformance.reference import LINEAGES as KNOWN
from conformance.run import estimate as estimate
from conformance.run.choices import DEPTHS, LINEAGES

PROFILE = """\
name: mine
base_url: http://127.0.0.1:9
tenant: pb.a
state_tenant: pb
"""


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--fault owner-check-off", "--fault is for the embedded reference"),
        ("--lineage mseva", "--lineage is for the embedded reference"),
        ("--latency 5", "--latency is for the embedded reference"),
        ("--lag 5 --noise 5", "--lag, --noise are for the embedded reference"),
    ],
)
def test_nothing_runs_with_options_of_the_reference(
    tmp_path: Path, words: str, message: str
) -> None:
    profile = tmp_path / "mine.yaml"
    profile.write_text(PROFILE, encoding="utf-8")
    reports = tmp_path / "reports"
    done = CliRunner().invoke(
        main, ["certify", "-t", str(profile), "--reports", str(reports), *words.split()]
    )
    assert done.exit_code == 2
    assert message in done.output
    assert "a deployment at http://127.0.0.1:9; leave " in done.output
    assert not reports.exists()


def test_every_lineage_can_be_chosen() -> None:
    assert list(LINEAGES) == list(KNOWN)


def test_every_depth_can_be_chosen_and_is_estimated() -> None:
    assert list(DEPTHS) == list(estimate.DEPTHS) == list(PLANNED)
