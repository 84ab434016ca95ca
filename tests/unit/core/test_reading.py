"""The reader of foreign files: what it takes, what it refuses, and where it says the mistake is."""

import os
import socket
from decimal import Decimal
from pathlib import Path
from subprocess import Popen
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict

from conformance.core import foreign_files
from conformance.core.errors import ExitCode
from conformance.core.foreign_files import FileError, read, read_text
from conformance.core.nesting import DEEPEST
from conformance.core.parsing import MOST_VALUES
from conformance.core.shapes import shaped


def written(folder: Path, content: str | bytes, name: str = "a.yaml") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refusal(path: Path) -> str:
    with pytest.raises(FileError) as refused:
        read(path)
    assert refused.value.exit_code is ExitCode.SETUP
    assert str(refused.value).startswith(str(path))
    return str(refused.value).removeprefix(str(path))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", ["a.yaml", "a.json"])
def test_text_in_every_encoding_that_says_what_it_is(
    tmp_path: Path, name: str, encoding: str
) -> None:
    path = written(tmp_path, '{"city": "ਅੰਮ੍ਰਿਤਸਰ"}'.encode(encoding), name)
    assert read(path).value == {"city": "ਅੰਮ੍ਰਿਤਸਰ"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: 1\nb: \xff\n", ", line 2: byte 9 is not text in UTF-8; save the file as UTF-8"),
        (b"\xef\xbb\xbfa: \xe9\n", ", line 1: byte 7 is not text in UTF-8"),
        ("a: 1".encode("utf-16") + b"\x00", "is not text in UTF-16"),
    ],
)
def test_other_bytes_are_named(tmp_path: Path, content: bytes, message: str) -> None:
    assert message in refusal(written(tmp_path, content))


@pytest.mark.parametrize(
    ("content", "value", "lines"),
    [
        (rb'["\ud83d\ude00", "\\ud83d"]', ["\U0001f600", r"\ud83d"], ()),
        (b'["a",\n"\\ud83d", "\\uDE00\\ud83d"]', ["a", "\ufffd", "\ufffd\ufffd"], (2,)),
        (b'["\xe0\xa4",\n\n"caf\xe9"]', ["\ufffd", "caf\ufffd"], (1, 3)),
        (b'\xef\xbb\xbf["\xed\xa0\xbd"]', ["\ufffd"], (1,)),
        ('[\n"aZZ"]'.encode("utf-16").replace(b"Z\0Z\0", b"\0\xd8Z\0"), ["a\ufffdZ"], (2,)),
        ("[\"\\ud83d\"]".encode("utf-16"), ["\ufffd"], (1,)),
    ],
)  # fmt: skip
def test_half_of_a_character_is_mended(
    tmp_path: Path, content: bytes, value: Any, lines: tuple[int, ...]
) -> None:
    path = written(tmp_path, content, "a.json")
    file = read(path, mend=True)
    assert (file.value, file.mended) == (value, lines)
    if lines:
        refusal(path)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    assert refusal(tmp_path / "no.yaml").startswith(": cannot be read (No such file")
    assert refusal(tmp_path).startswith(": cannot be read (Is a directory")


def test_a_pipe_is_read_as_long_as_somebody_writes_to_it(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with Popen(["/bin/sh", "-c", '(echo x: y; echo z: 1) > "$0"', str(pipe)]):
        assert read(pipe).value == {"x": "y", "z": 1}


def test_what_nobody_writes_to_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign_files, "PATIENCE", 10)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert refusal(pipe) == (
        ": cannot be read (it is no plain file, and nobody writes to it); "
        "give the path of a readable file"
    )
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        assert refusal(tmp_path / "socket").startswith(": cannot be read (No such device")


YAML = {
    "yes": "yes", "No": "No", "off": "off", "2024-04-01": "2024-04-01", "12:30:00": "12:30:00",
    "1_000": "1_000", ".inf": ".inf", "'5'": "5", "!!str 5": "5",
    "true": True, "False": False, "~": None, "null": None, "": None,
    "010": 10, "0o17": 15, "0x1F": 31, "-3": -3,
    "100.10": Decimal("100.10"), "1e3": Decimal(1000), ".5": Decimal("0.5"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "value"), YAML.items())
def test_scalars_are_those_of_yaml_1_2(tmp_path: Path, text: str, value: Any) -> None:
    found = read(written(tmp_path, f"a: {text}\n")).value["a"]
    assert (found, type(found)) == (value, type(value))


