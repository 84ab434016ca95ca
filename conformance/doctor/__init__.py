"""Is the target fit to be checked? Set-up faults are told here, with remedy, not by checks."""

from conformance.bbps.flow import Bbps
from conformance.doctor.actors import examine_actors
from conformance.doctor.addresses import examine_addresses
from conformance.doctor.bills import examine_money
from conformance.doctor.connectivity import examine_line
from conformance.doctor.diagnostics import AREAS, Diagnostic, Examination, SetupFault, State, unseen
from conformance.doctor.lineage import detected
from conformance.doctor.master_data import examine_masters

__all__ = ["AREAS", "Diagnostic", "Examination", "SetupFault", "State", "examine", "require_fit"]


def examine(bbps: Bbps) -> Examination:
    """Look at the line, credentials, master data, a bill and the outcome; raises nothing.

    Mode inspect changes nothing on the target; other modes raise one demand and create the
    SYSTEM users of the run, in the ledger. What rests on another fault is no fault of its own.
    """
    line = examine_line(bbps.client)
    diagnostics, kin = list(line.diagnostics), ""
    if line.responses:
        diagnostics += examine_actors(bbps)
        diagnostics += examine_masters(bbps)
        money = examine_money(
            bbps, [diagnostic for diagnostic in diagnostics if diagnostic.state is State.FAULT]
        )
        diagnostics += money.diagnostics
        diagnostics += examine_addresses(bbps.client)
        kin = detected(bbps.client, line.gateway, money.nothing_due)
    else:
        areas = {diagnostic.area for diagnostic in diagnostics}
        diagnostics += [
            unseen(area, "", "the deployment cannot be called") for area in AREAS - areas
        ]
    order = list(AREAS)
    return Examination(
        base_url=bbps.target.base_url,
        diagnostics=tuple(sorted(diagnostics, key=lambda diagnostic: order.index(diagnostic.area))),
        detected=kin,
    )


def require_fit(examination: Examination) -> None:
    """Raise SetupFault with every fault, if one of them keeps checks from starting."""
    if not examination.fit:
        listing = "\n".join(diagnostic.describe() for diagnostic in examination.faults)
        raise SetupFault(f"{examination.base_url}: the target is not ready:\n{listing}")
