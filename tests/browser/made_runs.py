"""Made-up runs of the whole register for the pages: one for each way in which a run ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from conformance.core.requirements import Register
from conformance.core.verdicts import Finding, Verdict
from conformance.report.writing import write_all
from conformance.results.journal import Journal
from conformance.results.waivers import Waiver
from tests.unit.conftest import exchange_of, finding_of, header_of, planned_of

REQUIRED: Final = "An update by a rival is refused."
OBSERVED: Final = "The update by a rival was accepted."
MISSING: Final = "No second address is named; add network.second_egress."
WAIVER: Final = Waiver(
    requirement="TXN-08",
    condition="accepted",
    reason="The repair comes with the next release.",
    owner="payments team",
    link="https://tickets.digit.org/7",
    expiry=date(9999, 3, 31),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A way in which a run ends: its verdict, what differs from passed, what its reports say."""

    verdict: str
    differs: tuple[Finding, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    says: tuple[str, ...] = ()


FAILED: Final = finding_of("TXN-08", Verdict.FAILED, required=REQUIRED, observed=OBSERVED)
ENDINGS: Final[Mapping[str, Ending]] = {
    "conformant": Ending(verdict="CONFORMANT"),
    "non-conformant": Ending(
        verdict="NON-CONFORMANT", differs=(FAILED,), says=(REQUIRED, OBSERVED)
    ),
    "waived": Ending(
        verdict="CONFORMANT WITH WAIVERS",
        differs=(FAILED,),
        waivers=(WAIVER,),
        says=(WAIVER.reason, WAIVER.owner),
    ),
    "incomplete": Ending(
        verdict="INCONCLUSIVE",
        differs=(finding_of("USR-06", Verdict.INCONCLUSIVE, reason=MISSING),),
        says=(MISSING,),
    ),
}


def made(folder: Path, ending: Ending) -> Path:
    """Write all reports of a run that ends so; return its folder."""
    register = Register.load()
    differs = {each.requirements: each for each in ending.differs}
    findings = [differs.get((each.id,), finding_of(each.id)) for each in register]
    journal = Journal(folder, header_of(), register, planned_of(findings))
    for finding in findings:
        for id_ in finding.exchanges:
            journal.exchanges.add(exchange_of(id_, finding.check))
        journal.finding(finding)
    results = journal.close(waivers=list(ending.waivers))
    write_all(folder, results, journal.exchanges)
    return folder
