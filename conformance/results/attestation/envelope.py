"""A signed statement as a DSSE envelope (Dead Simple Signing Envelope, protocol version 1.0.0).

https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
"""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from conformance.core.errors import SetupError
from conformance.core.json_text import loaded
from conformance.results.attestation.keys import id_of

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"


class EnvelopeProblem(SetupError):
    """A text is no envelope of the kind that `report --attest` writes; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A statement, as the bytes that were signed, with signatures: id of the key, signature.

    The ids are not signed: they only name the key to look for.
    """

    payload: bytes
    signatures: tuple[tuple[str, bytes], ...]

    def signed_by(self, key: Ed25519PublicKey) -> bool:
        """Whether one of the signatures is by a key."""
        return any(_fits(key, signature, self.payload) for _, signature in self.signatures)

    @property
    def names(self) -> str:
        """The ids of the keys that claim to have signed."""
        return ", ".join(name for name, _ in self.signatures)

    @property
    def text(self) -> str:
        """The envelope as its file holds it."""
        rows = [{"keyid": name, "sig": _written(sig)} for name, sig in self.signatures]
        document = {
            "payloadType": PAYLOAD_TYPE, "payload": _written(self.payload), "signatures": rows,
        }  # fmt: skip
        return json.dumps(document, indent=1) + "\n"


def pae(kind: str, body: bytes) -> bytes:
    """Return what is signed of a body of some type (pre-authentication encoding)."""
    name = kind.encode()
    return b"DSSEv1 %d %b %d %b" % (len(name), name, len(body), body)


def signed(payload: bytes, key: Ed25519PrivateKey) -> Envelope:
    """Sign a statement."""
    signature = key.sign(pae(PAYLOAD_TYPE, payload))
    return Envelope(payload=payload, signatures=((id_of(key.public_key()), signature),))


def opened(content: bytes) -> Envelope:
    """Read an envelope; EnvelopeProblem. The signatures are not checked yet."""
    try:
        document = loaded(content)
        kind = document["payloadType"]
        if kind != PAYLOAD_TYPE:
            raise EnvelopeProblem(f"it holds {kind!r} instead of a statement of in-toto")
        envelope = Envelope(
            payload=_read(document["payload"]),
            signatures=tuple(
                (str(e.get("keyid", "")), _read(e["sig"])) for e in document["signatures"]
            ),
        )
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as problem:
        what = f"it lacks {problem}" if isinstance(problem, KeyError) else str(problem)
        raise EnvelopeProblem(f"it is no signed statement: {what}") from None
    if not envelope.signatures:
        raise EnvelopeProblem("it has no signature")
    if envelope.text.encode() != content:
        raise EnvelopeProblem("it is not as `report --attest` wrote it")
    return envelope


def _fits(key: Ed25519PublicKey, signature: bytes, payload: bytes) -> bool:
    try:
        key.verify(signature, pae(PAYLOAD_TYPE, payload))
    except InvalidSignature:
        return False
    return True


def _written(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _read(text: Any) -> bytes:
    return base64.b64decode(text, validate=True)
