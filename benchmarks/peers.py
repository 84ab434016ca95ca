"""The suite beside newman and beside the schemathesis command, on one served reference.

`python -m benchmarks.peers` prints a table. Rounds of both sides follow each other in turns, so a
busy machine slows both; read the ratios. A peer that is not installed is named, with how to get it.
"""

import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.apart import served_apart
from benchmarks.generation import BASE, COMPARED, OPERATION, SERVICE
from benchmarks.table import Row, printed
from conformance.client.client import Client
from conformance.contracts import Contracts
from conformance.core.ledger import Ledger
from conformance.core.redaction import Redactor
from conformance.generation import DEPTHS
from conformance.profile.loading import load
from conformance.run.embedded import default_profile

SUITE: Final = (sys.executable, "-m", "conformance")
CATALOGUE: Final = Path(__file__).parents[1] / "scenarios"
ONE_PAYMENT: Final = CATALOGUE / "transactions" / "online-bill-payment.yaml"
CASES: Final = (
    "import sys; from benchmarks.generation import valid_requests; "
    "print(*valid_requests(sys.argv[1], int(sys.argv[2])))"
)
HOOK: Final = """
import os
import schemathesis

@schemathesis.hook
def before_call(context, case, kwargs):
    if isinstance(case.body, dict) and isinstance(case.body.get("RequestInfo"), dict):
        case.body["RequestInfo"]["authToken"] = os.environ["TOKEN"]
"""  # a token in the body, where DIGIT wants it
QUIET: Final = {"NO_UPDATE_NOTIFIER": "1"}
Seconds = float


@dataclass(frozen=True)
class Taken:
    """What a command took, start-up included: seconds on the clock, and of the processor."""

    wall: Seconds
    processor: Seconds


def rows() -> list[Row]:
    """Return every comparison; about two minutes. Raises RuntimeError if a command fails."""
    with served_apart("--port", 0) as url:
        newman = beside_newman(url)
    with served_apart("--port", 0) as url:  # without what was paid there
        return [*newman, *beside_schemathesis(url)]


def beside_newman(url: str) -> list[Row]:
    """Return `scenarios run` beside newman on the exported collection: one payment, and all."""
    newman = os.environ.get("NEWMAN") or shutil.which("newman")
    if newman is None:
        return [_absent("newman", "npm install -g newman, or name it in NEWMAN")]
    return [
        *_played(newman, url, "one bill payment", ONE_PAYMENT, rounds=7, wanted="<= 0.7"),
        *_played(newman, url, "the catalogue", CATALOGUE, rounds=3, wanted="<= 0.35"),
    ]


def beside_schemathesis(url: str) -> list[Row]:
    """Return the valid requests of one operation per second, beside the schemathesis command."""
    command = shutil.which("schemathesis", path=str(Path(sys.executable).parent))
    if command is None:
        return [_absent("schemathesis", "make dev")]
    ours, theirs, token = [], [], _token(url)
    for seed in range(5):
        ours.append(_cases_of_the_suite(url, seed))
        theirs.append(_cases_of_schemathesis(command, url, seed, token))
    mine, other = statistics.median(ours), statistics.median(theirs)
    return [
        Row(
            f"cases per second, {OPERATION}", f"{mine:.0f}/s", f"schemathesis {other:.0f}/s",
            mine / other, ">= 4",
            f"all boundaries and {DEPTHS[COMPARED].fuzzed} by chance; without start-up; "
            f"median of {len(ours)} rounds",
        )
    ]  # fmt: skip


def taken(command: Sequence[str], more: Mapping[str, str] | None = None) -> Taken:
    """Run a command to its end, with `more` environment. RuntimeError if it does not end with 0."""
    before, started = _processor(), time.perf_counter()
    _output_of(command, more)
    return Taken(time.perf_counter() - started, _processor() - before)


def in_turns(rounds: int, *sides: Callable[[], Taken]) -> list[Taken]:
    """Measure each side once per round; return the medians of each side."""
    found = [[side() for side in sides] for _ in range(rounds)]
    return [
        Taken(
            statistics.median(each.wall for each in side),
            statistics.median(each.processor for each in side),
        )
        for side in zip(*found, strict=True)
    ]


