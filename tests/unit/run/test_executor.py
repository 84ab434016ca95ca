"""What the executor does for a check: fixtures of its own, a verdict for whatever is raised."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from conformance.core.errors import SetupError
from conformance.core.exchange import SchemaViolation
from conformance.core.verdicts import Verdict
from conformance.results.journal import PlannedCheck
from conformance.run.executor import Execution, Executor, require_executable, separate_set_ups
from conformance.run.parallel import declare_markers

pytest_plugins = ["pytester"]

CHECKS = """
import threading

import pytest

from conformance.client.transport import Abandoned
from conformance.core.verdicts import Inconclusive, NotApplicable, Violation

EVENTS = []
BOTH = threading.Barrier(2, timeout=10)

@pytest.fixture
def number():
    return [7]

@pytest.fixture(scope="module")
def of_the_module():
    return []

@pytest.fixture(params=["a", "b"])
def letter(request, number):
    return request.param, number

@pytest.fixture
def outer():
    yield "outer"
    EVENTS.append("outer torn down")

@pytest.fixture
def inner(outer, request):
    request.addfinalizer(lambda: EVENTS.append("inner finalized"))
    yield outer
    EVENTS.append("inner torn down")

@pytest.fixture
def bad_tear_down():
    yield
    raise RuntimeError("cannot be torn down")

@pytest.fixture
def unsupplied():
    raise Inconclusive("there is no bill", "add one")

def test_own(number, of_the_module):
    number.append(8)
    of_the_module.append(9)
    assert number == [7, 8] and of_the_module == [9]

@pytest.mark.parametrize("more", [1, 2])
def test_parameters(letter, number, more):
    assert letter[0] in "ab" and letter[1] is number and more in (1, 2)

@pytest.mark.parametrize("which", [1, 2])
def test_two_at_a_time(which, of_the_module, number):
    of_the_module.append(1)
    BOTH.wait()
    assert of_the_module == [1] and number == [7]

def test_by_name(request):
    assert request.getfixturevalue("number") == [7]

def test_tear_down(inner):
    EVENTS.append("called")
    raise Violation("black", "white")

def test_bad_tear_down(bad_tear_down):
    pass

def test_violated_and_bad_tear_down(bad_tear_down):
    raise Violation("black", "white")

def test_unsupplied(unsupplied):
    EVENTS.append("never called")

def test_outside():
    raise NotApplicable("not here")

def test_breaks():
    raise LookupError("it broke")

def test_leaves():
    raise SystemExit("out of here")

def test_interrupted(outer):
    raise KeyboardInterrupt

def test_abandoned(outer):
    raise Abandoned

class TestOfAClass:
    def test_method(self, number):
        assert number == [7]

def test_with_a_folder(tmp_path, monkeypatch, request):
    monkeypatch.chdir(tmp_path)
    assert request.node.name == "test_with_a_folder"

@pytest.mark.skipif(True, reason="not today")
def test_skipped():
    pass

@pytest.mark.xfail
def test_expected_to_fail():
    pass
"""


class Items:
    """The checks above, each of which an executor can execute."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        found = pytester.getitems(CHECKS)
        declare_markers(found[0].config)
        separate_set_ups(found[0].session)
        self.by_name = {item.name: item for item in found}
        self.evidence: tuple[str, ...] = ("x1",)
        self.declared: dict[str, str] = {}
        self.exchanges: dict[str, Any] = {}

    def execute(self, name: str) -> Execution | None:
        run: Any = SimpleNamespace(
            target=SimpleNamespace(not_applicable=self.declared),
            evidence_of=lambda _check: self.evidence,
            bbps=SimpleNamespace(remark_on=lambda _check: ""),
            exchanges=SimpleNamespace(get=self.exchanges.get),
        )
        item = self.by_name[name]
        assert isinstance(item, pytest.Function)
        planned = PlannedCheck(check=name, title=name, requirements=("TXN-01",))
        return Executor(run).execute(item, planned)

    def finding(self, name: str) -> tuple[Verdict, str]:
        execution = self.execute(name)
        assert execution is not None
        return execution.finding.verdict, execution.finding.reason

    @property
    def events(self) -> list[str]:
        function: Any = self.by_name["test_own"].function  # type: ignore[attr-defined]
        events: list[str] = function.__globals__["EVENTS"]
        return events


@pytest.fixture
def items(pytester: pytest.Pytester) -> Items:
    return Items(pytester)


PASSED = (Verdict.PASSED, "")


