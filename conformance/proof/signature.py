"""Signs a run as attestation.json, and finds out whether such a signature holds."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from conformance.core.json_text import loaded
from conformance.proof.envelope import Envelope, EnvelopeProblem, opened, signed
from conformance.proof.examination import SIGNATURE, Checked, fault, holds, note
from conformance.proof.keys import id_of
from conformance.proof.standing import same_suite
from conformance.proof.statement import PREDICATE_TYPE, TYPE, predicate_of, statement_of
from conformance.results.manifest import ALGORITHM, ATTESTATION, FILE, checksum, checksums
from conformance.results.model import Results

SHOWN: Final = 5  # differences that are named
LARGEST: Final = 16 * 1024 * 1024  # bytes of an envelope


def sign(folder: Path, results: Results, key: Ed25519PrivateKey) -> Path:
    """Write attestation.json: a signed statement on every file of the run; OSError."""
    path = folder / ATTESTATION
    envelope = signed(statement_of(results, files_of(folder)), key)
    path.write_text(envelope.text, encoding="utf-8")
    return path


def files_of(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file that a statement names: the manifest is one of them."""
    path = folder / FILE
    return checksums(folder) | ({FILE: checksum(path)} if path.is_file() else {})


def signature_lines(
    folder: Path,
    results: Results | None,
    files: Mapping[str, str],
    key: Ed25519PublicKey | None,
    *,
    whole: bool = True,
) -> Iterator[Checked]:
    """Yield whether the attestation in a folder is of these files, and signed with a key.

    `whole` says that the statement must name no other file.
    """
    path = folder / ATTESTATION
    if not path.is_file():
        missing = "is missing, so nobody has signed this run"
        yield (
            note(SIGNATURE, "the run is not signed") if key is None else fault(ATTESTATION, missing)
        )
        return
    try:
        envelope, statement = _read(path)
    except (EnvelopeProblem, OSError) as problem:
        yield fault(ATTESTATION, str(problem))
        return
    differing = list(_differing(statement, results, files, whole=whole))
    yield from (fault(ATTESTATION, each) for each in differing[:SHOWN])
    if len(differing) > SHOWN:
        yield fault(ATTESTATION, f"and {len(differing) - SHOWN} more differences")
    if not differing:
        yield holds(ATTESTATION, "its statement is on this run, as it is now")
    yield _signature(envelope, key)


def _signature(envelope: Envelope, key: Ed25519PublicKey | None) -> Checked:
    if key is None:
        text = f"signed with the key {envelope.names}, as it says; give --key FILE to check it"
        return note(SIGNATURE, text)
    id_ = id_of(key)
    if not envelope.signed_by(key):
        if id_ in envelope.names:
            return fault(ATTESTATION, f"its signature with the key {id_} does not hold")
        return fault(ATTESTATION, f"it is signed with the key {envelope.names}, not with {id_}")
    if envelope.names != id_:
        return fault(ATTESTATION, f"it names the key {envelope.names}, and the key {id_} signed it")
    return holds(SIGNATURE, f"signed with the key {id_}")


def _read(path: Path) -> tuple[Envelope, dict[str, Any]]:
    if path.stat().st_size > LARGEST:
        raise EnvelopeProblem("it is too large for a statement")
    envelope = opened(path.read_bytes())
    try:
        statement = loaded(envelope.payload)
        kinds = statement["_type"], statement["predicateType"]
        subject = {str(e["name"]): str(e["digest"][ALGORITHM]) for e in statement["subject"]}
        predicate = statement["predicate"]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise EnvelopeProblem("it is signed, but no statement of in-toto") from None
    if kinds != (TYPE, PREDICATE_TYPE):
        raise EnvelopeProblem(f"it is a statement of another kind: {', '.join(map(str, kinds))}")
    return envelope, {"files": subject, "predicate": predicate}


def _differing(
    statement: Mapping[str, Any], results: Results | None, files: Mapping[str, str], *, whole: bool
) -> Iterator[str]:
    """Yield in which points a statement is not on these files, or these results."""
    said = statement["files"]
    for name in sorted(files.keys() & said.keys()):
        if said[name] != files[name]:
            yield f"its statement is on another {name}"
    for name in sorted(files.keys() - said.keys()):
        yield f"its statement does not name {name}"
    if whole:
        yield from (
            f"its statement names {n}, which is missing" for n in sorted(said.keys() - files)
        )
    if results is not None and same_suite(results):
        now, then = predicate_of(results), statement["predicate"]
        if not isinstance(then, dict) or loaded(json.dumps(now)) != then:
            name = next(
                (n for n in now if not isinstance(then, dict) or then.get(n) != now[n]), "it"
            )
            yield f"its statement says something else of the run than results.json: {name}"
