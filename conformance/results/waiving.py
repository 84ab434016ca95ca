"""What the waivers of a run do: which failures they accept, and which of them are stale. No I/O."""

from collections.abc import Iterable, Sequence
from datetime import date

from conformance.core.verdicts import Finding, Verdict
from conformance.results.waivers import Waiver, WaiverRow, WaiverState

GOOD = (Verdict.PASSED, Verdict.NOT_APPLICABLE)


class Waiving:
    """The waivers of a run with its findings, on a day; the findings stay as they are."""

    def __init__(
        self, waivers: Iterable[Waiver], findings: Sequence[Finding], day: date, *, partial: bool
    ) -> None:
        """Examine each waiver; `partial` says that not every check was planned."""
        self.rows = tuple(
            _examined(f"W{number}", waiver, findings, day, partial=partial)
            for number, waiver in enumerate(waivers, start=1)
        )

    def verdict(self, finding: Finding, requirement: str) -> Verdict:
        """Return what a finding means for one of its requirements."""
        accepted = self._accepting(finding, requirement)
        return Verdict.WAIVED if accepted else finding.verdict

    def waiver_of(self, finding: Finding) -> str:
        """Return the waivers that accept a finding under all its requirements, else nothing."""
        accepting = [self._accepting(finding, id_) for id_ in finding.requirements]
        return ", ".join(dict.fromkeys(accepting)) if all(accepting) else ""

    def _accepting(self, finding: Finding, requirement: str) -> str:
        accepting = (
            row.id
            for row in self.rows
            if row.requirement == requirement and finding.check in row.checks
        )
        return next(accepting, "")


def _examined(
    id_: str, waiver: Waiver, findings: Sequence[Finding], day: date, *, partial: bool
) -> WaiverRow:
    own = [each for each in findings if waiver.requirement in each.requirements]
    concerned = [each for each in own if waiver.concerns(each)]
    fitting = tuple(each.check for each in concerned if waiver.fits(each))
    if waiver.expiry < day:
        state = WaiverState.EXPIRED
    elif fitting:
        state = WaiverState.IN_USE
    elif not concerned:
        state = WaiverState.UNDECIDED if partial or not own else WaiverState.UNUSED
    elif any(each.verdict is Verdict.FAILED for each in concerned):
        state = WaiverState.UNUSED
    elif all(each.verdict in GOOD for each in concerned):
        state = WaiverState.NO_LONGER_NEEDED
    else:
        state = WaiverState.UNDECIDED
    texts = {**waiver.model_dump(), "expiry": waiver.expiry.isoformat()}
    accepted = fitting if state is WaiverState.IN_USE else ()
    return WaiverRow(id=id_, state=state, checks=accepted, **texts)
