"""What a check may conclude, and what a run concludes from it. No I/O.

Violation      the deployment broke a requirement      -> failed
Inconclusive   a precondition is missing               -> inconclusive
NotApplicable  the target declares so, with a reason   -> not-applicable
anything else  the suite itself broke                  -> error
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from conformance.core.errors import ConformanceError, ExitCode

# The remedy of a check that judges what the others did, where they did nothing.
RUN_THE_OTHERS: Final = "run the other checks too; where they were undecided, see to their causes"


class Level(StrEnum):
    """How a requirement binds: MUST decides the verdict, SHOULD is reported, NOTE informs."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    NOTE = "NOTE"


class Verdict(StrEnum):
    """The verdict on a check or a requirement, mildest first: of several, the gravest holds.

    Only requirements are waived: a check that failed stays failed, whatever waiver accepts it.
    """

    NOT_APPLICABLE = "not-applicable"
    PASSED = "passed"
    WAIVED = "waived"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"
    FAILED = "failed"


class RunVerdict(StrEnum):
    """The verdict on a whole run."""

    CONFORMANT = "CONFORMANT"
    WITH_WAIVERS = "CONFORMANT WITH WAIVERS"  # a MUST failed, and a waiver accepts that
    PARTIAL = "PARTIAL"  # not the whole suite ran, and nothing binding failed
    NON_CONFORMANT = "NON-CONFORMANT"
    INCONCLUSIVE = "INCONCLUSIVE"
    ERROR = "ERROR"


class Violation(ConformanceError, AssertionError):
    """The deployment did something else than the requirement demands."""

    exit_code = ExitCode.NON_CONFORMANT

    def __init__(self, required: str, observed: str) -> None:
        super().__init__(f"required: {required}\nobserved: {observed}")
        self.required = required
        self.observed = observed


class Inconclusive(ConformanceError):
    """The check could not decide; `remedy` says what would let it."""

    exit_code = ExitCode.POLICY

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(reason, remedy=remedy)
        self.reason = reason


class NotAllowed(Inconclusive):
    """The mode, the cap or the lock of the target forbids what a call would do; nothing left."""


class CapReached(NotAllowed):
    """The rupees of the run are used up: the call would exceed the cap of the target."""


class NotApplicable(ConformanceError):
    """The target declares, with a reason, that the requirement does not concern it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check's verdict with its evidence; `exchanges` are ids of recorded exchanges."""

    check: str
    title: str
    requirements: tuple[str, ...]
    verdict: Verdict
    required: str = ""
    observed: str = ""
    reason: str = ""
    seconds: float = 0.0
    exchanges: tuple[str, ...] = ()


def gravest(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the gravest verdict; nothing executed proves nothing, so none is inconclusive."""
    order = list(Verdict)
    return max(verdicts, key=order.index, default=Verdict.INCONCLUSIVE)


def certify(
    levels: dict[str, Level], verdicts: dict[str, Verdict], executed: int, *, partial: bool = False
) -> RunVerdict:
    """Conclude a run from requirement id -> level and -> verdict (only requirements with a check).

    A `partial` run, of less than the whole suite, is never conformant. A proven violation of a MUST
    is never hidden by a breakdown elsewhere; zero executed checks is an error, never a pass.
    """
    if executed == 0:
        return RunVerdict.ERROR
    must = {verdict for id_, verdict in verdicts.items() if levels[id_] is Level.MUST}
    if Verdict.FAILED in must:
        return RunVerdict.NON_CONFORMANT
    if Verdict.ERROR in verdicts.values():
        return RunVerdict.ERROR
    if Verdict.INCONCLUSIVE in must:
        return RunVerdict.INCONCLUSIVE
    if partial:
        return RunVerdict.PARTIAL
    return RunVerdict.WITH_WAIVERS if Verdict.WAIVED in must else RunVerdict.CONFORMANT
