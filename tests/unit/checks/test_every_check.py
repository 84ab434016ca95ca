"""Every check judges, has its control, decides in one try, and knows no deployment by name."""

import re

import pytest

from conformance.checks import controls, expect
from conformance.reference import LINEAGES
from tests.unit.checks.sources import FOLDER, ROOM, Sources

VERBS = {f"{ROOM}.expect.{name}" for name in expect.__all__}
ANSWERS = "conformance.bbps.answers"  # the verbs that `expect` takes over from there
VIOLATION = "raise conformance.core.verdicts.Violation"
REFUSALS = {
    f"{ROOM}.expect.{name}" for name in ("answered_4xx", "denied", "opens_nothing", "refused")
}
# A control is the same call by who may make it, with what is right; these end inconclusive.
CONTROLS = {
    f"{ROOM}.controls.arrived", f"{ROOM}.controls.granted", f"{ROOM}.controls.reached",
    "conformance.bbps.reach.four_actions",
    f"{ROOM}.expect.gets_through", f"{ROOM}.expect.accepted", "bbps.finish",
    "bbps.create_transaction", "bbps.pay", "?.system_user", "?.token",
}  # fmt: skip
ELSEWHERE = {
    "test_bill.test_unknown_consumer_code_gets_nothing": "its fixture fetched a bill",
    "test_bill.test_missing_criterion_is_named": "it makes the complete call itself",
    "test_identity.test_nobody_changes_his_own_roles": "an administrator need not have this right",
}
BANNED = re.compile(
    r"pytest\.skip|importorskip|xfail|skipif|flaky|\.rerun|time\.sleep|https?://[\w-]+[.:]\w"
)


@pytest.fixture(scope="module")
def sources() -> Sources:
    return Sources.of_the_checks()


def judges(sources: Sources, function: str) -> bool:
    return bool(sources.done_by(function) & (VERBS | {VIOLATION}))


def test_every_check_judges(sources: Sources) -> None:
    assert len(sources.checks) > 100
    assert [name for name in sources.checks if not judges(sources, name)] == []


def test_every_refusal_has_its_control(sources: Sources) -> None:
    bare = {
        name.removeprefix(f"{ROOM}.")
        for name in sources.checks
        if sources.done_by(name) & REFUSALS and not sources.done_by(name) & CONTROLS
    }
    assert bare == set(ELSEWHERE)


def test_verbs_are_the_functions_that_violate() -> None:
    sources = Sources()
    sources.add(f"{ROOM}.expect", (FOLDER / "expect.py").read_text(encoding="utf-8"))
    sources.add(ANSWERS, (FOLDER.parent / "bbps" / "answers.py").read_text(encoding="utf-8"))
    public = {name for name in sources.functions if not name.rpartition(".")[2].startswith("_")}
    of_answers = {f"{ANSWERS}.{name}" for name in expect.__all__}
    ends = {VIOLATION, *VERBS, *of_answers}
    violating = {name.rpartition(".")[2] for name in public if sources.done_by(name) & ends}
    assert violating == set(expect.__all__)
    assert all(
        getattr(expect, name).__doc__.startswith(("Demand", "Raise")) for name in expect.__all__
    )


def test_no_control_judges(sources: Sources) -> None:
    names = [name for name in vars(controls) if f"{ROOM}.controls.{name}" in sources.functions]
    assert names
    assert [name for name in names if judges(sources, f"{ROOM}.controls.{name}")] == []


def test_no_check_is_left_out_or_knows_a_deployment() -> None:
    lineages = set(LINEAGES) - {"strict"}
    for path in FOLDER.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert BANNED.findall(text) == [], path
        assert [name for name in lineages if name in text] == [], path


def test_fixtures_are_made_for_each_check() -> None:
    """What is made once for a run is made with `bbps.once`; the executor refuses wider scopes."""
    texts = {path: path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.py")}
    assert [path for path, text in texts.items() if "pytest.fixture(scope" in text] == []


SAMPLE = """
from conformance.checks.controls import granted
from conformance.checks.expect import demand as needs, state
from conformance.checks.sample_help import far
from conformance.core.verdicts import Violation
from conformance.bbps.flow import demand

def test_calls_a_verb(bbps): needs(bbps, required="", observed="")
def test_calls_a_helper(bbps): _near(bbps)
def test_calls_a_helper_of_another_module(bbps): [far(each) for each in bbps]
def test_raises(bbps):
    if bbps:
        raise Violation("a", "b")
def test_raises_nothing(bbps): Violation("a", "b")
def test_calls_a_namesake(bbps): demand(bbps)
def test_has_a_control_only(bbps): granted(bbps, "")
def test_calls_what_does_not_judge(bbps): state(bbps)
def test_calls_a_helper_that_judges_nothing(bbps): _idle(bbps)
def _near(bbps): _nearer(bbps)
def _nearer(bbps): return lambda: needs(bbps, required="", observed="")
def _idle(bbps): _idle(granted(bbps, ""))
"""
HELP = """
from conformance.checks import expect as verbs
def far(each): verbs.same(each, each, "it")
"""


def test_what_counts_as_judging() -> None:
    sources = Sources.of_the_checks()
    sources.add(f"{ROOM}.sample", SAMPLE)
    sources.add(f"{ROOM}.sample_help", HELP)
    found = {
        name.rpartition(".")[2]: judges(sources, name)
        for name in sources.checks
        if name.startswith(f"{ROOM}.sample.")
    }
    assert {name for name, judging in found.items() if judging} == {
        "test_calls_a_verb",
        "test_calls_a_helper",
        "test_calls_a_helper_of_another_module",
        "test_raises",
    }
    assert len(found) == 9


def test_no_answer_is_taken_to_hold_what_it_should() -> None:
    """`read` and `listed` make a missing field undecided; an index makes it an error of ours."""
    taken = re.compile(r"\w\.body(?:\[| or \{\}| or \[\])")
    rooms = (FOLDER, FOLDER.parent / "bbps", FOLDER.parent / "doctor")
    found = [
        f"{path.name}: {line.strip()}"
        for room in rooms
        for path in sorted(room.rglob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if taken.search(line)
    ]
    assert found == []
