"""Keys to sign runs with: Ed25519, in PEM files. Only `new_key` writes a private one."""

import hashlib
import os
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from conformance.core.errors import SetupError
from conformance.core.foreign_files import read_bytes

PRIVATE: Final = ".key"
PUBLIC: Final = ".pub"
SECRET_MARK: Final = b"PRIVATE KEY-----"
UNFIT: Final = (ValueError, TypeError, UnsupportedAlgorithm)


class KeyProblem(SetupError):
    """A file holds no key of the kind that is needed, or would be replaced by a new one."""


def new_key(name: Path) -> tuple[Path, Path, str]:
    """Make a key; return the files of its private and public part, and its id.

    Only the owner may read the private one. KeyProblem where either file exists; OSError.
    """
    private, public = (name.with_name(name.name + suffix) for suffix in (PRIVATE, PUBLIC))
    for path in (private, public):
        if path.exists() or path.is_symlink():
            raise KeyProblem(f"{path} exists", remedy="choose another name, to keep that key")
    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _create(private, text, 0o600)
    _create(public, pem_of(key.public_key()), 0o644)
    return private, public, id_of(key.public_key())


def private_key(path: Path) -> Ed25519PrivateKey:
    """Return the private key in a file; KeyProblem, FileError."""
    try:
        key = load_pem_private_key(read_bytes(path), password=None)
    except UNFIT:
        raise KeyProblem(
            f"{path} is no private key without a password, in PEM", remedy="make one: `keys new`"
        ) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyProblem(f"{path} is no Ed25519 key", remedy="make one: `keys new`")
    return key


def public_key(path: Path) -> Ed25519PublicKey:
    """Return the public key in a file; KeyProblem, FileError."""
    content = read_bytes(path)
    if SECRET_MARK in content:
        raise KeyProblem(
            f"{path} is a private key, which nobody needs to verify a run",
            remedy=f"give its public part, the file that ends with {PUBLIC}",
        )
    try:
        key = load_pem_public_key(content)
    except UNFIT:
        raise KeyProblem(
            f"{path} is no public key in PEM", remedy="get it from its owner"
        ) from None
    if not isinstance(key, Ed25519PublicKey):
        raise KeyProblem(f"{path} is no Ed25519 key", remedy="get it from its owner")
    return key


def id_of(key: Ed25519PublicKey) -> str:
    """Return the id of a key: the SHA-256 of its public part in DER."""
    content = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(content).hexdigest()


def pem_of(key: Ed25519PublicKey) -> bytes:
    """Return a public key as a PEM file."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _create(path: Path, content: bytes, mode: int) -> None:
    """Write a new file; never into one that appeared meanwhile."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