def _played(
    newman: str, url: str, what: str, scenarios: Path, *, rounds: int, wanted: str
) -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        report = folder / "newman.json"
        _output_of(
            [*SUITE, "scenarios", "export", str(scenarios), "--postman", name, "--with-secrets"]
        )
        ours = [*SUITE, "scenarios", "run", str(scenarios), "--base-url", url, "--reports", name]
        theirs = [
            newman, "run", str(folder / "bbps.postman_collection.json"),
            "-e", str(folder / "reference.postman_environment.json"),
            "--env-var", f"base_url={url}",
            "--reporters", "json", "--reporter-json-export", str(report),
        ]  # fmt: skip
        mine, other = in_turns(rounds, lambda: taken(ours), lambda: taken(theirs, QUIET))
        sent = json.loads(report.read_text("utf-8"))["run"]["stats"]["requests"]["total"]
    method = f"same scenarios, {sent} requests of newman; median of {rounds} rounds"
    return [
        Row(
            f"{what}: time", f"{mine.wall:.2f} s", f"newman {other.wall:.2f} s",
            mine.wall / other.wall, wanted, f"whole commands; {method}",
        ),
        Row(
            f"{what}: processor time per request", f"{mine.processor / sent * 1000:.1f} ms",
            f"newman {other.processor / sent * 1000:.1f} ms", mine.processor / other.processor,
            "<= 0.5", f"reports and set-up of ours included; {method}",
        ),
    ]  # fmt: skip


def _cases_of_the_suite(url: str, seed: int) -> float:
    sent, seconds = _output_of([sys.executable, "-c", CASES, url, str(seed)]).split()
    return int(sent) / float(seconds)


def _token(url: str) -> str:
    target = load(default_profile(), {}).target.model_copy(update={"base_url": url})
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger", target.limits.rupees_per_run)
        client = Client(target, Contracts.load(), Redactor(), lambda _: None, ledger=ledger)
        token = client.token("cashier")
        client.close()
        return token


def _cases_of_schemathesis(schemathesis: str, url: str, seed: int, token: str) -> float:
    """Return cases per second of the phases, as the command itself says."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "token_hook.py").write_text(HOOK, encoding="utf-8")
        document = Path(folder) / "contract.json"
        document.write_text(json.dumps(Contracts.load().bundled(SERVICE)), encoding="utf-8")
        told = {"SCHEMATHESIS_HOOKS": "token_hook", "PYTHONPATH": folder, "TOKEN": token}
        command = [
            schemathesis, "run", str(document),
            "--url", url + BASE, "--include-operation-id", OPERATION, "--continue-on-failure",
            "--phases", "coverage,fuzzing", "-m", "positive", "-n", str(DEPTHS[COMPARED].fuzzed),
            "--seed", str(seed), "--generation-database", "none",
        ]  # fmt: skip
        printed_ = _output_of(command, told, fine=(0, 1))  # 1: it found something
    cases = re.search(r"(\d+) generated", printed_)
    seconds = re.findall(r"(?:Coverage|Fuzzing) \(in ([\d.]+)s\)", printed_)
    if cases is None or len(seconds) != 2:
        raise RuntimeError(f"schemathesis printed no cases, or no times:\n{printed_}")
    return int(cases[1]) / sum(map(float, seconds))


def _output_of(
    command: Sequence[str], more: Mapping[str, str] | None = None, *, fine: Sequence[int] = (0,)
) -> str:
    compiled = {"PYTHONDONTWRITEBYTECODE": ""}  # as an installed command is
    environment = {**os.environ, **compiled, **(more or {})}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode not in fine:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout


def _processor() -> Seconds:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _absent(peer: str, remedy: str) -> Row:
    return Row(f"beside {peer}", "-", f"{peer} is not installed", None, "-", f"to get it: {remedy}")


def main() -> None:
    """Print the table."""
    print(printed(rows()))


if __name__ == "__main__":
    main()
