"""The files that an import reads and writes: their kinds, names and contents."""

import json
import os
import re
from pathlib import Path
from subprocess import Popen

import pytest
from click.testing import CliRunner

from conformance.cli.main import main
from conformance.scenarios.catalogue import loaded
from tests.unit.scenarios.importing import UPDATE, imported, item, only, raw


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        ("<!DOCTYPE html><html>", "is a page (HTML or XML)"),
        ("openapi: 3.0.0", "is no JSON"),
        ('{"openapi": "3.0.0", "paths": {}}', "is a contract (OpenAPI), and no collection"),
        ('{"log": {"entries": []}}', "is a record (HAR), and no collection"),
        ('{"info": {"name": "C"}, "item": [{"na', "breaks off before its JSON ends"),
        ('{"info": 1 2}', "not JSON"),
        ("[]", "is no collection of Postman"),
        ("{}", "so it is no collection"),
    ],
)
def test_another_kind_of_file_is_named(content: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_text(content, encoding="utf-8")
    done = CliRunner().invoke(main, ["scenarios", "import", str(path)])
    assert done.exit_code == 2
    assert done.output.startswith(f"bbps-conformance: {path}")
    assert said in done.output


def test_what_comes_through_a_pipe_is_read_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with Popen(["/bin/sh", "-c", """echo '{"info": {"na' > "$0" """, str(pipe)]):
        done = CliRunner().invoke(main, ["scenarios", "import", str(pipe)])
    assert done.exit_code == 2
    assert "breaks off before its JSON ends" in done.output


NAMES = ("con", "NUL", "COM1", "a.", "a", "A", "x" * 300, "x" * 299 + "y", "\U0001f600", "₹",
         "../../etc/passwd", "a/b", "")  # fmt: skip


def test_names_of_scenarios_are_names_of_files_anywhere(tmp_path: Path) -> None:
    folders = [{"name": name, "item": [item("U", "{{h}}/x")]} for name in NAMES]
    (tmp_path / "one").mkdir()
    for number, document in enumerate(
        [{"info": {"name": "C"}, "item": folders}]
        + [{"info": {"name": name}, "item": [item("U", "{{h}}/x")]} for name in NAMES[:3]]
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        found, done = imported(folder, document)
        assert done.exit_code == 0, done.output
        written = [each.name for each in (folder / "out").iterdir()]
        assert len(written) == len(document["item"]) == len({each.lower() for each in written})
        assert all(re.fullmatch(r"[a-z0-9-]{1,100}\.yaml", each) for each in written)
        assert not {each.partition(".")[0] for each in written} & {"con", "nul", "com1"}
        assert set(found) == {each.removesuffix(".yaml") for each in written}


def test_files_of_bodies_are_kept_apart(tmp_path: Path) -> None:
    names = ("x.txt", "X.TXT", "a/x.txt", "c.yaml", "nul.txt", "x" * 120 + ".bin")
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"the content of {name}", "utf-8")
    steps = [item(n, "{{h}}/x", body={"mode": "file", "file": {"src": n}}) for n in names]
    odd = ("x" * 300, "a\0b", "..", "/etc/passwd", "a", "")
    steps += [item("odd", "{{h}}/x", body={"mode": "file", "file": {"src": n}}) for n in odd]
    found, done = imported(tmp_path, {"info": {"name": "C"}, "item": steps})
    assert done.exit_code == 0, done.output
    files = [step["file"] for step in found["c"]["steps"] if "file" in step]
    assert len({each.lower() for each in files}) == len(names)
    for name, file in zip(names, files, strict=True):
        assert (tmp_path / "out" / file).read_text("utf-8") == f"the content of {name}"
        assert not file.endswith(".yaml")
        assert not file.startswith("nul")


def test_a_file_in_the_folder_of_the_collection(tmp_path: Path) -> None:
    (tmp_path / "body.csv").write_text("a,b", encoding="utf-8")
    step = only(tmp_path, item("U", "{{h}}/x", body={"mode": "file", "file": {"src": "body.csv"}}))
    assert step["file"] == "body.csv"
    assert (tmp_path / "out" / "body.csv").read_text("utf-8") == "a,b"


def test_names_have_no_power_over_the_terminal(tmp_path: Path) -> None:
    _, done = imported(tmp_path, {"item": [item("Red \x1b[31m\x07", "{{h}}/page")]})
    assert done.exit_code == 0
    assert "\x1b" not in done.output
    assert "\x07" not in done.output


@pytest.mark.parametrize("options", [(), ("--out", "out")])
def test_names_have_no_power_over_who_reads_the_file(
    options: tuple[str, ...], tmp_path: Path
) -> None:
    path = tmp_path / "c.json"
    document = {"item": [item("a\u202eb\x1b\u0085 ₹", "{{h}}/page")]}
    path.write_text(json.dumps(document), encoding="utf-8")
    given = [*options[:1], *(str(tmp_path / each) for each in options[1:])]
    done = CliRunner().invoke(main, ["scenarios", "import", str(path), *given])
    assert done.exit_code == 0
    text = done.output + "".join(each.read_text("utf-8") for each in tmp_path.glob("out/*"))
    assert not {"\u202e", "\x1b", "\u0085"} & set(text)


def test_an_existing_file_is_kept(tmp_path: Path) -> None:
    document = {"info": {"name": "C"}, "item": [item("U", "{{h}}" + UPDATE)]}
    imported(tmp_path, document)
    _, done = imported(tmp_path, document)
    assert done.exit_code == 2
    assert "exists already" in done.output


def test_texts_that_look_like_numbers_stay_texts(tmp_path: Path) -> None:
    body = {"a": ["1e9", "0o17", "+1", "0x1F", "1_0", "yes", "null", "~", "2026-01-01", "1.", ".5"]}
    step = only(tmp_path, item("1e9", "{{h}}" + UPDATE, body=raw(body)))
    assert step["body"] == body
    assert loaded([tmp_path / "out"])[0].steps[0].body == body


def test_nothing_read_is_an_error(tmp_path: Path) -> None:
    found, done = imported(tmp_path, {"info": {"name": "C"}, "item": [item("V", "")]})
    assert done.exit_code == 2
    assert not found
    assert "V: it has no address" in done.output


def test_one_step_is_no_several(tmp_path: Path) -> None:
    imported(tmp_path, {"info": {"name": "C"}, "item": [item("U", "{{h}}" + UPDATE)]})
    done = CliRunner().invoke(main, ["scenarios", "list", str(tmp_path / "out")])
    assert "TXN-05; 1 step\n" in done.output
    assert "\n1 scenario verifies 1 of " in done.output
