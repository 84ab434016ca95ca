"""Controls: what must hold so that a refusal shows something. Inconclusive where it does not."""

from collections.abc import Mapping

from conformance.bbps.answers import judged, undecided
from conformance.bbps.flow import Bbps
from conformance.checks.probes import Probe
from conformance.client.client import Parts
from conformance.client.response import Response
from conformance.core.verdicts import Inconclusive


def granted(response: Response, what: str) -> None:
    """Make sure of a 2xx."""
    judged(response, what)
    if not response.succeeded:
        raise Inconclusive(
            f"{what} did not succeed: {response.description}",
            "see the requirement that covers this call, and check the rights of the actor",
        )


def taken(response: Response, what: str) -> bool:
    """Return whether a service accepted something; make sure that it did that or refused it."""
    judged(response, what)
    if not (response.succeeded or response.refused):
        raise undecided(response, what)
    return response.succeeded


def reached(
    bbps: Bbps,
    probe: Probe,
    *,
    as_: str = "integrator",
    tenant: str = "",
    headers: Mapping[str, str] | None = None,
) -> None:
    """Make sure that the calls of an actor reach a service."""
    response = probe.call(bbps, as_=as_, tenant=tenant, headers=headers or {})
    arrived(response, f"the control call {probe} as {as_}")


def arrived(response: Response, what: str) -> None:
    """Make sure that a call has reached a service."""
    if not response.reached:
        raise Inconclusive(
            f"{what} did not reach the service: {response.description}",
            "see MDM-04 for the role's mapping",
        )


def closed(bbps: Bbps, probe: Probe, *, as_: str, token: str = "") -> None:
    """Make sure that a call of an actor reaches no service, with a token instead of its own."""
    parts: Parts = {"token": token} if token else {}
    response = probe.call(bbps, as_=as_, **parts)
    if not response.denied:
        raise Inconclusive(
            f"the control call {probe} as {as_} is not refused: {response.description}",
            "see USR-09 for the end of a session, and MDM-05 for what is closed",
        )
