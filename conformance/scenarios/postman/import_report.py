"""What an import came to: what was read, what was left out and why, and no credential."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from conformance.scenarios.postman.credentials import Credential
from conformance.scenarios.postman.lines import Fate, ScriptLine
from conformance.scenarios.values import variable_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something to say about a place of a collection."""

    place: str
    text: str

    def __str__(self) -> str:
        """Return both."""
        return f"{self.place}: {self.text}"


@dataclass(slots=True, kw_only=True)
class ImportReport:
    """What became of each request, script line and credential of a collection."""

    collection: str
    mapped: list[Remark] = field(default_factory=list)
    raw: list[Remark] = field(default_factory=list)
    left_out: list[Remark] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)
    fates: Counter[Fate] = field(default_factory=Counter)
    lines: list[ScriptLine] = field(default_factory=list)
    credentials: list[Credential] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)  # variables that the user gives

    @property
    def requests(self) -> int:
        """How many requests the collection has."""
        return len(self.mapped) + len(self.raw) + len(self.left_out)

    @property
    def script_lines(self) -> int:
        """How many lines its scripts have, without blank ones."""
        return sum(self.fates.values())

    def as_json(self) -> dict[str, Any]:
        """Return the report as a JSON object."""
        return {
            "collection": self.collection,
            "requests": {
                "total": self.requests,
                "mapped": [str(each) for each in self.mapped],
                "raw": [str(each) for each in self.raw],
                "left_out": [str(each) for each in self.left_out],
            },
            "script_lines": {
                "total": self.script_lines,
                "translated": self.fates[Fate.DATA],
                "without_effect": self.fates[Fate.WITHOUT_EFFECT] + self.fates[Fate.COMMENT],
                "no_requirement": self.fates[Fate.NO_REQUIREMENT],
                "listed": self.fates[Fate.NOT_DATA],
                "lines": [
                    {
                        "place": each.place,
                        "event": each.listen,
                        "line": each.number,
                        "reason": each.reason,
                        "text": each.text,
                    }
                    for each in self.lines
                ],
            },
            "credentials": [
                {"place": each.place, "variable": each.variable} for each in self.credentials
            ],
            "inputs": self.inputs,
            "notes": [str(each) for each in self.notes],
        }

    def described(self) -> list[str]:
        """Return the report as lines for a person."""
        fates = self.fates
        idle = fates[Fate.WITHOUT_EFFECT] + fates[Fate.COMMENT]
        found = [
            self.collection,
            f"requests: {self.requests} (operations of the suite: {len(self.mapped)}, raw calls: "
            f"{len(self.raw)}, left out: {len(self.left_out)})",
            f"script lines: {self.script_lines} (data: {fates[Fate.DATA]}, without effect: {idle}, "
            f"no requirement: {fates[Fate.NO_REQUIREMENT]}, listed: {fates[Fate.NOT_DATA]})",
            "credentials that became variables: "
            f"{len({each.variable for each in self.credentials})}",
        ]
        for title, entries in (
            ("raw call", self.raw),
            ("left out", self.left_out),
            ("note", self.notes),
            ("script line", self.lines),
            ("credential", self.credentials),
        ):
            found += [f"{title}: {each}" for each in entries]
        if self.inputs:
            names = ", ".join(map(variable_of, self.inputs))
            found.append(f"to be given when played, as variables of the environment: {names}")
        return found
