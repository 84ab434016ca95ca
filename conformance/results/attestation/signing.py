"""Signs a run as attestation.json, and reads what was signed."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from conformance.core.json_text import loaded
from conformance.results.attestation.envelope import Envelope, EnvelopeProblem, opened, signed
from conformance.results.attestation.statement import PREDICATE_TYPE, TYPE, statement_of
from conformance.results.manifest import ALGORITHM, ATTESTATION, FILE, checksum, checksums
from conformance.results.model import Results

LARGEST: Final = 16 * 1024 * 1024  # bytes of an envelope


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """What attestation.json says: name -> SHA-256 of each file, and what the run came to."""

    envelope: Envelope
    files: Mapping[str, str]
    predicate: Any


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


def attestation_of(path: Path) -> Attestation:
    """Read attestation.json, whoever signed it; EnvelopeProblem if it is none, OSError."""
    if path.stat().st_size > LARGEST:
        raise EnvelopeProblem("it is too large for a statement")
    envelope = opened(path.read_bytes())
    try:
        statement = loaded(envelope.payload)
        kinds = statement["_type"], statement["predicateType"]
        files = {str(e["name"]): str(e["digest"][ALGORITHM]) for e in statement["subject"]}
        predicate = statement["predicate"]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise EnvelopeProblem("it is signed, but no statement of in-toto") from None
    if kinds != (TYPE, PREDICATE_TYPE):
        raise EnvelopeProblem(f"it is a statement of another kind: {', '.join(map(str, kinds))}")
    return Attestation(envelope=envelope, files=files, predicate=predicate)
