"""How what a check raised becomes a verdict."""

import time
from dataclasses import dataclass, field

from conformance.core.errors import ConformanceError
from conformance.core.verdicts import Inconclusive, NotApplicable, Verdict, Violation


class NothingSeen(ConformanceError):
    """A check ended without judging anything: an error of the suite."""


@dataclass(slots=True)
class Judgement:
    """What one check came to, over its set-up, call and tear-down."""

    verdict: Verdict = Verdict.PASSED
    required: str = ""
    observed: str = ""
    reason: str = ""
    started: float = field(default_factory=time.perf_counter)


def judge(judgement: Judgement, problem: BaseException) -> None:
    """Turn what a check raised into a verdict; the first problem of a check stands."""
    if judgement.verdict is not Verdict.PASSED:
        return
    match _innermost(problem):
        case Violation() as violation:
            judgement.verdict = Verdict.FAILED
            judgement.required, judgement.observed = violation.required, violation.observed
        case Inconclusive() as undecided:
            judgement.verdict = Verdict.INCONCLUSIVE
            judgement.reason = str(undecided)
        case NotApplicable() as outside:
            judgement.verdict = Verdict.NOT_APPLICABLE
            judgement.reason = outside.reason
        case NothingSeen() as empty:
            judgement.verdict = Verdict.ERROR
            judgement.reason = str(empty)
        case other:
            judgement.verdict = Verdict.ERROR
            judgement.reason = f"{type(other).__name__}: {other}"


def _innermost(problem: BaseException) -> BaseException:
    """Return the gravest of a group of problems: a violation before an open question."""
    if not isinstance(problem, BaseExceptionGroup):
        return problem
    inner = [_innermost(each) for each in problem.exceptions]
    return min(inner, key=lambda each: not isinstance(each, Violation))
