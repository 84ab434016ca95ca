"""Controls: what must hold so that a refusal shows something. Inconclusive where it does not."""

from collections.abc import Mapping

from conformance.bbps.flow import Bbps
from conformance.checks.expect import undecided
from conformance.checks.probes import Probe
from conformance.client.response import Answer
from conformance.core.verdicts import Inconclusive


def granted(answer: Answer, what: str) -> None:
    """Make sure of a 2xx."""
    if not answer.succeeded:
        raise Inconclusive(
            f"{what} could not be had: {answer.in_words}",
            "see the requirement that demands it, or the actor's rights",
        )


def taken(answer: Answer, what: str) -> bool:
    """Return whether something was accepted; make sure that it was either that or refused."""
    if not (answer.succeeded or answer.refused):
        raise undecided(answer, what)
    return answer.succeeded


def reached(
    bbps: Bbps, probe: Probe, *, as_: str = "integrator", headers: Mapping[str, str] | None = None
) -> None:
    """Make sure that an actor gets through to a service."""
    answer = probe.call(bbps, as_=as_, headers=headers or {})
    if not answer.reached:
        raise Inconclusive(
            f"the control call {probe} as {as_} did not get through: {answer.in_words}",
            "see MDM-04 for the role's mapping",
        )


def outside(answer: Answer, requirement: str) -> None:
    """Make sure that an address is shut out."""
    if answer.reached and "error" not in (answer.body or {}):
        raise Inconclusive(
            f"the other address is not shut out in the first place ({answer.in_words})",
            f"see {requirement} for the binding itself",
        )
