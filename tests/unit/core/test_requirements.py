"""The register: complete, all-or-nothing, and helpful about unknown ids."""

import subprocess
import sys
from pathlib import Path

import pytest

from conformance.core.foreign_files import FileError
from conformance.core.requirements import (
    BY_THE_MASTERS,
    NEVER,
    NO_OTHER_TENANT,
    WITH_A_REASON,
    Register,
    UnknownRequirement,
    explain,
    verifies,
)
from conformance.core.verdicts import Level
from conformance.profile.target import REQUIREMENT_OF_MODE

ROW = """\
TXN-08:
  area: Transaction
  level: MUST
  source: BBPS
  statement: Only the owner updates.
  why: Because.
  observed: By trying.
  usual_causes: [No check]
  needs: [second-system-user]
  since: "1.0"
"""
COUNTS = {"USR": 13, "MDM": 8, "BIL": 7, "TXN": 13, "RCP": 7, "PAY": 13, "CON": 7}


def written(folder: Path, text: str) -> Path:
    path = folder / "requirements.yaml"
    path.write_text(text, "utf-8")
    return path


def test_the_shipped_register_holds_every_id_in_order() -> None:
    numbered = [f"{area}-{n:02}" for area, count in COUNTS.items() for n in range(1, count + 1)]
    assert [each.id for each in Register.load()] == numbered


def test_every_requirement_says_why_how_and_what_usually_breaks_it() -> None:
    for each in Register.load():
        assert each.why.endswith("."), each.id
        assert each.observed.endswith("."), each.id
        assert each.statement.endswith("."), each.id
        assert each.usual_causes, each.id
        assert "\n" not in each.statement, each.id


def test_areas_come_in_the_order_of_the_register() -> None:
    assert Register.load().areas == (
        "Identity and access", "Master data", "Bill", "Transaction", "Receipt", "Payment",
        "Contract",
    )  # fmt: skip


def test_an_unknown_id_offers_the_nearest() -> None:
    with pytest.raises(UnknownRequirement, match=r'unknown requirement "TXN-80"; did you mean'):
        Register.load().of("TXN-80")


def test_reads_one_row(tmp_path: Path) -> None:
    found = Register.load(written(tmp_path, ROW)).of("TXN-08")
    assert (found.level, found.needs, found.since) == (Level.MUST, ("second-system-user",), "1.0")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  why: Because.\n", "", "line 1: TXN-08.why: is missing"),
        ("level: MUST", "level: SHALL", "line 3: TXN-08.level: 'SHALL' is none of MUST"),
        ("source: BBPS", "source: NPCI", "TXN-08.source: 'NPCI' is none of BBPS"),
        (
            "source: BBPS",
            "source: BBPS\n  not_applicable: x",
            "'x' is none of never, with a reason",
        ),
        ("why: Because.", "why: 7", "line 6: TXN-08.why: 7 is not a text"),
        ("why: Because.", "why: ' '", "TXN-08.why: ' ' is not a text"),
        ("needs: [second-system-user]", "needs: one", "TXN-08.needs: 'one' is not a list of texts"),
        ("  needs:", "  neds:", "TXN-08.neds: is not a known field; did you mean needs"),
        (
            "  needs:",
            "  why: again\n  needs:",
            "line 9: the key 'why' is given twice, first in line 6",
        ),
        (ROW, ROW + ROW, "line 11: the key 'TXN-08' is given twice, first in line 1"),
        (ROW, "TXN-08: text", "TXN-08: 'text' is not a mapping"),
        (ROW, "[1, 2]", "holds a list where a mapping"),
        (ROW, "", "holds nothing where a mapping"),
        (ROW, "{}", "contains no requirement"),
        (ROW, "a: [", "line 1: not YAML"),
        ("TXN-08:", "TXN-8:", "TXN-8: the id is not of the form ABC-01"),
        ("area: Transaction", "area: Transfer", "TXN-08.area: 'Transfer' is none of Identity"),
    ],
)
def test_one_mistake_stops_the_whole_register(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    path = written(tmp_path, ROW.replace(old, new))
    with pytest.raises(FileError) as problem:
        Register.load(path)
    assert message in str(problem.value)
    assert str(path) in str(problem.value)


def test_a_missing_register_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be read"):
        Register.load(tmp_path / "absent.yaml")


def test_verifies_marks_a_check_with_its_ids() -> None:
    mark = verifies("TXN-08", "TXN-09").mark
    assert (mark.name, mark.args) == ("verifies", ("TXN-08", "TXN-09"))
    with pytest.raises(TypeError, match="names no requirement"):
        verifies()


def test_explain_tells_everything_in_plain_words() -> None:
    checks = ("A rival reports (2 cases).", "A trace is sought.")
    text = explain(Register.load().of("TXN-08"), checks)
    for part in (
        "  - A rival reports (2 cases).",
        "  - A trace is sought.",
        "TXN-08  MUST  Transaction",
        "Why:",
        "Observed:",
        "usually causes",
        "--only TXN-08",
    ):
        assert part in text
    assert max(map(len, text.splitlines())) <= 100


def test_the_register_alone_starts_neither_pytest_nor_yaml() -> None:
    code = "import sys, conformance.core.requirements; print({'pytest', 'yaml'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_what_may_be_declared_not_applicable_follows_the_source() -> None:
    """BBPS: only a mode that nobody offers. PLATFORM and SAFETY: only what does not exist."""
    found = {each.id: (each.source, each.not_applicable) for each in Register.load()}
    by_the_masters = {id_ for id_, (_, when) in found.items() if when == BY_THE_MASTERS}
    assert by_the_masters == set(REQUIREMENT_OF_MODE.values())
    assert {id_ for id_, (_, when) in found.items() if when == NO_OTHER_TENANT} == {"MDM-08"}
    free = {source for source, when in found.values() if when == WITH_A_REASON}
    assert free == {"API"}
    never = {source for source, when in found.values() if when == NEVER}
    assert never == {"BBPS", "PLATFORM", "SAFETY"}


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("", "Applies:     always; no profile can declare it not applicable"),
        (
            f"  not_applicable: {WITH_A_REASON}\n",
            "Applies:     unless the profile declares it not applicable with a reason",
        ),
    ],
)
def test_explain_says_whether_it_may_be_declared_not_applicable(
    tmp_path: Path, line: str, text: str
) -> None:
    assert text in explain(Register.load(written(tmp_path, ROW + line)).of("TXN-08"))
