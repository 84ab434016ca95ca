"""What a target lets traces do, as harmless calls of this run show."""

from typing import Final

from conformance.bbps import trials
from conformance.bbps.dimensions.accounts import CHANGE, account_in_use, change_account
from conformance.bbps.flow import Bbps
from conformance.checks.controls import granted
from conformance.checks.probes import BBPS_ACTIONS, UPDATE, Probe
from conformance.checks.stateful.payer import OWNER
from conformance.checks.stateful.steps import (
    CASHIER,
    DEACTIVATED,
    OUTSIDERS,
    RIVAL,
    WITHDRAWN,
    Setting,
)
from conformance.client.client import ANONYMOUS
from conformance.core.verdicts import Inconclusive, NotApplicable

FETCH, CREATE = BBPS_ACTIONS[:2]
TRIAL: Final = "trial-integrator"


def setting_of(bbps: Bbps) -> Setting:
    """Return what a target lets traces do; a refused probe shows whose calls reach a service."""
    demands = bbps.target.bills.provision == "demands"
    rival = _reaches(bbps, RIVAL, UPDATE)
    outsiders = [each for each in OUTSIDERS if each == ANONYMOUS or _able(bbps, each)]
    if not _reaches(bbps, OWNER, UPDATE):
        outsiders = []  # a gateway that refuses everybody shows nothing
    return Setting(
        callers=tuple(each for each in (OWNER, RIVAL, CASHIER) if _reaches(bbps, each, FETCH))
        or (OWNER,),
        owners=(OWNER, RIVAL) if rival and _reaches(bbps, RIVAL, CREATE) else (OWNER,),
        outsiders=tuple(each for each in (OWNER, *outsiders) if each != RIVAL or rival),
        modes=_modes(bbps) if _able(bbps, CASHIER) else (),
        parts=demands and bbps.target.bills.partial is not None,
        together=demands and _pays_together(bbps),
        dismissals=_dismissals(bbps) if demands else (),
        changes=demands,
        clock=bbps.clock.movable,
    )


def _modes(bbps: Bbps) -> tuple[str, ...]:
    return tuple(each for each in ("CASH", "CHEQUE") if each in bbps.target.payment_modes)


def _able(bbps: Bbps, actor: str) -> bool:
    """Whether an actor of the profile has a token."""
    client = bbps.client
    known = actor in client.actors and not client.actors[actor].create
    return known and not client.sessions.refused(actor)


def _reaches(bbps: Bbps, actor: str, probe: Probe) -> bool:
    """Whether the gateway lets an actor through to a service."""
    if not _able(bbps, actor):
        return False
    try:
        return bbps.client.admitted(actor, probe.operation) or probe.call(bbps, as_=actor).reached
    except Inconclusive:
        return False


def _pays_together(bbps: Bbps) -> bool:
    """Whether one transaction may pay two bills."""
    try:
        return trials.two_bills(bbps).succeeded
    except Inconclusive:
        return False


def _dismissals(bbps: Bbps) -> tuple[str, ...]:
    """Return how the account of a user that this run creates may be changed."""
    possible = []
    try:
        user = account_in_use(bbps, TRIAL)
        for how in (WITHDRAWN, DEACTIVATED):
            change = CHANGE.values[how].fields(bbps)
            granted(change_account(bbps, user, change), f"the change of an account: {how}")
            possible.append(how)
    except (Inconclusive, NotApplicable):
        pass
    return tuple(possible)