def test_keys_are_texts(tmp_path: Path) -> None:
    assert read(written(tmp_path, "200: a\nno: b\n1.0: c\n")).value == {
        "200": "a", "no": "b", "1.0": "c",
    }  # fmt: skip


def test_aliases_and_merges(tmp_path: Path) -> None:
    text = "a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: {y: 4, <<: [*a, {z: 5}]}\nd: *a\n"
    assert read(written(tmp_path, text)).value == {
        "a": {"x": 1, "y": 2}, "b": {"x": 1, "y": 3}, "c": {"x": 1, "y": 4, "z": 5},
        "d": {"x": 1, "y": 2},
    }  # fmt: skip


def test_json_is_json(tmp_path: Path) -> None:
    text = '{\n\t"a\\"{": "\\ud83d\\ude00",\n\t"amount": 10.10\n}'
    file = read(written(tmp_path, text, "a.json"))
    assert file.value == {'a"{': "😀", "amount": Decimal("10.10")}
    assert file.line(["amount"]) == 3
    assert isinstance(read(file.path, number=float).value["amount"], float)


TWICE = {
    "YAML": ("a.yaml", "a:\n  b: 1\n  c: 2\n  b: 3\na: 4\n"),
    "JSON": ("a.json", '{"a":{\n"b": 1,\n"c": 2,\n"b": 3},\n"a": 4}'),
}


@pytest.mark.parametrize("kind", TWICE)
def test_every_key_that_stands_twice_is_named_with_both_lines(tmp_path: Path, kind: str) -> None:
    name, text = TWICE[kind]
    assert refusal(written(tmp_path, text, name)).splitlines() == [
        ": 2 mistakes:",
        "  - line 4: the key 'b' is given twice, first in line 2; keep one of the two",
        "  - line 5: the key 'a' is given twice, first in line 1; keep one of the two",
    ]


