"""Master data as one deployment has it: rows by tenant, module and master, and what they say."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from conformance.reference.platform.clock import SECOND, ZONE

Row = dict[str, Any]
Modules = Mapping[str, Mapping[str, list[Row]]]

ROLES: Final = ("ACCESSCONTROL-ROLES", "roles")
ACTIONS: Final = ("ACCESSCONTROL-ACTIONS-TEST", "actions-test")
GRANTS: Final = ("ACCESSCONTROL-ROLEACTIONS", "roleactions")
BUSINESS_SERVICES: Final = ("BillingService", "BusinessService")
TAX_HEADS: Final = ("BillingService", "TaxHeadMaster")
TAX_PERIODS: Final = ("BillingService", "TaxPeriod")


class MasterData:
    """The masters of one state and its cities.

    A city's own master replaces the state's. Without a TaxPeriod master, every service has the
    financial years around the time in question.
    """

    def __init__(self, state: str, cities: Iterable[str], by_tenant: Mapping[str, Modules]) -> None:
        self.state = state
        self.cities = tuple(cities)
        self._by_tenant = by_tenant
        urls = {row["id"]: row["url"] for row in self.rows(ACTIONS)}
        self._granted: dict[str, dict[int, str]] = defaultdict(dict)
        for row in self.rows(GRANTS):
            if row["actionid"] in urls:
                self._granted[row["rolecode"]][row["actionid"]] = urls[row["actionid"]]

    def knows(self, tenant: Any) -> bool:
        """Whether a tenant is the state or one of its cities."""
        return tenant == self.state or tenant in self.cities

    def modules(self, tenant: str) -> dict[str, dict[str, list[Row]]]:
        """Return every module with its masters, as a tenant sees them."""
        seen: dict[str, dict[str, list[Row]]] = {}
        for owner in dict.fromkeys((self.state, tenant)):
            for module, masters in self._by_tenant.get(owner, {}).items():
                seen[module] = seen.get(module, {}) | dict(masters)
        return seen

    def rows(self, master: tuple[str, str]) -> list[Row]:
        """Return the state's rows of a master; none where it has no such master."""
        module, name = master
        return self._by_tenant.get(self.state, {}).get(module, {}).get(name, [])

    def granted(self, role: str) -> Mapping[int, str]:
        """Return the URLs that a role opens, by the id of their action."""
        return self._granted.get(role, {})

    def has_role(self, code: str) -> bool:
        """Whether roles.json lists a role."""
        return any(row["code"] == code for row in self.rows(ROLES))

    def business_service(self, code: str) -> Row | None:
        """Return the BusinessService row of a code, or None."""
        return next((row for row in self.rows(BUSINESS_SERVICES) if row["code"] == code), None)

    def tax_heads(self, service: str) -> list[Row]:
        """Return the TaxHeadMaster rows of a business service."""
        return [row for row in self.rows(TAX_HEADS) if row["service"] == service]

    def tax_periods(self, now: datetime) -> list[Row]:
        """Return the TaxPeriod rows at a time."""
        services = [row["code"] for row in self.rows(BUSINESS_SERVICES)]
        return self.rows(TAX_PERIODS) or financial_years(services, now)


def financial_years(services: Iterable[str], now: datetime) -> list[Row]:
    """Return the TaxPeriod rows of services, from four years before a time to four after it."""
    this_year = _year_of(now)
    return [
        {
            "fromDate": _first_of_april(year),
            "toDate": _last_of_march(year),
            "periodCycle": "ANNUAL",
            "service": service,
            "code": f"{service}AN{year}",
            "financialYear": f"{year}-{(year + 1) % 100:02d}",
        }
        for service in services
        for year in range(this_year - 4, this_year + 5)
    ]


def financial_year(now: datetime) -> tuple[int, int]:
    """Return start and end (epoch ms) of the financial year of a time."""
    year = _year_of(now)
    return _first_of_april(year), _last_of_march(year)


def _year_of(now: datetime) -> int:
    """Return the calendar year in which the financial year of a time begins."""
    return now.year if now.month >= 4 else now.year - 1


def _last_of_march(year: int) -> int:
    return _first_of_april(year + 1) - SECOND


def _first_of_april(year: int) -> int:
    return int(datetime(year, 4, 1, tzinfo=ZONE).timestamp()) * SECOND
