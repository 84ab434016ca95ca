"""Is the target fit to be checked? The doctor reports set-up faults, checks do not."""

from collections.abc import Collection

from conformance.bbps.flow import Bbps
from conformance.core.requirements import Requirement
from conformance.doctor.actors import examine_actors
from conformance.doctor.addresses import examine_addresses
from conformance.doctor.bills import examine_bills
from conformance.doctor.connectivity import examine_connectivity
from conformance.doctor.diagnostics import AREAS, Diagnostic, Examination, SetupFault, State, unseen
from conformance.doctor.lineage import detected
from conformance.doctor.master_data import examine_master_data
from conformance.doctor.predictions import (
    Prediction,
    described,
    predict,
    ranges,
    rights_of,
)
from conformance.doctor.rights import examine_rights

__all__ = [
    "AREAS", "Diagnostic", "Examination", "Prediction", "SetupFault", "State", "described",
    "examine", "ranges", "require_fit",
]  # fmt: skip


def examine(
    bbps: Bbps,
    requirements: Collection[Requirement] = (),
    *,
    met: Collection[str] = (),
    lines: bool = True,
) -> Examination:
    """Examine the connection, credentials, rights, master data, a bill and the outcome.

    Predict which of the `requirements` will stay undecided; their needs `met` are taken care of.
    Raises nothing. Mode inspect changes nothing on the target; other modes create the SYSTEM
    users of the run, and a demand of one rupee with a transaction that fails, in the ledger. What
    rests on another fault is no fault of its own. Without `lines` it is not looked for which line
    of DIGIT each service is of: no check depends on that, and the calls for it are many.
    """
    bbps.provision.prepare_accounts()
    checkable = [each for each in requirements if not each.not_checked]
    connection = examine_connectivity(bbps.client)
    diagnostics, lineage = list(connection.diagnostics), ""
    predictions: tuple[Prediction, ...] = ()
    if connection.responses:
        diagnostics += examine_actors(bbps)
        diagnostics += examine_master_data(bbps)
        bills = examine_bills(
            bbps, [diagnostic for diagnostic in diagnostics if diagnostic.state is State.FAULT]
        )
        diagnostics += bills.diagnostics
        diagnostics += examine_rights(bbps, rights_of(checkable, bbps.target.mode))
        diagnostics += examine_addresses(bbps.client)
        lineage = detected(bbps, connection.gateway, bills.nothing_due) if lines else ""
        predictions = predict(bbps, checkable, met)
    else:
        areas = {diagnostic.area for diagnostic in diagnostics}
        diagnostics += [
            unseen(area, "", "the deployment cannot be called") for area in AREAS - areas
        ]
    order = list(AREAS)
    return Examination(
        base_url=bbps.target.base_url,
        diagnostics=tuple(sorted(diagnostics, key=lambda diagnostic: order.index(diagnostic.area))),
        detected=lineage,
        predictions=predictions,
    )


def require_fit(examination: Examination) -> None:
    """Raise SetupFault with every fault, if one of them keeps checks from starting."""
    if not examination.fit:
        listing = "\n".join(diagnostic.describe() for diagnostic in examination.faults)
        raise SetupFault(f"{examination.base_url}: the target is not ready:\n{listing}")
