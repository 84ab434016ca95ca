"""Examines the folder of a run: everything in it must follow from its journal and exchanges."""

import tempfile
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from jinja2 import TemplateError

from conformance.core.errors import ConformanceError
from conformance.core.json_text import loaded
from conformance.core.wording import plural
from conformance.profile.this_machine import on_this_machine
from conformance.report.carried import NothingCarried, data_of, unpacked
from conformance.report.certificate import FILE as CERTIFICATE
from conformance.report.certificate import chosen, page_of
from conformance.report.writing import write_all
from conformance.results.attestation.signing import files_of
from conformance.results.exchange_store import FILE as EXCHANGES
from conformance.results.exchange_store import ExchangeStore
from conformance.results.lock import LOCK
from conformance.results.manifest import ATTESTATION, ManifestProblem, verify
from conformance.results.manifest import FILE as MANIFEST
from conformance.results.model import Results
from conformance.results.reading import (
    JOURNAL,
    MALFORMED,
    RESULTS,
    Recorded,
    exchanges_of,
    recorded,
)
from conformance.results.validity import bytes_of
from conformance.run.examination.proof import Checked, Proof, fault, holds, limit, note
from conformance.run.examination.signature import signature_lines
from conformance.run.examination.standing import (
    contract_lines,
    rehearsal_lines,
    same_suite,
    schema_lines,
    standing_lines,
    suite_lines,
    unsound,
)

# What a run writes as it goes; all else is made from it.
WRITTEN: Final = frozenset(
    {JOURNAL, EXCHANGES, "ledger.jsonl", RESULTS, MANIFEST, ATTESTATION, LOCK}
)
SHOWN: Final = 5  # places of a difference, or files, that are named
BROKEN: Final = (ConformanceError, TemplateError, OSError, *MALFORMED)


def examine_folder(folder: Path, what: str, *, key: Ed25519PublicKey | None, today: date) -> Proof:
    """Examine a run; `key` is the one with which it must be signed, if any."""
    lines: list[Checked] = []
    run: Recorded | None = None
    try:
        run = recorded(folder)
        if reason := unsound(run.results):
            lines.append(fault(JOURNAL, reason))
            run = None
    except ConformanceError as problem:
        lines.append(fault(JOURNAL, str(problem)))
    results = run.results if run else None
    if results is None or results.complete:
        lines += _manifest(folder)
    lines += _results(folder, results)
    if run is not None and results is not None:
        lines += _plan(run)
        lines += suite_lines(JOURNAL, results)
        lines += contract_lines(results)
        lines += rehearsal_lines(JOURNAL, results)
        lines += _exchanges_and_reports(folder, run)
        lines += standing_lines(results, today)
    lines += signature_lines(folder, results, files_of(folder), key)
    return Proof(what=what, results=results, lines=tuple(lines))


def _manifest(folder: Path) -> Iterator[Checked]:
    try:
        faults = verify(folder)
    except ManifestProblem as problem:
        yield fault(MANIFEST, str(problem))
        return
    for each in faults[:SHOWN]:
        name, _, reason = each.rpartition(": ")
        yield fault(name, f"{reason} since {MANIFEST} was written")
    if len(faults) > SHOWN:
        yield fault(MANIFEST, f"{len(faults) - SHOWN} more files were changed, added or removed")
    if not faults:
        yield holds(MANIFEST, "all files are as it says")


def _results(folder: Path, results: Results | None) -> Iterator[Checked]:
    """Yield whether results.json is what the findings of the journal come to."""
    try:
        content = (folder / RESULTS).read_bytes()
        document = loaded(content)
    except (OSError, ValueError) as problem:
        yield fault(RESULTS, f"cannot be read: {problem}")
        return
    yield from schema_lines(RESULTS, document)
    if results is None:
        return
    if content == bytes_of(results):
        found = plural(len(results.checks), "finding")
        yield holds("verdict", f"{results.verdict}: it follows, as all of {RESULTS}, from {found}")
    elif not results.complete:
        yield limit(RESULTS, "the run was not closed, and this may be behind its journal")
    elif not same_suite(results):
        yield limit(RESULTS, "another version of the suite made it, so it is not compared")
    else:
        expected = loaded(bytes_of(results))
        differing = list(islice(differences(expected, document), SHOWN))
        for place, must, is_ in differing:
            yield fault(RESULTS, f"{place} is {_short(is_)}; the findings give {_short(must)}")
        if not differing:
            yield fault(RESULTS, "is not written as the suite writes it")


