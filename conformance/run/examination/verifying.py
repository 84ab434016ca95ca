"""Examines whatever is given: the folder of a run, a certificate, or a pack. Needs no network."""

import tempfile
from datetime import date
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from conformance.core.errors import SetupError
from conformance.core.foreign_files import read_bytes
from conformance.report.certificate import FILE as CERTIFICATE
from conformance.results.attestation.pack import unpack
from conformance.results.attestation.signing import sign
from conformance.results.manifest import ATTESTATION
from conformance.results.manifest import FILE as MANIFEST
from conformance.results.reading import JOURNAL, RESULTS
from conformance.run.examination.lone_page import examine_page
from conformance.run.examination.proof import Bearing, Proof
from conformance.run.examination.run_folder import examine_folder

GZIP: Final = b"\x1f\x8b"


class NotExaminable(SetupError):
    """What is given is no run, no certificate and no pack; or it was changed, and is not signed."""


def examine(path: Path, *, key: Ed25519PublicKey | None = None, today: date) -> Proof:
    """Examine a run, a certificate or a pack, as of a day; SetupError if it is none of them.

    `key` is the public key with which it must be signed, if any.
    """
    if path.is_dir():
        if _is_run(path):
            return examine_folder(path, str(path), key=key, today=today)
        if (path / CERTIFICATE).is_file():
            return examine(path / CERTIFICATE, key=key, today=today)
        raise NotExaminable(f"{path} holds no run: it has no {JOURNAL}")
    with path.open("rb") as file:
        begin = file.read(len(GZIP))
    if begin == GZIP:
        with tempfile.TemporaryDirectory(prefix="bbps-verify-") as home:
            return examine_folder(unpack(path, Path(home)), str(path), key=key, today=today)
    if path.name == CERTIFICATE and _is_run(path.parent):
        return examine_folder(path.parent, str(path), key=key, today=today)
    text = read_bytes(path).decode("utf-8", "replace")
    if "<html" not in text:
        raise NotExaminable(
            f"{path} is no certificate and no pack of a run",
            remedy="give a run, certificate.html, or what `pack` wrote",
        )
    return examine_page(path, text, key=key, today=today)


def _is_run(folder: Path) -> bool:
    """Whether a folder holds more of a run than its page: then nothing of it may be missing."""
    return any((folder / name).is_file() for name in (JOURNAL, RESULTS, MANIFEST))


def attest(folder: Path, key: Ed25519PrivateKey, *, today: date) -> Path:
    """Sign a run that was closed, as attestation.json; NotExaminable if it was changed; OSError.

    An attestation that is there already is replaced.
    """
    examination = examine_folder(folder, str(folder), key=None, today=today)
    faults = [each for each in examination.of(Bearing.FAULT) if each.subject != ATTESTATION]
    results = examination.results
    if faults or results is None or not results.complete:
        named = "; ".join(f"{each.subject}: {each.text}" for each in faults[:3])
        raise NotExaminable(
            f"{folder}: is not signed, because it is not a whole run as it was written",
            cause=named or "it did not come to its end",
        )
    return sign(folder, results, key)
