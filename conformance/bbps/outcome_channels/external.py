"""A program or an address of the user's own sets the outcome, before each update."""

import os
import re
import shutil
import signal
import ssl
import subprocess
import threading
from collections.abc import Mapping
from typing import Final

import httpx

from conformance.bbps.outcome_channels.in_update import NotSignalled, Silent
from conformance.bbps.outcome_channels.outcome_report import OutcomeReport
from conformance.client.deadline import Pool
from conformance.profile.outcome import Command, Hook, shown

LONGEST_QUOTE: Final = 200  # characters of what a program or an address writes


def facts(report: OutcomeReport, gateway: str) -> dict[str, str]:
    """Return the values of an outcome, all of them text; the amount in rupees."""
    return {
        "transaction": report.transaction,
        "outcome": report.outcome,
        "amount": report.rupees,
        "gateway": gateway,
    }


class CommandChannel(Silent):
    """A program that is started, without a shell, for every outcome."""

    def __init__(self, command: Command, gateway: str) -> None:
        """Take the program with its arguments, and the gateway that they may name."""
        self._command = command
        self._gateway = gateway

    def open(self) -> None:
        """NotSignalled when there is no such program."""
        program = self._command.words[0]
        if shutil.which(program) is None:
            raise NotSignalled(
                f"there is no program {program} that could be started",
                "install it, or correct outcome.command.words (its first word is a name on the "
                "PATH, or a path)",
            )

    def set_outcome(self, report: OutcomeReport) -> Mapping[str, str | None]:
        """Run the program to its end; the update states nothing but the id."""
        self.open()
        values = facts(report, self._gateway)
        words = [_filled(word, values) for word in self._command.words]
        try:
            process = subprocess.Popen(  # noqa: S603 - the user's own program and arguments
                words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # so that what it starts ends with it
            )
        except OSError as problem:
            raise self._failed(f"cannot be started ({problem.strerror})") from None
        try:
            output, _ = process.communicate(timeout=self._command.timeout_seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            seconds = f"{self._command.timeout_seconds:g} s"
            raise self._failed(f"was not done after {seconds}, and was ended") from None
        if process.returncode:
            raise self._failed(f"ended with code {process.returncode}{_quoted(output)}")
        return {}

    def _failed(self, what: str) -> NotSignalled:
        return NotSignalled(
            f"the outcome was not set: {self._command.words[0]} {what}",
            "run outcome.command.words by hand; it must end with code 0 once the outcome is set",
        )


class HookChannel(Silent):
    """An address that receives every outcome."""

    def __init__(self, hook: Hook, gateway: str, ca_file: str) -> None:
        """Take the address, the gateway to name to it, and a CA file or an empty text."""
        self._hook = hook
        self._gateway = gateway
        self._ca_file = ca_file
        self._http: httpx.Client | None = None
        self._lock = threading.Lock()

    def set_outcome(self, report: OutcomeReport) -> Mapping[str, str | None]:
        """Post the outcome, once; the update states nothing but the id."""
        headers = {name: value.get_secret_value() for name, value in self._hook.headers.items()}
        try:
            values = facts(report, self._gateway)
            response = self._client().post(self._hook.url, json=values, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as problem:
            raise self._failed(f"gave no answer ({type(problem).__name__})") from None
        if not response.is_success:
            raise self._failed(f"answered {response.status_code}")
        return {}

    def close(self) -> None:
        """Close connections."""
        with self._lock:
            if self._http is not None:
                self._http.close()
                self._http = None

    def _client(self) -> httpx.Client:
        with self._lock:
            if self._http is None:
                trust = ssl.create_default_context(cafile=self._ca_file or None)
                pool = Pool(self._hook.timeout_seconds, verify=trust)
                self._http = httpx.Client(transport=pool, trust_env=False)
            return self._http

    def _failed(self, what: str) -> NotSignalled:
        return NotSignalled(
            f"the outcome was not set: {shown(self._hook.url)} {what}",
            "see the service behind outcome.hook.url; it must answer 2xx once the outcome is set",
        )


def _filled(word: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: values[match[1]], word)


def _quoted(output: bytes) -> str:
    """Return the last line that a program wrote, shortened; empty if it wrote none."""
    lines = output.decode("utf-8", "replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return f": {last[:LONGEST_QUOTE]}" if last else ""
