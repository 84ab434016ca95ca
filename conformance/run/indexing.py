"""Makes what is kept beforehand: `python -m conformance.run.indexing` writes it.

That is the index of checks, from a collection, and the linked contracts.
"""

from collections.abc import Iterable

from conformance.contracts import Contracts, kept
from conformance.contracts.loading import COMMON, SERVICES, read_all_errata
from conformance.core import resources
from conformance.core.check_index import PATH, IndexedCheck, as_json
from conformance.results.journal import PlannedCheck
from conformance.run.certify import collected
from conformance.run.config import RunConfig


def index_text() -> str:
    """Return what the index file must contain for the checks as they are now."""
    return as_json(_indexed(collected(RunConfig()).planned))


def contracts_text() -> str:
    """Return what the file of linked contracts must contain for the contracts as they are now."""
    contracts = Contracts.load()
    return kept.as_text(
        known=[erratum.as_row() for erratum in read_all_errata().values()],
        documents={each: contracts.described_now(each) for each in (*SERVICES, COMMON)},
        applied=contracts.errata,
        services={service: contracts.linked(service) for service in SERVICES},
    )


def _indexed(planned: Iterable[PlannedCheck]) -> list[IndexedCheck]:
    """Return the checks, those that differ in their cases only as one."""
    cases: dict[tuple[str, str], list[PlannedCheck]] = {}
    for each in planned:
        module = each.check.partition("::")[0]
        cases.setdefault((module, each.title.partition(" [")[0]), []).append(each)
    return [
        IndexedCheck(
            module=module,
            title=title,
            requirements=tuple(dict.fromkeys(id_ for each in found for id_ in each.requirements)),
            cases=len(found),
        )
        for (module, title), found in cases.items()
    ]


if __name__ == "__main__":
    PATH.write_text(index_text(), encoding="utf-8")
    (resources.folder("contracts") / kept.NAME).write_text(contracts_text(), encoding="utf-8")
