"""Is the target fit to be checked? Set-up faults are told here, with remedy, not by checks."""

from conformance.bbps import Bbps
from conformance.doctor.line import examine_line
from conformance.doctor.looks import AREAS, Examination, Look, SetupFault, State, unseen
from conformance.doctor.masters import examine_masters
from conformance.doctor.money import examine_money

__all__ = ["AREAS", "Examination", "Look", "SetupFault", "State", "examine", "require_fit"]


def examine(bbps: Bbps) -> Examination:
    """Look at the line, credentials, master data, a bill and the outcome; raises nothing.

    Mode inspect changes nothing on the target; other modes raise one demand, in the ledger.
    Actors that a run creates itself are left to the checks: that they can be created is USR-01.
    """
    line = examine_line(bbps.client)
    looks, detected = list(line.looks), line.detected
    if line.answers:
        looks += examine_masters(bbps)
        money = examine_money(bbps)
        looks += money.looks
        detected = "; ".join(filter(None, (detected, money.hint)))
    else:
        areas = {look.area for look in looks}
        looks += [unseen(area, "", "the deployment cannot be asked") for area in AREAS - areas]
    order = list(AREAS)
    return Examination(
        base_url=bbps.target.base_url,
        looks=tuple(sorted(looks, key=lambda look: order.index(look.area))),
        detected=detected,
    )


def require_fit(examination: Examination) -> None:
    """Raise SetupFault with every fault that keeps checks from starting."""
    blocking = [look for look in examination.faults if look.blocking]
    if blocking:
        listing = "\n".join(look.told() for look in blocking)
        raise SetupFault(f"{examination.base_url}: the target is not ready:\n{listing}")
