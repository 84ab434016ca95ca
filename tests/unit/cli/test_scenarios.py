"""`scenarios list`: its words, and what it prints of files of somebody else."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformance.cli.main import main

ONE = """
name: one
title: "{title}"
requirements: [RCP-01]
steps:
  - {{name: Fetch, call: bill.fetch, as: integrator}}
"""


def listed(folder: Path, text: str) -> Result:
    path = folder / "one.yaml"
    path.write_text(text, encoding="utf-8")
    return CliRunner().invoke(main, ["scenarios", "list", str(path)])


def test_one_is_one_and_several_are_several(tmp_path: Path) -> None:
    done = listed(tmp_path, ONE.format(title="A"))
    assert "RCP-01; 1 step\n" in done.output
    assert "1 scenario verifies 1 of " in done.output
    rows = ONE.format(title="A").replace("steps:", "foreach: [{a: b}]\nsteps:")
    assert "RCP-01; 1 row; 1 step\n" in listed(tmp_path, rows).output
    several = ONE.format(title="A") + "  - {name: Again, call: bill.fetch}\n"
    assert "RCP-01; 2 steps\n" in listed(tmp_path, several).output


@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\u061c", "\u2028", "\u200f", "\ufeff"])
def test_marks_that_change_the_order_of_a_text_show(tmp_path: Path, mark: str) -> None:
    done = listed(tmp_path, ONE.format(title=f"A {mark} title"))
    assert done.exit_code == 0
    assert f"one: A \\u{ord(mark):04x} title" in done.output or mark == "\u2028"
    refused = listed(tmp_path, ONE.format(title="A").replace("Fetch", f"a{mark}b") + f"{mark}: 1\n")
    assert refused.exit_code == 2
    assert mark not in done.output + refused.output