def test_what_breaks_on_an_answer_against_its_contract_is_undecided(items: Items) -> None:
    assert items.finding("test_breaks") == (Verdict.ERROR, "LookupError: it broke")
    odd = SchemaViolation(side="response", pointer="/Bill", expected="a list", got="5")
    ours = SchemaViolation(side="request", pointer="/a", expected="a text", got="5")
    items.exchanges["x1"] = SimpleNamespace(operation="bill.search", violations=(ours,))
    assert items.finding("test_breaks") == (Verdict.ERROR, "LookupError: it broke")
    items.exchanges["x1"] = SimpleNamespace(operation="bill.search", violations=(ours, odd))
    assert items.finding("test_breaks") == (
        Verdict.INCONCLUSIVE,
        "bill.search answered with 5 at /Bill, where a list is required, so that the check could "
        "not go on (LookupError: it broke); see CON-01",
    )
    assert items.finding("test_tear_down")[0] is Verdict.FAILED


def test_each_execution_has_its_own_fixtures_of_every_scope(items: Items) -> None:
    names = ["test_own", "test_own", "test_method", "test_by_name"]
    names += [f"test_parameters[{each}]" for each in ("a-1", "a-2", "b-1", "b-2")]
    assert {name: items.finding(name) for name in names} == dict.fromkeys(names, PASSED)


def test_threads_share_no_fixture(items: Items) -> None:
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(items.finding, [f"test_two_at_a_time[{n}]" for n in (1, 2)]))
    assert found == [PASSED, PASSED]


def test_what_was_set_up_is_torn_down_in_turn_after_a_violation(items: Items) -> None:
    execution = items.execute("test_tear_down")
    assert execution is not None
    assert execution.finding.verdict is Verdict.FAILED
    assert (execution.finding.required, execution.finding.observed) == ("black", "white")
    assert items.events == ["called", "inner torn down", "inner finalized", "outer torn down"]


def test_the_first_problem_stands(items: Items) -> None:
    assert items.finding("test_violated_and_bad_tear_down")[0] is Verdict.FAILED
    verdict, reason = items.finding("test_bad_tear_down")
    assert (verdict, reason) == (Verdict.ERROR, "RuntimeError: cannot be torn down")


@pytest.mark.parametrize(
    ("name", "verdict", "reason"),
    [
        ("test_unsupplied", Verdict.INCONCLUSIVE, "there is no bill; add one"),
        ("test_outside", Verdict.NOT_APPLICABLE, "not here"),
        ("test_breaks", Verdict.ERROR, "LookupError: it broke"),
        ("test_leaves", Verdict.ERROR, "SystemExit: out of here"),
    ],
)
def test_what_is_raised_becomes_a_verdict(
    items: Items, name: str, verdict: Verdict, reason: str
) -> None:
    assert items.finding(name) == (verdict, reason)
    assert items.events == []
    assert items.finding("test_own") == PASSED  # nothing is left behind


def test_a_check_without_evidence_is_an_error(items: Items) -> None:
    items.evidence = ()
    verdict, reason = items.finding("test_own")
    assert (verdict, reason) == (
        Verdict.ERROR,
        "the check ended without judging anything",
    )


def test_what_the_profile_declares_is_not_called(items: Items) -> None:
    items.declared = {"TXN-01": "no transactions here"}
    assert items.finding("test_breaks") == (Verdict.NOT_APPLICABLE, "no transactions here")


def test_an_interrupt_goes_through_and_tears_down(items: Items) -> None:
    with pytest.raises(KeyboardInterrupt):
        items.execute("test_interrupted")
    assert items.events == ["outer torn down"]
    assert items.execute("test_abandoned") is None


@pytest.mark.parametrize(
    ("name", "mark"), [("test_skipped", "skipif"), ("test_expected_to_fail", "xfail")]
)
def test_marks_that_hide_a_verdict_are_refused(items: Items, name: str, mark: str) -> None:
    with pytest.raises(SetupError, match=f"{name}: a check may not be marked {mark}"):
        require_executable(items.by_name[name])
    require_executable(items.by_name["test_own"])


@pytest.mark.parametrize(
    ("name", "outcomes", "shown"),
    [
        ("test_own", "passed passed passed", ""),
        ("test_outside", "passed skipped passed", "not here"),
        ("test_tear_down", "passed failed passed", "required: black"),
        ("test_unsupplied", "failed passed", "there is no bill; add one"),
        ("test_bad_tear_down", "passed passed failed", "cannot be torn down"),
        ("test_with_a_folder", "passed passed passed", ""),
    ],
)
def test_pytest_sees_the_phases_and_the_verdict(
    items: Items, name: str, outcomes: str, shown: str
) -> None:
    execution = items.execute(name)
    assert execution is not None
    assert " ".join(report.outcome for report in execution.reports) == outcomes
    assert shown in " ".join(str(report.longrepr) for report in execution.reports)


def test_a_check_without_evidence_is_red(items: Items) -> None:
    items.evidence = ()
    execution = items.execute("test_own")
    assert execution is not None
    assert [report.outcome for report in execution.reports] == ["passed", "failed", "passed"]
