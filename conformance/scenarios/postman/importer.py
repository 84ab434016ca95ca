"""Makes scenarios of a Postman collection, and says what became of each of its parts."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from conformance.core.redaction import names_secret
from conformance.core.requirements import Register
from conformance.scenarios.postman.credentials import Credentials
from conformance.scenarios.postman.file_names import slug, unique
from conformance.scenarios.postman.filling import Filling
from conformance.scenarios.postman.format import Pair
from conformance.scenarios.postman.import_report import ImportReport, Remark
from conformance.scenarios.postman.lines import Fate, LineBook, ScriptLine
from conformance.scenarios.postman.reader import Collection, PostmanRequest, PostmanScript
from conformance.scenarios.postman.refusals import refused
from conformance.scenarios.postman.requests import Unsendable
from conformance.scenarios.postman.roundtrip import originals
from conformance.scenarios.postman.scripts import translated
from conformance.scenarios.postman.searching import search
from conformance.scenarios.postman.steps import MadeStep, StepMaker
from conformance.scenarios.postman.translation import Translation
from conformance.scenarios.soundness import GIVEN
from conformance.scenarios.templates import variables_in

LONGEST_LINE: Final = 200
# What a scenario verifies with an operation, until somebody who knows it says more.
VERIFIES: Final = {
    "user": "USR-01", "token": "USR-03", "access": "MDM-04", "mdms": "MDM-02", "demand": "BIL-01",
    "bill": "BIL-01", "transaction.create": "TXN-01", "transaction.update": "TXN-05",
    "transaction.search": "TXN-13", "payment.create": "PAY-01", "payment.validate": "PAY-10",
    "payment.search": "PAY-11", "payment.module-search": "PAY-11", "payment.workflow": "PAY-12",
}  # fmt: skip
VERIFIES_OTHERWISE: Final = "CON-02"


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """The scenarios of a collection, by name, as documents.

    `files` are those that they name: the name beside the scenario, and the path in the folder of
    the collection.
    """

    scenarios: Mapping[str, dict[str, Any]]
    files: Mapping[str, str]
    report: ImportReport


@dataclass(slots=True)
class _Script:
    """A script, what it comes to, and whether it belongs to a request that became a step."""

    script: PostmanScript
    book: LineBook
    used: bool = False


def imported(
    collection: Collection,
    environment: Mapping[str, Pair],
    globals_: Mapping[str, Pair],
    *,
    one: bool = False,
) -> Imported:
    """Make scenarios of a collection: one for each folder, or `one` of all.

    What a scenario cannot say is left out, and the report says so.
    """
    return _Importer(collection, environment, globals_).result(one=one)


class _Importer:
    """Imports one collection."""

    def __init__(
        self,
        collection: Collection,
        environment: Mapping[str, Pair],
        globals_: Mapping[str, Pair],
    ) -> None:
        self._collection = collection
        self._register = Register.load()
        self._credentials = Credentials()
        self._place = collection.name
        self._notes: dict[Remark, None] = {}
        self._filling = Filling(environment, globals_, self._credentials, self._note)
        self._maker = StepMaker(self._filling, self._credentials, self._note, collection.folder)
        self._read: dict[tuple[str, str], Translation] = {}
        self._scripts: dict[PostmanScript, _Script] = {}
        self._hide_variables()
        search(collection.raw, self._credentials, collection.name)
        self._report = ImportReport(collection=self._clean(collection.name))

    def result(self, *, one: bool) -> Imported:
        """Return the scenarios and the report."""
        groups: dict[tuple[str, ...], list[PostmanRequest]] = {}
        for request in self._collection.requests:
            groups.setdefault(() if one else request.folders, []).append(request)
        scenarios: dict[str, dict[str, Any]] = {}
        exported = {} if one else originals(self._collection.raw)
        for folders, requests in groups.items():
            original = exported.get(folders)
            if original is not None and self._acceptable(original):
                self._take_back(original, requests, scenarios)
                continue
            title = " / ".join((self._collection.name, *folders))
            name = unique(slug(self._clean(title)), scenarios)
            scenario = self._scenario(name, title, self._steps(requests))
            if scenario is not None:
                scenarios[name] = scenario
        self._finish()
        named = {step.get("file") for each in scenarios.values() for step in each["steps"]}
        files = {name: path for name, path in self._maker.files.items() if name in named}
        return Imported(scenarios=scenarios, files=files, report=self._report)

    def _acceptable(self, original: dict[str, Any]) -> bool:
        """Whether the scenario that a folder was exported from can be written as it is."""
        return not original or not refused(original, self._register, self._collection.folder)

    def _take_back(
        self,
        scenario: dict[str, Any],
        requests: Iterable[PostmanRequest],
        scenarios: dict[str, dict[str, Any]],
    ) -> None:
        """Take the scenario that a folder was exported from; several may be its rows."""
        if scenario and scenario not in scenarios.values():
            name = unique(str(scenario["name"]), scenarios)
            scenarios[name] = {**scenario, "name": name}
            for step in scenario["steps"]:
                if step.get("file"):
                    self._maker.files[step["file"]] = step["file"]
        for request in requests:
            place = self._clean(request.place)
            self._report.mapped.append(Remark(place=place, text="as it was exported"))
            for script in request.scripts:
                self._report.fates[Fate.DATA] += len(_lines(script))

    def _steps(self, requests: Iterable[PostmanRequest]) -> list[MadeStep]:
        self._filling.restart()
        names: Counter[str] = Counter()
        taken: set[str] = set()
        steps = []
        for request in requests:
            self._place = self._clean(request.place)
            before, after = self._translations(request)
            try:
                made = self._maker.made(request, before, after)
            except Unsendable as why:
                self._leave_out(request, str(why))
                continue
            name = title = made.step["name"]
            while name in taken:
                names[title] = max(2, names[title] + 1)
                name = f"{title} ({names[title]})"
            taken.add(name)
            made.step["name"] = name
            steps.append(made)
        return steps

    def _scenario(self, name: str, title: str, made: list[MadeStep]) -> dict[str, Any] | None:
        """Return a scenario of the steps that the loader accepts; None where there is none."""
        while made:
            document = self._document(name, title, [each.step for each in made])
            wrong = refused(document, self._register)
            if not wrong:
                self._note_steps(made, document)
                return document
            for number, why in wrong.items():
                self._leave_out(made[number].request, why)
            made = [each for number, each in enumerate(made) if number not in wrong]
        return None

    def _document(self, name: str, title: str, steps: list[dict[str, Any]]) -> dict[str, Any]:
        used: dict[str, None] = {}
        saved: set[str] = set(GIVEN)
        for step in steps:
            names = sorted({each.partition(".")[0] for each in variables_in(step)} - saved)
            used |= dict.fromkeys(names)
            saved |= step.get("save", {}).keys()
        values = self._filling.needed(used)
        requests = list(dict.fromkeys(step["name"] for step in steps))
        document: dict[str, Any] = {
            "name": name,
            "title": self._clean(title),
            "requirements": _requirements(steps),
            "derived_from": [{"collection": self._report.collection, "requests": requests}],
        }
        return document | ({"values": values} if values else {}) | {"steps": steps}

    def _note_steps(self, made: list[MadeStep], document: Mapping[str, Any]) -> None:
        """Note in the report what became a step, and what the user has to give for it."""
        for each in made:
            kind = self._report.mapped if each.operation else self._report.raw
            place = self._clean(each.request.place)
            kind.append(Remark(place=place, text=each.operation or each.where))
            for script in each.request.scripts:
                self._scripts[script].used = True
        self._report.inputs += [
            name
            for name, each in document.get("values", {}).items()
            if each.get("generate") == "environment" and name not in self._report.inputs
        ]

    def _leave_out(self, request: PostmanRequest, why: str) -> None:
        place = self._clean(request.place)
        self._report.left_out.append(Remark(place=place, text=self._clean(why)))

    def _translations(self, request: PostmanRequest) -> tuple[list[Translation], list[Translation]]:
        """Return what the scripts of a request come to: those before it, and those after it."""
        found: dict[str, list[Translation]] = {"prerequest": [], "test": []}
        for script in request.scripts:
            if script.unread:
                self._scripts.setdefault(script, _Script(script, LineBook("")))
                continue
            key = (script.source, script.listen)
            if key not in self._read:
                self._read[key] = translated(*key)
            # Its lines are counted once, however many requests inherit it.
            self._scripts.setdefault(script, _Script(script, self._read[key].book))
            found[script.listen].append(self._read[key])
        return found["prerequest"], found["test"]

    def _finish(self) -> None:
        """Complete the report: now every credential is known."""
        report = self._report
        for each in self._scripts.values():
            self._count(each)
        for left_out in self._collection.left_out:
            place, _, why = left_out.rpartition(": ")
            report.left_out.append(Remark(place=self._clean(place), text=self._clean(why)))
        report.notes += [
            Remark(place=self._clean(each.place), text=self._clean(each.text))
            for each in self._notes
        ]
        report.notes += [
            Remark(place=f"line {line}", text="no text in UTF-8, or half of a character: U+FFFD")
            for line in self._collection.mended
        ]
        report.credentials += [
            replace(each, place=self._clean(each.place)) for each in self._credentials.found
        ]

    def _count(self, each: _Script) -> None:
        """Count the lines of a script, and list those that did not become data."""
        script = each.script
        if script.unread:
            lines = _lines(script)
            self._report.fates[Fate.WITHOUT_EFFECT] += len(lines)
            counted = f" (lines: {len(lines)})" if lines else ""
            text = f"its script {script.listen}{counted} is left out: {script.unread}"
            self._notes[Remark(place=script.place, text=text)] = None
            return
        for number, text, fate, reason in each.book.finished():
            if not each.used and fate in {Fate.DATA, Fate.NO_REQUIREMENT, Fate.WITHOUT_EFFECT}:
                fate, reason = Fate.NOT_DATA, "its request is left out"
            self._report.fates[fate] += 1
            if fate in {Fate.NOT_DATA, Fate.NO_REQUIREMENT}:
                self._report.lines.append(
                    ScriptLine(
                        place=self._clean(script.place),
                        listen=script.listen,
                        number=number,
                        text=self._credentials.clean(text, "", code=True)[:LONGEST_LINE],
                        reason=reason,
                    )
                )

    def _hide_variables(self) -> None:
        for request in self._collection.requests:
            for name, value in request.variables.items():
                if names_secret(name):
                    self._filling.hide(name, value, "")

    def _note(self, text: str) -> None:
        self._notes[Remark(place=self._place, text=text)] = None

    def _clean(self, text: str) -> str:
        return self._credentials.clean(text, self._place)


def _lines(script: PostmanScript) -> list[str]:
    return [line for line in script.source.split("\n") if line.strip()]


def _requirements(steps: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return what the operations of steps are about; raw calls only where there is nothing else."""
    calls = [step["call"] for step in steps if "call" in step]
    found = [
        VERIFIES.get(each) or VERIFIES.get(each.partition(".")[0], VERIFIES_OTHERWISE)
        for each in calls
    ]
    return list(dict.fromkeys(found)) or [VERIFIES_OTHERWISE]
