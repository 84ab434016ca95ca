"""What results must say for themselves to certify a deployment, wherever they stand."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from typing import Any, Final

from conformance import __version__
from conformance.core.json_text import loaded
from conformance.core.requirements import Register
from conformance.core.verdicts import RunVerdict
from conformance.profile.this_machine import on_this_machine
from conformance.results.model import SCHEMA, Results
from conformance.results.reading import MALFORMED, schema
from conformance.results.validity import bytes_of, valid_until
from conformance.run.examination.proof import Checked, fault, holds, limit, note

NAMED: Final = 5  # requirements in one line
PASSING: Final = frozenset({RunVerdict.CONFORMANT, RunVerdict.WITH_WAIVERS})
REGISTERED: Final = ("area", "level", "source", "statement", "why", "usual_causes", "not_checked")


def same_suite(results: Results) -> bool:
    """Whether this suite has the version of the one that made the run."""
    return results.header.suite.get("version") == __version__


def schema_lines(file: str, document: Any) -> Iterator[Checked]:
    """Yield whether a document is as results.schema.json describes it."""
    problems = _against_schema(document)
    yield from (fault(file, each) for each in problems)
    if not problems:
        yield holds(file, f"is as {SCHEMA} says")


def unsound(results: Results) -> str:
    """Return why results are none that a run can come to, empty if they are.

    What somebody changed may hold anything; nothing else of it is looked at then.
    """
    try:
        problems = _against_schema(loaded(bytes_of(results)))
        valid_until(results)
    except MALFORMED as problem:
        return f"holds no results: {problem}"
    return "; ".join(problems)


def _against_schema(document: Any) -> list[str]:
    try:
        found = list(islice(schema().iter_errors(document), 3))
    except ValueError as problem:  # half of a character, for example
        return [f"cannot be compared with the schema: {problem}"]
    return [
        f"{''.join(f'/{part}' for part in each.instance_path) or '/'} "
        f"is not as the schema says: {_start(each.message)}"
        for each in found
    ]


def suite_lines(file: str, results: Results) -> Iterator[Checked]:
    """Yield whether this suite can judge the run, and whether its requirements are the suite's."""
    if not same_suite(results):
        made = results.header.suite.get("version")
        yield limit("suite", f"suite {made} made it, and this one is {__version__}: use that one")
        return
    yield holds("suite", f"suite {__version__} made it, as this one is")
    known = {each.id: each for each in Register.load()}
    rows = {row.id: row for row in results.requirements}
    changed = [
        f"the {name} of {id_} is not that of suite {__version__}"
        for id_ in known.keys() & rows.keys()
        for name in REGISTERED
        if getattr(rows[id_], name) != getattr(known[id_], name)
    ]
    changed += [f"{id_} is missing" for id_ in known.keys() - rows.keys()]
    changed += [f"{id_} is no requirement of the suite" for id_ in rows.keys() - known.keys()]
    if changed:
        yield fault(file, "; ".join(sorted(changed)[:3]))
    else:
        yield holds("requirements", f"all {len(rows)} are those of the suite")


def contract_lines(results: Results) -> Iterator[Checked]:
    """Yield which contracts are not the suite's: by another one, other answers conform."""
    documents = results.header.contract.get("documents")
    for each in documents if isinstance(documents, list) else ():
        if isinstance(each, dict) and each.get("source") == "given":
            text = f"{each.get('service')} was compared with a file of the operator"
            yield note("contract", f"{text}: {each.get('file')}, SHA-256 {each.get('sha256')}")


def rehearsal_lines(file: str, results: Results) -> Iterator[Checked]:
    """Yield whether the run is a rehearsal, or hides that it is one."""
    header = results.header
    if header.rehearsal is not None:
        yield limit("rehearsal", f"it is a rehearsal on {header.rehearsal.description}")
        return
    settings = header.profile.get("settings")
    settings = settings if isinstance(settings, dict) else {}
    for address in (header.target["base_url"], str(settings.get("base_url", ""))):
        if address and on_this_machine(address):
            text = f"it hides that it is a rehearsal: the address of its target is {address}"
            yield fault(file, text)
            return
    if settings.get("clock_url"):
        yield fault(file, "it hides that it is a rehearsal: the clock of its target can be moved")
    else:
        yield holds("rehearsal", "it is none")


def standing_lines(results: Results, today: date) -> Iterator[Checked]:
    """Yield why the run certifies nothing, or nothing on that day."""
    if not results.complete:
        yield limit("run", "it did not come to its end")
    if results.header.partial:
        yield limit("run", "only a part of the suite ran")
    if results.settle:
        yield limit("run", f"it is open, to be settled {results.settle_window}")
    if results.verdict not in PASSING:
        yield limit("verdict", f"it is {results.verdict}")
    unjudged = [
        row.id for row in results.binding if row.verdict is None and not row.not_checked
    ]  # else a check that was left out would look like one that passed
    if unjudged:
        more = f" and {len(unjudged) - NAMED} more" if len(unjudged) > NAMED else ""
        named = ", ".join(unjudged[:NAMED])
        yield limit("requirements", f"no check judged {named}{more}, which bind")
    if results.stale_waivers:
        yield limit("waivers", f"{len(results.stale_waivers)} must be removed or renewed")
    yield from _expiry(results, today)


def _expiry(results: Results, today: date) -> Iterator[Checked]:
    until = valid_until(results)
    if until is None:
        return
    if until < today:
        yield limit("expiry", f"it was valid until {until}, and today is {today}")
    elif date.fromisoformat(results.finished[:10]) > today + timedelta(days=1):
        yield limit("expiry", f"it ended on {results.finished[:10]}, and today is {today}")
    else:
        yield holds("expiry", f"it is valid until {until}")


def _start(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:200]}..."
