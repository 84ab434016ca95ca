"""Keys: only their owner reads them, and none replaces another."""

import stat
from pathlib import Path

import pytest

from conformance.results.attestation.keys import KeyProblem, id_of, new_key, private_key, public_key


def test_a_key_is_private_and_never_replaced(tmp_path: Path) -> None:
    private, public, id_ = new_key(tmp_path / "city")
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert public.read_text().startswith("-----BEGIN PUBLIC KEY-----")
    assert id_of(public_key(public)) == id_of(private_key(private).public_key()) == id_
    before = private.read_bytes()
    with pytest.raises(KeyProblem, match="exists"):
        new_key(tmp_path / "city")
    private.unlink()
    with pytest.raises(KeyProblem, match="exists"):
        new_key(tmp_path / "city")
    assert not private.exists()
    assert before not in public.read_bytes()


def test_a_file_that_holds_another_key_is_named(tmp_path: Path) -> None:
    private, public, _ = new_key(tmp_path / "city")
    with pytest.raises(KeyProblem, match="is a private key"):
        public_key(private)
    with pytest.raises(KeyProblem, match="no private key"):
        private_key(public)
    (tmp_path / "text").write_text("hello")
    for read in (private_key, public_key):
        with pytest.raises(KeyProblem, match="text is no"):
            read(tmp_path / "text")
