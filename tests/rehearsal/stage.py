"""One line of DIGIT, served broken, then repaired; certified, killed, continued, cleaned.

Only commands of the suite touch the deployment; what they left behind is read in its database.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import yaml

from benchmarks.apart import served_apart
from conformance.reference.lineages.catalogue import LINEAGES
from conformance.run.embedded import default_profile
from tests.deployments.conftest import payable, rows
from tests.rehearsal.wall_time import Conditions, wall_time

ADDRESS: Final = "127.0.0.2"
PASSWORDS: Final = {
    "ADMINISTRATOR_PASSWORD": "Admin@2024",
    "CASHIER_PASSWORD": "Cashier@2024",
    "CITIZEN_PASSWORD": "123456",
}
FORGOTTEN: Final = {"CASHIER_PASSWORD": ""}
MISSING_ROW: Final = "grant-missing"  # the fault that leaves a role row out
# What the doctor has to name then, and nothing else.
FAULTS: Final = (
    "credential: the cashier has no password",
    "role: roleactions.json does not map BBPS_USER to /pg-service/transaction/v1/_update",
)
NAMED: Final = re.compile(r"^  fault +(network|TLS|\S+|master data) {2,}(.+)$", re.MULTILINE)
PAYMENTS: Final = "select document from payments"
PENDING: Final = "select id from transactions where status = 'PENDING'"
ACTIVE: Final = "select username from users where active and username like 'conf%'"
HASTE: Final = 1.5  # times the rate limit is the pace of the profile, so that 429 has to be borne
LONGEST: Final = 3600  # seconds that a command may take
Done = subprocess.CompletedProcess[str]


@dataclass
class Stage:
    """A rehearsal on one line: `page` describes it in Markdown, `deviations` what differs."""

    lineage: str
    conditions: Conditions
    folder: Path
    options: tuple[str, ...] = ()  # options of certify, such as --depth quick
    page: list[str] = field(default_factory=list)
    deviations: list[str] = field(default_factory=list)

    def play(self) -> None:
        """Do all of it."""
        self.folder.mkdir(parents=True)
        with self.served("--port", "0", "--fault", MISSING_ROW) as base_url:
            self.describe(base_url)
            self.see_the_doctor(FAULTS, environment=FORGOTTEN)
        with self.served("--port", base_url.rpartition(":")[2]):  # the row is there now
            self.see_the_doctor(())
            self.certify()
            self.clean()

    def served(self, *more: str) -> AbstractContextManager[str]:
        """Serve the line in another process; the context is its base URL."""
        knobs = {
            "--host": ADDRESS, "--lineage": self.lineage, "--db": self.folder / "deployment.db",
            "--latency": self.conditions.latency, "--lag": self.conditions.lag,
            "--rate-limit": self.conditions.rate, "--zone": "Asia/Kolkata",
        }  # fmt: skip
        words = [word for knob in knobs.items() for word in knob]
        return served_apart(*words, *more)

    def describe(self, base_url: str) -> None:
        """Write the profile: passwords by reference, and the patience that such a line needs."""
        document: dict[str, Any] = yaml.safe_load(default_profile().read_text(encoding="utf-8"))
        document["base_url"] = base_url
        for variable in PASSWORDS:
            actor = variable.removesuffix("_PASSWORD").lower()
            document["actors"][actor]["password"] = f"${{{variable}}}"
        document["limits"] |= {
            "requests_per_second": self.conditions.rate * HASTE,
            "settle_seconds": max(3, self.conditions.lag / 200),
            "quiet_seconds": self.conditions.lag / 1000,
            "timeout_seconds": 30,
        }
        self.profile.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")

    def see_the_doctor(
        self, expected: tuple[str, ...], environment: Mapping[str, str] | None = None
    ) -> None:
        """Have every fault named that there is, and no other."""
        done = self.done("doctor", environment=environment)
        named = [f"{area}: {what}" for area, what in NAMED.findall(done.stdout)]
        self.demand(sorted(named) == sorted(expected), "the doctor names something else", done)
        self.demand(done.returncode == (2 if expected else 0), "the doctor ends otherwise", done)
        self.page += ["The doctor named:" if named else "Repaired, the doctor named no fault."]
        self.page += ["", *(f"* {each}" for each in named), *[""] * bool(named)]

    def certify(self) -> None:
        """Certify, with SIGKILL in the middle, and go on; the verdicts are those of the line."""
        jobs = ("--jobs", str(self.conditions.jobs))
        started = datetime.now(UTC)
        decided = self.killed("certify", *jobs, *self.options)
        killed = datetime.now(UTC)
        done = self.done("certify", "--resume", "latest", *jobs)
        ended = datetime.now(UTC)
        results = json.loads((self.run / "results.json").read_text(encoding="utf-8"))
        planned, executed = (results["summary"][name] for name in ("planned", "executed"))
        self.demand(planned == executed > 0, f"{executed} of {planned} checks are executed", done)
        self.page += [
            f"Killed when {decided} of {planned} checks were decided, continued to {executed}: "
            f"{results['verdict_line']}.",
            "",
        ]
        broken = self.compare(results)
        usual = 4 if "--only" in self.options else 0
        self.demand(
            done.returncode == (broken or usual), f"certify ends with {done.returncode}", done
        )
        self.page += wall_time(self.run, results, self.conditions, (started, killed, ended))

    def killed(self, *arguments: str) -> int:
        """Kill a command once a third of the checks are decided; return how many are."""
        process = subprocess.Popen(
            self.words(*arguments), env=os.environ | PASSWORDS,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until = time.monotonic() + LONGEST
        try:
            while self.decided() * 3 < max(self.planned(), 3):
                assert process.poll() is None, "the run ended before it could be killed"
                assert time.monotonic() < until, "the run decides nothing"
                time.sleep(0.05)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        return self.decided()

    def compare(self, results: Mapping[str, Any]) -> bool:
        """Hold each covered requirement against what the line's deviations predict.

        Return whether one is predicted to fail.
        """
        found = {row["id"]: row["verdict"] for row in results["requirements"] if row["checks"]}
        predicted = {id_: LINEAGES[self.lineage].predicted.get(id_, "passed") for id_ in found}
        plain = [id_ for id_ in found if found[id_] == predicted[id_] == "passed"]
        self.page += ["| requirement | predicted | found |", "|---|---|---|"]
        self.page += [
            f"| {id_} | {predicted[id_]} | {found[id_]} |" for id_ in found if id_ not in plain
        ]
        self.page += [f"| {len(plain)} others | passed | passed |", ""]
        for row in results["requirements"]:
            if row["checks"] and row["verdict"] != predicted[row["id"]]:
                reasons = [
                    f"{check['id']}: {check['observed'] or check['reason']}"
                    for check in results["checks"]
                    if row["id"] in check["requirements"] and check["verdict"] == row["verdict"]
                ]
                self.demand(False, f"{row['id']} is {row['verdict']}: {'; '.join(reasons)}")
        return "failed" in predicted.values()

    def clean(self) -> None:
        """Clean up by the ledger, and look into the books of the deployment."""
        db = self.folder / "deployment.db"
        done = self.done("clean", "latest")
        printed = done.stdout.strip().splitlines() or [""]
        listed = sum(line.startswith("left to") for line in printed)
        standing = sum(map(_stands, rows(db, PAYMENTS)))
        self.demand(listed == standing, f"{listed} of {standing} payments are listed", done)
        self.demand(done.returncode == int(listed > 0), "clean ends otherwise", done)
        due, pending, active = payable(db), rows(db, PENDING), rows(db, ACTIVE)
        for what, left in (("due on", due), ("pending", pending), ("active", active)):
            self.demand(not left, f"still {what}: {', '.join(map(str, left))}", done)
        self.page += [
            f"Cleaned: {printed[-1]}. In the books: {len(due)} demands with anything due, "
            f"{len(pending)} pending transactions, {len(active)} active users of the run, "
            f"{standing} payments that stand, {listed} of them listed.",
            "",
        ]

    @property
    def profile(self) -> Path:
        return self.folder / "target.yaml"

    @property
    def run(self) -> Path:
        return (self.folder / "latest").resolve()

    def planned(self) -> int:
        """Return how many checks the run has planned, 0 before it has started."""
        header = self.journal().partition("\n")[0]
        return len(json.loads(header)["planned"]) if header.endswith("}") else 0

    def decided(self) -> int:
        return self.journal().count('\n{"kind": "finding"')

    def journal(self) -> str:
        path = self.run / "journal.jsonl"
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    def done(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Done:
        """Have a command of the suite done."""
        return subprocess.run(
            self.words(*arguments),
            env={**os.environ, "COLUMNS": "400", **PASSWORDS, **(environment or {})},
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )

    def words(self, *arguments: str) -> list[str]:
        places = ("--target", str(self.profile), "--reports", str(self.folder))
        return command(*arguments, *places)

    def demand(self, holds: bool, otherwise: str, done: Done | None = None) -> None:
        """Note a deviation, with what the command printed."""
        if not holds:
            output = f"\n{done.stdout}{done.stderr}" if done else ""
            self.deviations.append(f"{self.lineage}: {otherwise}{output}")


def command(*words: str) -> list[str]:
    """Return the words that start a command of the suite."""
    return [sys.executable, "-m", "conformance", *words]


def _stands(payment: str) -> bool:
    """Whether nobody has reversed a payment (JSON)."""
    document = json.loads(payment)
    statuses = {document.get("paymentStatus"), document.get("instrumentStatus")}
    return not statuses & {"CANCELLED", "DISHONOURED"}
