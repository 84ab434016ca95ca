"""The page of Allure: built with what is installed, and closed to the outside."""

import os
import stat
import sys
from pathlib import Path

import pytest

from conformance.core.errors import SetupError
from conformance.report.allure_page import POLICY, closed, write_page
from tests.unit.conftest import Runner

TAGGED = """<!DOCTYPE html><html><head><title>x</title>
<script async src="https://www.googletagmanager.com/gtag/js?id=G-1"></script>
<script>
  window.dataLayer = window.dataLayer || [];
  gtag('config', 'G-1');
</script>
<script>window.kept = 1;</script></head><body></body></html>"""
# It does what both generators do: a version, and a page where it is requested.
GENERATOR = """#!{python}
import os, sys
from pathlib import Path
words = sys.argv[1:]
if words == ["--version"]:
    print("{version}")
elif "{version}".startswith("9"):
    sys.exit("no such plugin")
else:
    given = "--output" in words
    made = Path(words[words.index("--output") + 1] if given else os.environ["BBPS_ALLURE_OUTPUT"])
    made.mkdir()
    count = len(list(Path(words[-1]).glob("*-result.json")))
    (made / "index.html").write_text("<head></head>" + str(count) + " of {version}")
"""


@pytest.fixture
def path_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def install(folder: Path, version: str) -> None:
    program = folder / "allure"
    program.write_text(GENERATOR.format(python=sys.executable, version=version), encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


@pytest.mark.skipif(os.name == "nt", reason="the generator of this test is a script with a shebang")
@pytest.mark.parametrize("version", ["2.32.0", "3.18.0"])
def test_is_made_with_either_generator(
    a_run: Runner, path_with: Path, tmp_path: Path, version: str
) -> None:
    install(path_with, version)
    _, results, exchanges = a_run()
    page = tmp_path / "page.html"
    assert write_page(page, results, exchanges, tmp_path / "history.jsonl") == version
    text = page.read_text("utf-8")
    assert text == f"<head>\n{POLICY}</head>{len(results.checks)} of {version}"


def test_without_a_generator_the_remedy_is_said(
    a_run: Runner, path_with: Path, tmp_path: Path
) -> None:
    _, results, exchanges = a_run()
    with pytest.raises(SetupError, match="npm install --global allure"):
        write_page(tmp_path / "page.html", results, exchanges, tmp_path / "history.jsonl")
    assert not any(path_with.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="the generator of this test is a script with a shebang")
def test_a_generator_that_fails_is_a_fault_of_the_set_up(
    a_run: Runner, path_with: Path, tmp_path: Path
) -> None:
    install(path_with, "9.0")
    _, results, exchanges = a_run()
    with pytest.raises(SetupError, match="no such plugin"):
        write_page(tmp_path / "page.html", results, exchanges, tmp_path / "history.jsonl")


def test_the_tag_for_statistics_is_cut_and_nothing_else() -> None:
    page = closed(TAGGED)
    assert "googletagmanager" not in page
    assert "dataLayer" not in page
    assert "window.kept = 1;" in page
    assert page.index(POLICY) < page.index("<script>")
