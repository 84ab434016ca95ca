"""What is signed of a run: an in-toto Statement v1 with the predicate test-result v0.1.

https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from conformance.core.verdicts import Level, RunVerdict, Verdict
from conformance.results.manifest import ALGORITHM
from conformance.results.model import RequirementRow, Results
from conformance.results.validity import digest_of, valid_until

TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE: Final = "https://in-toto.io/attestation/test-result/v0.1"
GRAVE: Final = frozenset({RunVerdict.NON_CONFORMANT, RunVerdict.ERROR})


def statement_of(results: Results, files: Mapping[str, str]) -> bytes:
    """Return the statement on a run: name -> SHA-256 of each file, and what the run came to."""
    subject = [{"name": name, "digest": {ALGORITHM: files[name]}} for name in sorted(files)]
    document = {
        "_type": TYPE,
        "subject": subject,
        "predicateType": PREDICATE_TYPE,
        "predicate": predicate_of(results),
    }
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def predicate_of(results: Results) -> dict[str, Any]:
    """Return what a run came to, by requirement; only a certificate is PASSED."""
    words = ("passedTests", "warnedTests", "failedTests")
    tests: dict[str, list[str]] = {word: [] for word in words}
    for row in results.requirements:
        if word := _word(row):
            tests[word].append(row.id)
    return {"result": _result(results), "configuration": _configuration(results), **tests}


def _result(results: Results) -> str:
    """Return the result in a word: who reads no more must take no rehearsal for a certificate."""
    if results.verdict in GRAVE:
        return "FAILED"
    certified = results.certifiable and not results.header.rehearsal and not results.settle
    return "PASSED" if certified and results.verdict is RunVerdict.CONFORMANT else "WARNED"


def _word(row: RequirementRow) -> str:
    match row.verdict:
        case Verdict.PASSED:
            return "passedTests"
        case Verdict.FAILED if row.level is Level.MUST:
            return "failedTests"
        case Verdict.ERROR:
            return "failedTests"
        case None | Verdict.NOT_APPLICABLE:
            return ""
        case _:
            return "warnedTests"


def _configuration(results: Results) -> list[dict[str, Any]]:
    """Return what the run was made with, as resource descriptors."""
    header = results.header
    until = valid_until(results)
    run = {
        "name": header.run,
        "digest": {ALGORITHM: digest_of(results)},
        "annotations": {
            "verdict": results.verdict,
            "rehearsal": header.rehearsal.because if header.rehearsal else "",
            "target": header.target["name"],
            "address": header.target["base_url"],
            "fingerprint": header.target["fingerprint"],
            "finished": results.finished,
            "validUntil": until.isoformat() if until else "",
        },
    }
    suite = {
        "name": header.suite["name"],
        "uri": f"pkg:generic/{header.suite['name']}@{header.suite['version']}",
    }
    contracts = [
        {"name": each["service"], "digest": {ALGORITHM: each["sha256"]}}
        for each in header.contract.get("documents", ())
        if each.get("sha256")
    ]
    return [run, suite, *contracts]
