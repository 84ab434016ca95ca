"""Bytes become text as the bytes themselves show, then as was declared, and without loss."""

import pytest

from conformance.core.charsets import text_of, writable

TEXT = '{"name": "J\u00fcrgen \u20b9 \u0905"}'


@pytest.mark.parametrize("declared", ["", "utf-8", "iso-8859-1", "utf-16", "none-such", "hex"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le"])
def test_the_bytes_show_their_encoding(encoding: str, declared: str) -> None:
    assert text_of(TEXT.encode(encoding), declared) == (TEXT, "")


@pytest.mark.parametrize("encoding", ["utf-16-be", "utf-16-le", "utf-32-be", "utf-32-le"])
def test_zero_bytes_show_an_encoding_without_a_mark(encoding: str) -> None:
    assert text_of(TEXT.encode(encoding)) == (TEXT, "")


@pytest.mark.parametrize("declared", ["ISO-8859-1", "'latin1'", '"windows-1252"'])
def test_what_is_no_utf_8_is_what_was_declared(declared: str) -> None:
    assert text_of("J\u00fcrgen".encode("latin-1"), declared) == ("J\u00fcrgen", "")


@pytest.mark.parametrize("declared", ["", "utf-8", "none-such", "zip", "us-ascii", "\0"])
def test_what_is_no_text_is_shown_byte_by_byte(declared: str) -> None:
    text, problem = text_of(b'{"a": "\xfc"}', declared)
    assert text == '{"a": "\\xfc"}'
    assert problem == "byte 8 is not text in UTF-8"


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"\0", b"\xef\xbb\xbf", b"\xff\xfe\0", b"a"])
def test_few_bytes_are_read_too(content: bytes) -> None:
    text, _ = text_of(content)
    assert len(text) <= 9


def test_half_of_a_character_becomes_its_escape() -> None:
    assert writable("a \ud83d \u0905") == "a \\ud83d \u0905"
