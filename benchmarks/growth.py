"""Growth: what ten and a hundred times the size costs, of exchanges, contracts and cities.

`python -m benchmarks.growth` prints these rows of the table of `make bench` alone. A ratio is the
time per thing at the greatest size, divided by that at the smallest: 1 is linear.
"""

import copy
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from benchmarks.memory import RESIDENT, figures_of
from benchmarks.table import Row, printed
from conformance.contracts import Contracts
from conformance.core import resources
from conformance.run.certify import carry_out
from conformance.run.config import RunConfig

EXCHANGES: Final = (1_000, 10_000)
COPIES: Final = (1, 10, 100)
CITIES: Final = (10, 100, 1_000)
SERVICE: Final = "collection-services"
LINEAR: Final = "1, linear"


def rows() -> Iterator[Row]:
    """Measure each kind of growth."""
    yield from exchanges()
    yield depths()
    yield contract()
    yield cities()


def exchanges() -> list[Row]:
    """Return what a run of many exchanges takes beside one of few."""
    few, many = EXCHANGES
    found = {size: figures_of(size) for size in EXCHANGES}
    method = f"{many} exchanges beside {few}, by an echo; of benchmarks.memory"
    per_exchange = ("driven, s", "reports at the end of the run, s", "search for secrets, s")
    return [
        *(
            Row(
                subject=f"{label.removesuffix(', s')}, per exchange",
                ours=f"{found[many][label] / many * 1000:.2f} ms",
                peer=f"{found[few][label] / few * 1000:.2f} ms",
                ratio=found[many][label] / many / (found[few][label] / few),
                wanted=LINEAR,
                method=method,
            )
            for label in per_exchange
        ),
        Row(
            subject="memory of the process",
            ours=f"{found[many][RESIDENT]:.0f} MB",
            peer=f"{found[few][RESIDENT]:.0f} MB",
            ratio=found[many][RESIDENT] / found[few][RESIDENT],
            wanted="1.2, does not grow",
            method=method,
        ),
    ]


def depths() -> Row:
    """Return what a request costs in a standard run beside a quick one."""
    spent = {}
    for depth in ("quick", "standard"):
        with tempfile.TemporaryDirectory() as folder:
            started = time.perf_counter()
            run, _ = carry_out(RunConfig(depth=depth, jobs=4, reports=Path(folder)))
            spent[depth] = (time.perf_counter() - started, len(run.exchanges))
    (least, most) = spent
    each = {depth: seconds / count * 1000 for depth, (seconds, count) in spent.items()}
    return Row(
        subject="a whole run, per request, with reports",
        ours=f"{each[most]:.2f} ms ({most}: {spent[most][1]} requests)",
        peer=f"{each[least]:.2f} ms ({least}: {spent[least][1]} requests)",
        ratio=each[most] / each[least],
        wanted=LINEAR,
        method="certify the embedded reference, 4 jobs",
    )


def contract() -> Row:
    """Return what it takes to load a contract that holds its operations many times."""
    tree = yaml.safe_load(resources.file("contracts", f"{SERVICE}.yaml").read_text("utf-8"))
    common = resources.file("contracts", "common.yaml").read_bytes()
    spent = {}
    with tempfile.TemporaryDirectory() as home:
        (Path(home) / "common.yaml").write_bytes(common)
        for copies in COPIES:
            path = Path(home) / f"contract-{copies}.json"
            path.write_text(json.dumps(multiplied(tree, copies)), "utf-8")
            started = time.perf_counter()
            Contracts.load(documents={SERVICE: path})
            spent[copies] = time.perf_counter() - started
    return grown("a user's contract, per path", spent, COPIES, "ms", "load and compile it")


def multiplied(tree: dict[str, Any], copies: int) -> dict[str, Any]:
    """Return a contract with further paths and schemas, like its own, that nothing refers to."""
    grown_tree = copy.deepcopy(tree)
    for number in range(1, copies):
        for path, item in tree["paths"].items():
            further = json.loads(json.dumps(item).replace("operationId", "x-operation"))
            grown_tree["paths"][f"/copy-{number}{path}"] = further
        for name, schema in tree["components"].get("schemas", {}).items():
            grown_tree["components"]["schemas"][f"{name}{number}"] = schema
    return grown_tree


def cities() -> Row:
    """Return what a plan of a fleet takes, per city."""
    spent = {}
    with tempfile.TemporaryDirectory() as home:
        template = resources.EXAMPLES / "targets" / "test-system.yaml"
        for count in CITIES:
            path = Path(home) / f"cities-{count}.csv"
            lines = [f"City {n},pb.city{n},http://127.0.0.1:{8000 + n % 40}" for n in range(count)]
            path.write_text("\n".join(["name,tenant,base_url", *lines]), "utf-8")
            command = [
                sys.executable, "-m", "conformance", "fleet", "plan", str(path),
                "--template", str(template), "--format", "json",
            ]  # fmt: skip
            started = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            spent[count] = time.perf_counter() - started
    return grown("a plan of cities, per city", spent, CITIES, "ms", "`fleet plan`, with start-up")


def grown(
    subject: str, spent: dict[int, float], sizes: tuple[int, ...], unit: str, method: str
) -> Row:
    """Return the row of something measured at several sizes; `spent` in seconds."""
    each = {size: spent[size] / size * 1000 for size in sizes}
    return Row(
        subject=subject,
        ours=", ".join(f"{each[size]:.1f} {unit} at {size}" for size in sizes[1:]),
        peer=f"{each[sizes[0]]:.1f} {unit} at {sizes[0]}",
        ratio=each[sizes[-1]] / each[sizes[0]],
        wanted="at most 1",
        method=method,
    )


if __name__ == "__main__":
    print(printed(rows()))
