"""DSSE and Ed25519 as their specifications say, by known answers."""

import base64
import json

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from conformance.results.attestation.envelope import EnvelopeProblem, opened, pae, signed

# RFC 8032, section 7.1, TEST 2.
SEED = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"
PUBLIC = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
SIGNATURE = (
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


def test_what_is_signed_is_as_the_protocol_says() -> None:
    """The example of protocol.md, and lengths in bytes."""
    example = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert pae("http://example.com/HelloWorld", b"hello world") == example
    assert pae("", b"") == b"DSSEv1 0  0 "
    assert pae("é", "₹".encode()) == "DSSEv1 2 é 3 ₹".encode()


def test_signatures_are_those_of_rfc_8032() -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(SEED))
    assert key.public_key().public_bytes_raw().hex() == PUBLIC
    assert key.sign(b"\x72").hex() == SIGNATURE
    key.public_key().verify(bytes.fromhex(SIGNATURE), b"\x72")
    with pytest.raises(InvalidSignature):
        key.public_key().verify(bytes.fromhex(SIGNATURE), b"\x73")


def test_an_envelope_is_read_as_it_was_written() -> None:
    key, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    envelope = signed(b"{}", key)
    again = opened(envelope.text.encode())
    assert again == envelope
    assert again.signed_by(key.public_key())
    assert not again.signed_by(other.public_key())
    document = json.loads(envelope.text)
    assert document["payloadType"] == "application/vnd.in-toto+json"
    assert base64.b64decode(document["payload"]) == b"{}"
    document["payload"] = base64.b64encode(b"[]").decode()
    changed = opened((json.dumps(document, indent=1) + "\n").encode())
    assert not changed.signed_by(key.public_key())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no signed statement"),
        (b"[]", "no signed statement"),
        (b"{}", "lacks 'payloadType'"),
        (b'{"payloadType": "text/plain"}', "holds 'text/plain'"),
        (b'{"payloadType": "application/vnd.in-toto+json", "payload": "?"}', "no signed statement"),
        (
            b'{"payloadType": "application/vnd.in-toto+json", "payload": "", "signatures": []}',
            "has no signature",
        ),
        (b"\xff\xfe", "no signed statement"),
    ],
)
def test_other_texts_are_no_envelope(content: bytes, reason: str) -> None:
    with pytest.raises(EnvelopeProblem, match=reason):
        opened(content)
