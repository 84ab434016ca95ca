"""What may be wrong with what demands need: business services, tax heads and tax periods."""

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, Final, TypeGuard
from zoneinfo import ZoneInfo

from conformance.mdms.masters import MasterRows, Masters, Row
from conformance.mdms.rules import Flaw, flaw

ZONE: Final = ZoneInfo("Asia/Kolkata")
FORBIDDEN: Final = "collectionModesNotAllowed"
ADVANCE: Final = "ADVANCE_COLLECTION"
CYCLES: Final = frozenset({"MONTH", "QUARTER", "HALFYEAR", "ANNUAL"})
USUAL_MODES: Final = frozenset({"CASH", "CHEQUE", "DD", "ONLINE", "CARD"})
# Those of collection-services, with the two that forks have added.
MODES: Final = USUAL_MODES | {
    "OFFLINE_NEFT", "OFFLINE_RTGS", "ONLINE_NEFT", "ONLINE_RTGS", "POSTAL_ORDER", "QR_CODE", "BBPS",
}  # fmt: skip


def noon(day: date) -> int:
    """Return the middle of a day in India, in epoch ms: no border of a period is near it."""
    return int(datetime.combine(day, time(12), ZONE).timestamp()) * 1000


def service_flaws(masters: Masters) -> Iterator[Flaw]:
    """Yield what is wrong with the rows of BusinessService.json."""
    services = masters.master("BusinessService.json")
    yield from _twice(services, "service-twice")
    for index, code, row in _coded(services):
        if row.get("isAdvanceAllowed") is None:
            message = f"{code} has no isAdvanceAllowed"
            yield flaw("service-no-advance", message, services.spot(index), row)
        if isinstance(row.get(FORBIDDEN), list):
            yield from _mode_flaws(row, services, index)


def _twice(rows: MasterRows, rule: str) -> Iterator[Flaw]:
    """Yield a flaw for each row whose code another has before it."""
    first: dict[str, str] = {}
    for index, code, row in _coded(rows):
        spot = rows.spot(index, "code")
        if code in first:
            yield flaw(rule, f"{code} stands already in {first[code]}", spot, row)
        first.setdefault(code, spot.within)


def _coded(rows: MasterRows) -> Iterator[tuple[int, str, Row]]:
    """Yield the rows whose code is a text: place, code, and row."""
    for index, row in rows.numbered:
        if isinstance(code := row.get("code"), str):
            yield index, code, row


def _mode_flaws(row: Row, services: MasterRows, index: int) -> Iterator[Flaw]:
    forbidden = {str(each) for each in row[FORBIDDEN]}
    spot = services.spot(index, FORBIDDEN)
    for mode in sorted(forbidden - MODES):
        message = f"{row['code']} forbids {mode!r}, which is no mode of payment"
        yield flaw("mode-unknown", message, spot, row)
    if forbidden >= USUAL_MODES:
        modes = ", ".join(sorted(USUAL_MODES))
        yield flaw("service-takes-nothing", f"{row['code']} forbids {modes}", spot, row)
    elif "ONLINE" in forbidden:
        yield flaw("service-no-online", f"{row['code']} forbids ONLINE", spot, row)


def services_without_heads(masters: Masters) -> Iterator[Flaw]:
    """Yield the business services that lack a tax head, or the one for advances."""
    heads = _by_service(masters.master("TaxHeadMaster.json"))
    for code, row, services, index in _services(masters):
        own = heads.get(code, [])
        if not own:
            message, spot = f"{code} has no tax head", services.spot(index, "code")
            yield flaw("service-no-tax-head", message, spot, row)
        advances = row.get("isAdvanceAllowed") is True
        if advances and all(each.get("category") != ADVANCE for each in own):
            message = f"{code} allows advances, and has no tax head of category {ADVANCE}"
            spot = services.spot(index, "isAdvanceAllowed")
            yield flaw("service-no-advance-head", message, spot, row)


