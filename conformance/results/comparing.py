"""Compares two runs: which verdicts changed, and what else changed with them. No I/O.

What a regression is, `gating` decides, for `--baseline` and here alike.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from conformance.core.verdicts import Level
from conformance.core.wording import plural
from conformance.results.gate import USUAL
from conformance.results.gating import compared
from conformance.results.model import NOT_COVERED, CheckRow, RequirementRow, Results
from conformance.results.settings import changed_settings, shown

NEW: Final = "new"
NOTHING: Final = "not known"
NOT_SEEN: Final = "not seen"  # the form of an erratum that no exchange showed
ERRATA: Final = 8  # errata that one line names
LONGEST: Final = 160  # characters of one value that are shown


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentChange:
    """What two runs do not share besides verdicts, as texts."""

    subject: str
    before: str
    now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckChange:
    """A check whose verdict changed; `before` is `new` for one that the first run did not have."""

    check: str
    title: str
    requirements: tuple[str, ...]
    level: Level
    before: str
    now: str
    required: str
    observed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementChange:
    """A requirement whose verdict changed, as its words."""

    id: str
    level: Level
    before: str
    now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRun:
    """One of the two runs, as far as a reader must know it."""

    run: str
    target: str
    started: str
    complete: bool
    verdict_line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunComparison:
    """How two runs differ. `others` are changes that are neither better nor worse, such as waived.

    `new` and `vanished` are the names of checks that only one run has, apart from regressions.
    `gating` are the names of those regressions that end the command with an error, by the level
    `gate` (a key of GATES).
    `remarks` say why the runs may not be alike.
    """

    before: ComparedRun
    now: ComparedRun
    remarks: tuple[str, ...]
    differences: tuple[DeploymentChange, ...]
    requirements: tuple[RequirementChange, ...]
    regressions: tuple[CheckChange, ...]
    improvements: tuple[CheckChange, ...]
    others: tuple[CheckChange, ...]
    new: tuple[str, ...]
    vanished: tuple[str, ...]
    unchanged: int
    gate: str
    gating: tuple[str, ...]

    @property
    def conclusion(self) -> str:
        """What it all comes to, in a sentence."""
        ids = dict.fromkeys(id_ for each in self.regressions for id_ in each.requirements)
        better = plural(len(self.improvements), "improvement")
        if not ids:
            return f"No regression, {better}, {plural(self.unchanged, 'unchanged check')}."
        worse = plural(len(self.regressions), "regression")
        return f"{worse} in {plural(len(ids), 'requirement')} ({', '.join(ids)}), {better}."

    @property
    def gate_line(self) -> str:
        """What the gate leaves out, as a sentence; empty where every regression gates."""
        left_out = len(self.regressions) - len(self.gating)
        of_all = plural(len(self.regressions), "regression")
        return f"--gate {self.gate} leaves out {left_out} of {of_all}." if left_out else ""

    def as_json(self) -> dict[str, Any]:
        """Return it as a document for other tools."""
        return {**asdict(self), "conclusion": self.conclusion}


def compare(before: Results, now: Results, level: str = USUAL) -> RunComparison:
    """Compare two runs, the earlier first; `level` (a key of GATES) says which regressions gate."""
    old = {check.id: check for check in before.checks}
    now = compared(now, level, before)
    gate = now.gate
    judged = {row.id for row in before.requirements if row.verdict is not None}
    names = {check.id for check in now.checks}
    kinds: dict[str, list[CheckChange]] = {"regressions": [], "improvements": [], "others": []}
    new, unchanged = [], 0
    for check in now.checks:
        was = old.get(check.id)
        known = was is not None or bool(judged.intersection(check.requirements))
        change = _change(check, was, now)
        if check.id in gate.regressions and not check.waiver and known:
            kinds["regressions"].append(change)
        elif was is None:
            new.append(check.id)
        elif change.before == change.now:
            unchanged += 1
        else:
            better = check.id in gate.improvements
            kinds["improvements" if better else "others"].append(change)
    worse = {each.check for each in kinds["regressions"]}
    return RunComparison(
        before=_side(before),
        now=_side(now),
        remarks=tuple(_remarks(before, now)),
        differences=tuple(_differences(before, now)),
        requirements=tuple(_requirements(before.requirements, now.requirements)),
        **{kind: _sorted(changes, now) for kind, changes in kinds.items()},
        new=tuple(new),
        vanished=tuple(check.id for check in before.checks if check.id not in names),
        unchanged=unchanged,
        gate=level,
        gating=tuple(check.id for check in now.checks if check.id in worse and now.gates(check)),
    )


def _sorted(changes: Iterable[CheckChange], now: Results) -> tuple[CheckChange, ...]:
    """Return changes in the order of their levels, and of the register."""
    places = {row.id: place for place, row in enumerate(now.requirements)}
    levels = list(Level)

    def place(each: CheckChange) -> tuple[int, int]:
        return levels.index(each.level), min(places[id_] for id_ in each.requirements)

    return tuple(sorted(changes, key=place))


def _change(check: CheckRow, was: CheckRow | None, now: Results) -> CheckChange:
    return CheckChange(
        check=check.id,
        title=check.title,
        requirements=check.requirements,
        level=now.level_of(check),
        before=was.counts_as if was else NEW,
        now=check.counts_as,
        required=check.required,
        observed=check.observed or check.reason,
    )


def _side(results: Results) -> ComparedRun:
    header = results.header
    return ComparedRun(
        run=header.run,
        target=f"{header.target['name']} at {header.target['base_url']}",
        started=results.started,
        complete=results.complete,
        verdict_line=results.verdict_line,
    )


def _requirements(
    before: Sequence[RequirementRow], now: Sequence[RequirementRow]
) -> Iterator[RequirementChange]:
    old = {row.id: row for row in before}
    for row in now:
        was = old[row.id].word if row.id in old else NEW
        if was != row.word:
            yield RequirementChange(id=row.id, level=row.level, before=was, now=row.word)
    new = {row.id for row in now}
    for row in before:
        if row.id not in new:
            yield RequirementChange(id=row.id, level=row.level, before=row.word, now=NOT_COVERED)


def _remarks(before: Results, now: Results) -> Iterator[str]:
    """Say why what differs may be no change of the deployment."""
    for name, each in (("first", before), ("second", now)):
        if not each.complete:
            done = f"{each.executed} of {plural(each.planned, 'planned check')}"
            yield f"The {name} run is incomplete: it executed {done}."
        elif each.header.partial:
            yield f"The {name} run is partial: it executed a part of the suite only."
    if before.header.run == now.header.run:
        yield "Both are the same run."
    if before.header.target["name"] != now.header.target["name"]:
        yield "The runs had different targets."
    if before.header.suite != now.header.suite:
        yield "Different versions of the suite made the runs: a verdict may differ for that alone."
    if _register(before) != _register(now):
        yield "The registers differ: requirements were added, removed or reworded between the runs."
    if (before.header.rehearsal is None) != (now.header.rehearsal is None):
        yield "One of the runs is a rehearsal, the other is not."


def _register(results: Results) -> set[tuple[str, str, str]]:
    return {(row.id, row.level, row.statement) for row in results.requirements}


def _differences(before: Results, now: Results) -> Iterator[DeploymentChange]:
    old, new = dict(_facts(before)), dict(_facts(now))
    for subject in dict.fromkeys((*old, *new)):
        was, is_ = old.get(subject, NOTHING), new.get(subject, NOTHING)
        if was != is_:
            yield DeploymentChange(subject=subject, before=_short(was), now=_short(is_))
    yield from _errata("applied", _applied(before), _applied(now))
    yield from _errata("seen", *_seen(before, now))
    profiles = before.header.profile, now.header.profile
    for name, was, is_ in changed_settings(*profiles):
        yield DeploymentChange(
            subject=f"profile {name}", before=_short(shown(was)), now=_short(shown(is_))
        )


def _errata(
    how: str, before: Mapping[str, str], now: Mapping[str, str]
) -> Iterator[DeploymentChange]:
    """Yield the errata of which runs differ, those that differ alike in one line."""
    alike: dict[tuple[str, str], list[str]] = {}
    for id_ in dict.fromkeys((*before, *now)):
        forms = before.get(id_, NOTHING), now.get(id_, NOTHING)
        if len(set(forms)) > 1:
            alike.setdefault(forms, []).append(id_)
    for (was, is_), ids in alike.items():
        named = ", ".join(ids[:ERRATA]) + (", ..." if len(ids) > ERRATA else "")
        count = f" ({len(ids)})" if len(ids) > 1 else ""
        yield DeploymentChange(subject=f"errata {how}{count}: {named}", before=was, now=is_)


def _applied(results: Results) -> dict[str, str]:
    return dict.fromkeys(results.header.contract.get("errata", ()), "applied")


def _seen(*runs: Results) -> list[dict[str, str]]:
    """Return the form of each erratum in each run; what a part of the suite did not see is free."""
    forms = [{str(each["id"]): str(each["form"]) for each in run.errata} for run in runs]
    if all(run.certifiable for run in runs):
        return forms
    unseen = {id_ for each in forms for id_, form in each.items() if form == NOT_SEEN}
    shared = set.intersection(*map(set, forms)) - unseen
    return [{id_: form for id_, form in each.items() if id_ in shared} for each in forms]


def _facts(results: Results) -> Iterator[tuple[str, str]]:
    """Yield what is compared apart from the profile: name and text."""
    header = results.header
    yield "suite", " ".join(str(each) for each in header.suite.values())
    yield "address", header.target["base_url"]
    yield from _listed("", header.target.get("detected", ""))
    yield from _listed("master data ", header.target.get("mdms", ""))
    if header.rehearsal is not None:
        yield from header.rehearsal.facts.items()
    yield "contract form", str(header.contract.get("form", ""))
    for each in header.contract.get("documents", ()):
        about = f"{each.get('version', '')} {each.get('source', '')} {each.get('sha256', '')[:12]}"
        yield f"contract {each.get('service', '')}", about
    yield "depth", header.depth
    yield "seed", str(header.seed)
    yield "fingerprint of the profile", header.target["fingerprint"]


def _listed(before: str, text: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of a text such as `MDMS: DIGIT 2.8; gateway: Zuul`."""
    for part in filter(None, text.split("; ")):
        name, _, value = part.partition(": ")
        yield f"{before}{name}", value


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def by_requirement(changes: Iterable[CheckChange]) -> dict[str, list[CheckChange]]:
    """Return changes under each of their requirements, in the order of the changes."""
    groups: dict[str, list[CheckChange]] = {}
    for each in changes:
        for id_ in each.requirements:
            groups.setdefault(id_, []).append(each)
    return groups
