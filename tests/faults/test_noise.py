"""A bad line blames nobody: one exchange in ten is lost or mangled, also where money moves.

What remains undecided must show in the verdict and the exit code; a fault must show all the same.
"""

import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from conformance.cli.main import main
from conformance.core.errors import ExitCode
from conformance.core.exchange import Exchange
from conformance.core.requirements import Register
from conformance.core.verdicts import Level, Verdict
from conformance.results.model import Results
from conformance.run.certify import carry_out
from conformance.run.config import ReferenceOptions, RunConfig
from conformance.run.embedded import default_profile
from tests.faults.matrix import WORKERS

pytestmark = pytest.mark.whole
SEEDS = (1, 2, 3)
PARALLEL = 4  # the seed of parallel runs, where chance decides whom the noise hits
PERCENT = 10
FAULT, SEES_IT = "owner-check-off", "TXN-08"
LOSING_PATIENCE = 0.5  # seconds until a lost answer is given up
MONEY_WAY = (
    "BIL-05", "TXN-01", "TXN-04", "TXN-05", "TXN-06", "TXN-08", "TXN-09", "TXN-10", "TXN-11",
    "TXN-12", "RCP-01", "RCP-05", "RCP-07", "PAY-01", "PAY-09",
)  # fmt: skip
LOOKED_AT = (*MONEY_WAY, "USR-04", "USR-09", "MDM-04", "BIL-03", "CON-01", "CON-03", "CON-04")
NEVER_LEFT = ("no connection", "nothing was sent")  # such a request may be sent again
MONEY = ("transaction.create", "transaction.update", "payment.create")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a run on a bad line came to."""

    results: Results
    lost: int  # calls that move money and got no answer
    repeated: tuple[str, ...]  # such calls that were sent again although they may have arrived

    def ids(self, *verdicts: Verdict) -> set[str]:
        """Return the requirements with one of the verdicts."""
        return {row.id for row in self.results.requirements if row.verdict in verdicts}


def limits() -> dict[str, Any]:
    """Return the limits of the shipped profile, with little patience for lost answers."""
    profile = yaml.safe_load(default_profile().read_text(encoding="utf-8"))
    return {**profile["limits"], "timeout_seconds": LOSING_PATIENCE}


def certified(seed: int, only: tuple[str, ...], *faults: str, jobs: int = 1) -> Seen:
    """Certify the reference on a bad line."""
    with tempfile.TemporaryDirectory() as folder:
        config = RunConfig(
            settings={"limits": limits()},
            only=only,
            reference=ReferenceOptions(faults=faults, noise=PERCENT),
            seed=seed,
            depth="quick",
            reports=Path(folder),
            written=False,
            jobs=jobs,
        )
        run, _ = carry_out(config)
        money = [each for each in run.exchanges if each.operation in MONEY]
    assert run.results is not None
    return Seen(
        results=run.results,
        lost=sum(unanswered(each) for each in money),
        repeated=tuple(repeated(money)),
    )


def unanswered(exchange: Exchange) -> bool:
    """Whether nobody can know if the request was served."""
    lost = bool(exchange.failure) and not exchange.failure.startswith(NEVER_LEFT)
    return exchange.status != 429 and (lost or exchange.status == 502)


def repeated(exchanges: Sequence[Exchange]) -> Iterator[str]:
    """Yield the requests that were sent again after they may have been served."""
    for place, each in enumerate(exchanges):
        before = [
            other
            for other in exchanges[:place]
            if (other.check, other.request_body) == (each.check, each.request_body)
            and other.attempts == each.attempts - 1
        ]
        if before and unanswered(before[-1]):
            yield f"{each.operation} ({each.id}) after {before[-1].failure or before[-1].status}"


@pytest.fixture(scope="module")
def runs() -> Iterator[dict[tuple[int, str], Future[Seen]]]:
    with ProcessPoolExecutor(WORKERS, get_context("spawn")) as pool:
        yield {
            **{(seed, ""): pool.submit(certified, seed, LOOKED_AT) for seed in SEEDS},
            **{(seed, FAULT): pool.submit(certified, seed, MONEY_WAY, FAULT) for seed in SEEDS[:2]},
            (PARALLEL, ""): pool.submit(certified, PARALLEL, LOOKED_AT, jobs=8),
            (PARALLEL, FAULT): pool.submit(certified, PARALLEL, MONEY_WAY, FAULT, jobs=8),
        }


@pytest.mark.parametrize("seed", [*SEEDS, PARALLEL])
def test_noise_blames_nobody(runs: dict[tuple[int, str], Future[Seen]], seed: int) -> None:
    sight = runs[seed, ""].result()
    unexpected = [
        f"{row.id}: {row.observed or row.reason}"
        for row in sight.results.checks
        if row.verdict in {Verdict.FAILED, Verdict.ERROR}
    ]
    assert unexpected == []
    assert sight.lost, "the noise never hit a call that moves money"
    assert sight.repeated == ()


@pytest.mark.parametrize("seed", [*SEEDS, PARALLEL])
def test_what_noise_left_open_shows(runs: dict[tuple[int, str], Future[Seen]], seed: int) -> None:
    sight = runs[seed, ""].result()
    levels = {row.id: row.level for row in Register.load()}
    undecided = sight.ids(Verdict.INCONCLUSIVE)
    binding = any(levels[id_] is Level.MUST for id_ in undecided)
    results = sight.results
    assert results.verdict == ("INCONCLUSIVE" if binding else "CONFORMANT")
    assert results.planned == results.executed == len(results.checks)
    assert all(row.reason for row in results.checks if row.verdict == Verdict.INCONCLUSIVE)


@pytest.mark.parametrize("seed", [*SEEDS[:2], PARALLEL])
def test_fault_shows_through_noise(runs: dict[tuple[int, str], Future[Seen]], seed: int) -> None:
    sight = runs[seed, FAULT].result()
    assert sight.ids(Verdict.FAILED) == {SEES_IT}
    assert not sight.ids(Verdict.ERROR)
    assert sight.results.verdict == "NON-CONFORMANT"


def test_command_on_a_bad_line_ends_with_a_documented_code(tmp_path: Path) -> None:
    profile = yaml.safe_load(default_profile().read_text(encoding="utf-8"))
    target = tmp_path / "target.yaml"
    target.write_text(yaml.safe_dump({**profile, "limits": limits(), "mdms": {}}), encoding="utf-8")
    chosen = [word for id_ in ("TXN-05", "TXN-08", "PAY-01") for word in ("--only", id_)]
    done = CliRunner().invoke(
        main,
        ["certify", "-t", str(target), "--noise", "30", "--seed", "2", "--depth", "quick",
         "--reports", str(tmp_path / "reports"), *chosen],
    )  # fmt: skip
    assert done.exception is None or isinstance(done.exception, SystemExit)
    assert "Traceback" not in done.output
    assert done.exit_code == ExitCode.POLICY
    assert "INCONCLUSIVE" in done.output


def test_more_than_all_cannot_be_lost() -> None:
    done = CliRunner().invoke(main, ["certify", "--noise", "101"])
    assert done.exit_code == ExitCode.SETUP
    assert "101" in done.output
