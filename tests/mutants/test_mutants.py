"""Mutants: how they are made, drawn and put into a process, and what is said of them."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from conformance.core.verdicts import Finding, Verdict
from tests.faults.collected import Job, Seen
from tests.faults.matrix import QUICK
from tests.faults.station import Stations
from tests.mutants.__main__ import written
from tests.mutants.mutant import FAULT_HERE, mutants_of, source_of
from tests.mutants.swapping import changed_functions, swap
from tests.mutants.trials import CERTIFIED, NOTICED, REFUSED, Outcome, drawn, observe, outcome

OWNERSHIP = "conformance.reference.pg.ownership"
TEXT = """
LIMIT = 10

def within(amount: int | None) -> bool:
    return any(each <= LIMIT for each in [amount or 0])

def counter(start):
    return lambda more: start + more
"""


@pytest.fixture
def sample(tmp_path: Path) -> ModuleType:
    path = tmp_path / "a_module_to_change.py"
    path.write_text(TEXT, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_functions_get_the_code_of_another_text(sample: ModuleType) -> None:
    within, two_more = sample.within, sample.counter(2)
    assert within(10)
    assert two_more(1) == 3
    swap(
        Path(str(sample.__file__)), TEXT.replace("<=", "<").replace("start + more", "start - more")
    )
    assert not within(10)
    assert two_more(1) == 1


@pytest.mark.parametrize(
    ("before", "after", "names"),
    [
        ("<=", "<", {"within", "within.<locals>.<genexpr>"}),
        ("int | None", "int & None", set()),  # what nobody evaluates at run time
        ("LIMIT = 10", "LIMIT = 11", set()),
    ],
)
def test_only_functions_count_whose_code_differs(
    sample: ModuleType, before: str, after: str, names: set[str]
) -> None:
    changed = changed_functions(Path(str(sample.__file__)), TEXT.replace(before, after))
    assert {name for name, _ in changed} == names


def test_mutants_differ_from_their_module_in_one_line() -> None:
    lines = source_of(OWNERSHIP).splitlines()
    found = list(mutants_of(OWNERSHIP))
    assert len({each.line for each in found}) > 10
    for mutant in found[::20]:
        different = [
            number
            for number, (old, new) in enumerate(
                zip(lines, mutant.source.splitlines(), strict=True), 1
            )
            if old != new
        ]
        assert different == [mutant.line], mutant
        assert FAULT_HERE not in lines[mutant.line - 1]


def test_one_mutant_of_each_executed_line_is_drawn_the_same_for_a_seed() -> None:
    found = list(mutants_of(OWNERSHIP))
    executed = sorted({each.place for each in found})[:6]
    once, again = (drawn(found, executed, 4, seed=7) for _ in range(2))
    assert once == again
    assert {each.place for each in once} <= set(executed)
    assert len({each.place for each in once}) == len(once) == 4
    assert all(each.works for each in once)
    assert {tuple(drawn(found, executed, 4, seed=seed)) for seed in range(5)} != {tuple(once)}


def finding(check: str, verdict: Verdict) -> Finding:
    return Finding(check=check, title="", requirements=("TXN-08",), verdict=verdict, reason="why")


FINE = finding("owner::fine", Verdict.PASSED)


@pytest.mark.parametrize(
    ("seen", "verdict", "why"),
    [
        (Seen(findings=(FINE,)), CERTIFIED, ""),
        (
            Seen(findings=(FINE, finding("owner::late", Verdict.FAILED))),
            NOTICED,
            "TXN-08: owner::late",
        ),
        (Seen(broken="the doctor ended the run"), REFUSED, "the doctor ended the run"),
        (
            Seen(findings=(finding("owner::open", Verdict.INCONCLUSIVE),)),
            REFUSED,
            "owner::open: why",
        ),
        (Seen(findings=(finding("owner::own", Verdict.ERROR),)), REFUSED, "owner::own: why"),
        (Seen(findings=(finding("reconciliation::it", Verdict.INCONCLUSIVE),)), CERTIFIED, ""),
    ],
)
def test_outcome_of_a_mutant(seen: Seen, verdict: str, why: str) -> None:
    found = outcome(next(mutants_of(OWNERSHIP)), QUICK, seen)
    assert (found.verdict, found.why) == (verdict, why)


def test_report_names_the_rate_and_what_was_certified_first() -> None:
    first, second, third, *_ = mutants_of(OWNERSHIP)
    outcomes = [
        Outcome(mutant=first, verdict=NOTICED, why="TXN-08: owner::late"),
        Outcome(mutant=second, verdict=CERTIFIED),
        Outcome(mutant=third, verdict=NOTICED, why="TXN-08: owner::late"),
    ]
    text = written(outcomes, reached=30, every=90, seed=5)
    assert "Noticed: 2 of 3 turned a check red (67%)" in text
    assert "seed 5" in text
    assert text.index(f"* {second.place}: {second.change}") < text.index(f"* {first.place}")


@pytest.mark.whole
def test_a_mutant_of_the_owners_right_is_noticed() -> None:
    """The whole way: the lines are noted, a process becomes the mutant, a check turns red."""
    mutant = next(each for each in mutants_of(OWNERSHIP) if each.operator == "ReplaceOrWithAnd")
    with Stations(2) as stations:
        ((_, strict),) = stations.carried_out([Job(depth=QUICK, noting=True, lines=True)])
        checks = strict.reach.own(mutant.place)
        assert 0 < len(checks) < len(strict.findings)
        (found,) = observe([mutant], {QUICK: strict.reach}, stations)
    assert (found.verdict, found.depth) == (NOTICED, QUICK), found