NINES = [
    f"{key}: &{key} [{', '.join([f'*{before}'] * 9)}]"
    for before, key in zip("abcdefg", "bcdefgh", strict=True)
]
REFUSED = {
    "alias bomb": ("a.yaml", "\n".join(["a: &a [1]", *NINES]), f"holds more than {MOST_VALUES}"),
    "alias in a circle": ("a.yaml", "a: &a\n  b: *a\n", ", line 2, column 6: the alias *a is not"),
    "alias to nothing": ("a.yaml", "a: *b\n", "the alias *b is not defined before this line"),
    "merge of a text": ("a.yaml", "a: &a x\nb: {<<: *a}\n", "<< merges mappings only"),
    "two documents": ("a.yaml", "a: 1\n---\nb: 2\n", ", line 2: a second document begins"),
    "key that is a list": ("a.yaml", "? [a]\n: b\n", "line 1, column 3: a key is not a text"),
    "tag": ("a.yaml", "a: !!python/name:os.system x\n", "is not supported"),
    "tabulator": ("a.yaml", "a:\n\tb: 1\n", ", line 2, column 1: not YAML: a tab stands in its in"),
    "control character": ("a.yaml", "a: 1\nb: \x07\n", ", line 2: the character U+0007"),
    "number that is none": ("a.yaml", "a: !!int x\n", "a number is too long or invalid"),
    "long number": ("a.yaml", f"a: {'9' * 5000}\n", "a number is too long or invalid"),
    "long number of JSON": ("a.json", f"[1,\n {'9' * 5000}]", ", line 2, column 2: a number is"),
    "huge exponent": ("a.json", '{"1e99999":\n1e9999999999999999999}', ", line 2, column 1: a num"),
    "deep YAML": ("a.yaml", "[" * 100_000, f"nested more than {DEEPEST} levels"),
    "deep JSON": ("a.json", "[" * 100_000 + "]" * 100_000, f"nested more than {DEEPEST} levels"),
    "rather deep JSON": ("a.json", "[" * 101 + "]" * 101, f"nested more than {DEEPEST} levels"),
    "deep by aliases": (
        "a.yaml", f"a: &a {'[' * 60}{']' * 60}\nb: {'[' * 60}*a{']' * 60}\n", ", line 2: is nested",
    ),
    "half a character": ("a.json", '{"\\ud83d\\ude00":\n"\\ud83d"}', ", line 2, column 1: a text"),
    "not a number": ("a.json", '{"a": "NaN",\n"b": NaN}', ", line 2, column 6: not JSON: NaN is"),
    "infinity": ("a.json", "[-Infinity]", "-Infinity is not a number"),
    "comma at the end": ("a.json", "[1,\n2,]", ", line 2, column"),
    "key twice, then the end": ("a.json", '[{"a": 1, "a": 2}', "not JSON: expecting"),
    "bracket left open": ("a.yaml", "a: 1\nb: [\n\n", ", line 2: not YAML: did not find"),
    "two values": ("a.json", "{} {}", "not JSON: extra data"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(tmp_path: Path, case: str) -> None:
    name, text, message = REFUSED[case]
    assert message in refusal(written(tmp_path, text, name))


def test_too_large_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.core.foreign_files.MOST_BYTES", 2)
    assert "is larger than" in refusal(written(tmp_path, "a: 1"))


def test_the_line_of_a_place_or_of_what_is_nearest(tmp_path: Path) -> None:
    file = read(written(tmp_path, "a:\n  - x\n  - y:\n      z: 1\nb: &b\n  c: 1\nd: *b\n"))
    places: list[tuple[list[str | int], int]] = [
        ([], 1), (["a"], 1), (["a", 1], 3), (["a", 1, "y", "z"], 4), (["a", 7], 1), (["d"], 7),
        (["d", "c"], 6),
    ]  # fmt: skip
    assert [(place, file.line(place)) for place, _ in places] == places


@pytest.mark.parametrize("text", ["", "# nothing\n", "- 1\n", "word\n", "7\n"])
def test_a_document_that_is_no_mapping(tmp_path: Path, text: str) -> None:
    with pytest.raises(FileError, match="where a mapping is expected; write one"):
        read(written(tmp_path, text)).mapping("write one")


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")

    rupees: Decimal = Decimal(0)
    count: int = 0
    names: tuple[str, ...] = ()
    choice: Literal["auto"] | tuple[str, ...] = "auto"


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str
    inner: Inner = Inner()
    by_name: dict[str, Inner] = {}


def test_mistakes_of_shape_have_line_value_and_remedy(tmp_path: Path) -> None:
    text = (
        "inner:\n  rupees: abc\n  count: 1.5\n  names:\n  - a\n  - 7\n"
        "by_name:\n  x: {ruppees: 1}\n  y: text\n  z: {choice: 8}\n"
    )
    with pytest.raises(FileError) as refused:
        shaped(read(written(tmp_path, text)), Outer)
    assert str(refused.value).splitlines()[1:] == [
        "  - line 1: title: is missing; add it",
        '  - line 2: inner.rupees: "abc" is not an amount in rupees; write for example 5000',
        "  - line 3: inner.count: 1.5 is not a whole number; write for example 3",
        "  - line 6: inner.names.1: 7 is not a text; put it in quotes",
        "  - line 8: by_name.x.ruppees: is not a known setting; did you mean rupees?",
        '  - line 9: by_name.y: "text" is not a mapping; '
        "write lines such as `name: value` below it",
        "  - line 10: by_name.z.choice: 8 is none of 'auto' and is not a list; "
        "write one of them, or write one line per item, each after a dash",
    ]


def test_a_single_mistake_is_one_line(tmp_path: Path) -> None:
    path = written(tmp_path, "title: x\ninner: {rupees: abc}\n", "profile.yaml")
    with pytest.raises(FileError) as refused:
        shaped(read(path), Outer)
    assert str(refused.value) == (
        f'{path}, line 2: inner.rupees: "abc" is not an amount in rupees; write for example 5000'
    )
    assert refused.value.remedy == "write for example 5000"


def test_the_shape_is_returned(tmp_path: Path) -> None:
    found = shaped(read(written(tmp_path, "title: x\ninner: {rupees: 0.10, names: [a]}\n")), Outer)
    assert (found.inner.rupees, found.inner.names) == (Decimal("0.10"), ("a",))


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs a device that never ends")
def test_what_never_ends_is_too_large() -> None:
    with pytest.raises(FileError, match="is larger than 64 MB"):
        read_text(Path("/dev/zero"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: b\n\nc: \0\n", ", line 3: the character U+0000 is not allowed"),
        (b"\x1f\x8b\x08\x00\xff\n", ": is compressed; unpack it"),
        (b"a:\n  b: 1e999999999\n", ", line 2, column 6: a number is too long or invalid"),
    ],
)
def test_odd_contents_are_named(tmp_path: Path, content: bytes, message: str) -> None:
    assert refusal(written(tmp_path, content)).startswith(message)