def differences(expected: Any, found: Any, place: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield where two documents differ: JSON pointer, what must stand there, what does."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for name in [*expected, *(each for each in found if each not in expected)]:
            yield from differences(expected.get(name), found.get(name), f"{place}/{name}")
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for number, (one, other) in enumerate(zip(expected, found, strict=True)):
            yield from differences(one, other, f"{place}/{number}")
    elif isinstance(expected, list) and isinstance(found, list):
        yield place, f"a list of {len(expected)}", f"a list of {len(found)}"
    elif expected != found or type(expected) is not type(found):
        yield place or "/", expected, found


def _plan(run: Recorded) -> Iterator[Checked]:
    results = run.results
    text = f"{results.planned} checks planned, {results.executed} executed"
    if results.problems:
        yield limit("plan", f"{text}: {'; '.join(results.problems)}")
    else:
        yield holds("plan", text)


def _exchanges_and_reports(folder: Path, run: Recorded) -> Iterator[Checked]:
    try:
        exchanges = exchanges_of(folder)
        yield from _exchanges(run, exchanges)
    except BROKEN as problem:
        yield fault(EXCHANGES, str(problem))
        return
    results = run.results
    if not results.complete:
        yield note("reports", "the run was not closed, so there is nothing to compare them with")
    elif not same_suite(results):
        yield note("reports", "another version of the suite made them, so they are not compared")
    else:
        try:
            yield from _reports(folder, results, exchanges)
        except BROKEN as problem:
            yield fault(JOURNAL, f"no report can be made from it: {problem}")


def _exchanges(run: Recorded, exchanges: ExchangeStore) -> Iterator[Checked]:
    """Yield whether the evidence is there, and of the target that the run names."""
    # An empty id is of a check that cites the last exchange of another, which had none.
    cited = {id_ for row in run.results.checks for id_ in row.exchanges if id_}
    missing = sorted(id_ for id_ in cited if exchanges.get(id_) is None)
    if missing:
        yield fault(EXCHANGES, f"lacks {', '.join(missing[:SHOWN])}, which findings cite")
    if run.exchanges is not None and run.exchanges != len(exchanges):
        yield fault(EXCHANGES, f"has {len(exchanges)} exchanges; the run counted {run.exchanges}")
    elif not missing:
        yield holds("evidence", f"{len(exchanges)} exchanges, with all that findings cite")
    header = run.results.header
    if header.rehearsal is None and len(exchanges):
        addresses = [urlsplit(each.url).netloc for each in exchanges]
        here = sum(on_this_machine(f"http://{each}") for each in addresses)
        host = urlsplit(header.target["base_url"]).hostname
        if here * 2 > len(addresses):
            yield fault(EXCHANGES, f"{here} exchanges went to this machine: it was a rehearsal")
        elif not any(urlsplit(f"//{each}").hostname == host for each in addresses):
            yield fault(EXCHANGES, f"no exchange went to {host}, the target that the run names")


def _reports(folder: Path, results: Results, exchanges: ExchangeStore) -> Iterator[Checked]:
    """Yield whether each report is the one that the results give: all are made once more."""
    with tempfile.TemporaryDirectory(prefix="bbps-verify-") as home:
        again = Path(home)
        write_all(again, results, exchanges)
        made = {each.relative_to(again).as_posix() for each in again.rglob("*") if each.is_file()}
        differing = [
            name
            for name in sorted(made - WRITTEN - {CERTIFICATE})
            if not (folder / name).is_file()
            or (folder / name).read_bytes() != (again / name).read_bytes()
        ]
    present = {e.relative_to(folder).as_posix() for e in folder.rglob("*") if e.is_file()}
    yield from (fault(name, "is not what the results give") for name in differing[:SHOWN])
    for name in sorted(present - made - WRITTEN - {CERTIFICATE})[:SHOWN]:
        yield fault(name, "is no file of a run")
    if not differing:
        yield holds("reports", f"{len(made)} files are what the results give")
    if CERTIFICATE in made or CERTIFICATE in present:
        yield from _certificate(folder / CERTIFICATE, results, exchanges)


def _certificate(path: Path, results: Results, exchanges: ExchangeStore) -> Iterator[Checked]:
    if not results.certifiable:
        yield fault(CERTIFICATE, "is there, and the run gets none")
        return
    try:
        text = path.read_bytes().decode()
        data = data_of(text)
        carried, evidence = unpacked(data)
    except (NothingCarried, OSError, ValueError) as problem:
        yield fault(CERTIFICATE, str(problem))
        return
    if carried != results or evidence != chosen(results, exchanges):
        yield fault(CERTIFICATE, "carries the data of other results")
    yield page_line(text, page_of(results, chosen(results, exchanges), data))


def page_line(text: str, made: str) -> Checked:
    """Return whether a page is the one that was made once more from its results."""
    if text == made:
        return holds(CERTIFICATE, "shows what the results give, and nothing else")
    for number, (shown, must) in enumerate(
        zip(text.split("\n"), made.split("\n"), strict=False), start=1
    ):
        if shown != must:
            where = f"line {number} shows {_short(shown.strip())}"
            return fault(CERTIFICATE, f"{where}; the results give {_short(must.strip())}")
    return fault(CERTIFICATE, "has other lines than the results give")


def _short(value: Any) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 120 else f"{text[:120]}..."
