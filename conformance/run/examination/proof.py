"""What an examination found: a line for each thing that was checked, and what follows from them."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from conformance.core.errors import ExitCode
from conformance.core.verdicts import RunVerdict
from conformance.core.wording import plural
from conformance.results.model import Results
from conformance.results.validity import valid_until


class Bearing(StrEnum):
    """What a line says: it holds; it was changed or contradicts; genuine, but no certificate."""

    HOLDS = "ok"
    FAULT = "FAULT"
    LIMIT = "limit"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One thing that was checked: a file or a subject, and a clause about it."""

    kind: Bearing
    subject: str
    text: str


def holds(subject: str, text: str) -> Checked:
    """Return the line of something that holds."""
    return Checked(kind=Bearing.HOLDS, subject=subject, text=text)


def fault(subject: str, text: str) -> Checked:
    """Return the line of what was changed, or contradicts the rest."""
    return Checked(kind=Bearing.FAULT, subject=subject, text=text)


def limit(subject: str, text: str) -> Checked:
    """Return the line of what is genuine, but keeps the run from certifying anything."""
    return Checked(kind=Bearing.LIMIT, subject=subject, text=text)


def note(subject: str, text: str) -> Checked:
    """Return the line of what was not checked, or is worth knowing."""
    return Checked(kind=Bearing.NOTE, subject=subject, text=text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What was examined, what it says of itself (None if it cannot be read), and all lines."""

    what: str
    results: Results | None
    lines: tuple[Checked, ...]

    def of(self, kind: Bearing) -> tuple[Checked, ...]:
        """Return the lines of a kind."""
        return tuple(each for each in self.lines if each.kind is kind)

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of `verify`; reports/README.md has the table."""
        if self.of(Bearing.FAULT) or self.results is None:
            return ExitCode.SUITE_ERROR
        if self.results.verdict is RunVerdict.ERROR:
            return ExitCode.SUITE_ERROR
        if self.results.verdict is RunVerdict.NON_CONFORMANT:
            return ExitCode.NON_CONFORMANT
        return ExitCode.POLICY if self.of(Bearing.LIMIT) else ExitCode.CONFORMANT

    @property
    def conclusion(self) -> str:
        """What the examination comes to, as a sentence."""
        faults, limits = self.of(Bearing.FAULT), self.of(Bearing.LIMIT)
        if faults or self.results is None:
            named = ", ".join(dict.fromkeys(each.subject for each in faults))
            return f"Do not rely on it: {plural(len(faults), 'fault')} ({named})."
        signed = any(each.subject == SIGNATURE for each in self.of(Bearing.HOLDS))
        unsigned = "" if signed else UNSIGNED
        if self.exit_code is ExitCode.CONFORMANT:
            return f"It agrees with itself and certifies the deployment.{unsigned}"
        reasons = "; ".join(each.text for each in limits)
        return f"It agrees with itself and certifies no deployment: {reasons}.{unsigned}"

    @property
    def facts(self) -> Iterator[tuple[str, str]]:
        """Yield what was examined as name and text."""
        yield "examined", self.what
        if self.results is None:
            return
        header, until = self.results.header, valid_until(self.results)
        yield "run", f"{header.run}, ended {self.results.finished or 'never'}"
        yield "target", f"{header.target['name']}, {header.target['base_url']}"
        yield "verdict", self.results.verdict_line
        yield "suite", f"{header.suite['name']} {header.suite['version']}"
        yield "valid until", until.isoformat() if until else "it has not ended"

    def as_json(self) -> dict[str, Any]:
        """Return it for other programs."""
        rows = [
            {"kind": each.kind.value, "subject": each.subject, "text": each.text}
            for each in self.lines
        ]
        facts = {name.replace(" ", "_"): text for name, text in self.facts}
        code = int(self.exit_code)
        return {**facts, "lines": rows, "conclusion": self.conclusion, "exit_code": code}


SIGNATURE = "signature"
UNSIGNED = " No signature was checked: who made it is not known."
