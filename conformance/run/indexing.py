"""Makes the index of checks from a collection: `python -m conformance.run.indexing` writes it."""

from collections.abc import Iterable

from conformance.core.check_index import PATH, IndexedCheck, as_json
from conformance.results.journal import PlannedCheck
from conformance.run.certify import collected
from conformance.run.config import RunConfig


def index_text() -> str:
    """Return what the index file must contain for the checks as they are now."""
    return as_json(_indexed(collected(RunConfig()).planned))


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