def services_without_periods(masters: Masters, day: date) -> Iterator[Flaw]:
    """Yield the business services that have no tax period, or none that holds a day."""
    periods = _by_service(masters.master("TaxPeriod.json"))
    for code, row, services, index in _services(masters):
        own = [span for each in periods.get(code, ()) if (span := span_of(each))]
        spot = services.spot(index, "code")
        if not own:
            yield flaw("service-no-period", f"{code} has no tax period", spot, row)
        elif not any(start <= noon(day) <= end for start, end in own):
            ended = max(datetime.fromtimestamp(end // 1000, ZONE).date() for _, end in own)
            message = f"{code} has no tax period that holds {day}; the last one ends on {ended}"
            yield flaw("period-not-current", message, spot, row)


def head_flaws(masters: Masters) -> Iterator[Flaw]:
    """Yield what is wrong with the rows of TaxHeadMaster.json alone."""
    heads = masters.master("TaxHeadMaster.json")
    yield from _twice(heads, "tax-head-twice")
    for index, code, row in _coded(heads):
        if isinstance(row.get("order"), str):
            message = f"the order of {code} is the text {row['order']!r}"
            yield flaw("tax-head-order", message, heads.spot(index, "order"), row)


def period_flaws(masters: Masters) -> Iterator[Flaw]:
    """Yield what is wrong with the rows of TaxPeriod.json alone."""
    periods = masters.master("TaxPeriod.json")
    first: dict[tuple[str, int, int], str] = {}
    for index, row in periods.numbered:
        name, cycle = row.get("code"), row.get("periodCycle")
        span = span_of(row)
        if span is None:
            message = f"the period {name} is from {row.get('fromDate')} to {row.get('toDate')}"
            yield flaw("period-dates", message, periods.spot(index, "fromDate"), row)
        elif (key := (str(row.get("service")), *span)) in first:
            message = f"the period {name} of {row.get('service')} stands already in {first[key]}"
            yield flaw("period-twice", message, periods.spot(index), row)
        else:
            first[key] = periods.spot(index).within
        if str(cycle) not in CYCLES:
            message = f"the cycle of {name} is {cycle}"
            yield flaw("period-cycle", message, periods.spot(index, "periodCycle"), row)


def unknown_services(masters: Masters, file: str, rule: str) -> Iterator[Flaw]:
    """Yield the rows of tax heads or periods whose business service does not exist."""
    known = {code for code, *_ in _services(masters)}
    master = masters.master(file)
    for index, row in master.numbered:
        service = row.get("service")
        if service is not None and str(service) not in known:
            message = f"{row.get('code')} is of {service!r}, which BusinessService.json lacks"
            yield flaw(rule, message, master.spot(index, "service"), row)


def missing_services(masters: Masters, wanted: frozenset[str]) -> Iterator[Flaw]:
    """Yield the business services that BBPS is to bill and that do not exist."""
    known = {code for code, *_ in _services(masters)}
    for code in sorted(wanted - known):
        spot = masters.master("BusinessService.json").spot(None, "BusinessService")
        yield flaw("service-missing", f"there is no business service {code}", spot)


def span_of(row: Row) -> tuple[int, int] | None:
    """Return the first and the last moment (epoch ms) of a tax period; None if it has none."""
    first, last = row.get("fromDate"), row.get("toDate")
    return (first, last) if _moment(first) and _moment(last) and first <= last else None


def _moment(value: Any) -> TypeGuard[int]:
    """Whether a value is a moment in epoch ms that a calendar knows."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**14


def _services(masters: Masters) -> Iterator[tuple[str, Row, MasterRows, int]]:
    """Yield code, row, master and index of the first row of each business service."""
    services = masters.master("BusinessService.json")
    seen = set()
    for index, row in services.numbered:
        code = row.get("code")
        if isinstance(code, str) and code not in seen:
            seen.add(code)
            yield code, row, services, index


def _by_service(master: MasterRows) -> dict[str, list[Row]]:
    """Return the rows of a master by their business service."""
    found: dict[str, list[Row]] = {}
    for row in master.usable:
        found.setdefault(str(row.get("service")), []).append(row)
    return found
