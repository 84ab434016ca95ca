"""The command `ci init`: where it writes, and what it never overwrites."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli.main import main
from conformance.run.build_jobs import SERVERS


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("server", SERVERS)
def test_it_is_written_where_the_build_server_looks(server: str) -> None:
    done = CliRunner().invoke(main, ["ci", "init", server])
    assert done.exit_code == 0
    place = SERVERS[server].place
    assert f"Written: {place}" in done.stdout
    printed = CliRunner().invoke(main, ["ci", "init", server, "--stdout"])
    assert (printed.exit_code, printed.stdout) == (0, place.read_text("utf-8"))


def test_a_file_that_exists_is_replaced_by_force_only() -> None:
    Path("Jenkinsfile").write_text("mine", encoding="utf-8")
    refused = CliRunner().invoke(main, ["ci", "init", "jenkins"])
    assert (refused.exit_code, "--force" in refused.stderr) == (2, True)
    assert Path("Jenkinsfile").read_text("utf-8") == "mine"
    forced = CliRunner().invoke(main, ["ci", "init", "jenkins", "--force"])
    assert forced.exit_code == 0
    assert Path("Jenkinsfile").read_text("utf-8").startswith("// Certifies")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["github", "--gate", "all"], "--gate 'all': write one of must, should, none"),
        (["travis"], "'travis' is not one of"),
        (["github", "--target", "absent.yaml"], "absent.yaml: cannot be read"),
        (["github", "--output", "taken/job.yml"], "taken/job.yml: cannot be written"),
    ],
)
def test_a_mistake_is_one_message(words: list[str], message: str) -> None:
    Path("taken").touch()
    done = CliRunner().invoke(main, ["ci", "init", *words])
    assert done.exit_code == 2
    assert message in done.stderr
    assert not list(Path().rglob("*.yml"))
