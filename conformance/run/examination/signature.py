"""Whether the signature of a run holds, and is on these files."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from conformance.core.json_text import loaded
from conformance.results.attestation.envelope import Envelope, EnvelopeProblem
from conformance.results.attestation.keys import id_of
from conformance.results.attestation.signing import Attestation, attestation_of
from conformance.results.attestation.statement import predicate_of
from conformance.results.manifest import ATTESTATION
from conformance.results.model import Results
from conformance.run.examination.proof import SIGNATURE, Checked, fault, holds, note
from conformance.run.examination.standing import same_suite

SHOWN: Final = 5  # differences that are named


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
        attestation = attestation_of(path)
    except (EnvelopeProblem, OSError) as problem:
        yield fault(ATTESTATION, str(problem))
        return
    differing = list(_differing(attestation, results, files, whole=whole))
    yield from (fault(ATTESTATION, each) for each in differing[:SHOWN])
    if len(differing) > SHOWN:
        yield fault(ATTESTATION, f"and {len(differing) - SHOWN} more differences")
    if not differing:
        yield holds(ATTESTATION, "its statement is on this run, as it is now")
    yield _signature(attestation.envelope, key)


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


def _differing(
    attestation: Attestation, results: Results | None, files: Mapping[str, str], *, whole: bool
) -> Iterator[str]:
    """Yield in which points a statement is not on these files, or these results."""
    said = attestation.files
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
        now, then = predicate_of(results), attestation.predicate
        if not isinstance(then, dict) or loaded(json.dumps(now)) != then:
            name = next(
                (n for n in now if not isinstance(then, dict) or then.get(n) != now[n]), "it"
            )
            yield f"its statement says something else of the run than results.json: {name}"
