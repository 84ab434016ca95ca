"""Tax heads of a business service besides the one that the profile names, from its master."""

from collections.abc import Callable
from typing import Final

from conformance.client.client import Client
from conformance.core.verdicts import NotApplicable
from conformance.mdms.masters import Row
from conformance.mdms.served import master
from conformance.profile.target import Service

LOWERING: Final = frozenset({"REBATE", "EXEMPTION"})
# Heads that billing writes itself, or that carry no amount of their own.
NOT_RAISED: Final = LOWERING | {"ADVANCE_COLLECTION", "ADVANCE"}


def further_head(client: Client, service: Service) -> str:
    """Return a second tax head of a service; NotApplicable where its master has none."""
    return _head(client, service, "further", lambda category: category not in NOT_RAISED)


def rebate_head(client: Client, service: Service) -> str:
    """Return a tax head of a service that lowers a demand; NotApplicable where there is none."""
    return _head(client, service, "lowering", lambda category: category in LOWERING)


def _head(client: Client, service: Service, kind: str, fits: Callable[[str], bool]) -> str:
    code = service.business_service
    for row in master(client, "BillingService", "TaxHeadMaster"):
        if row.get("service") == code and _is_raised(row, service) and fits(_category(row)):
            return str(row["code"])
    raise NotApplicable(f"the master BillingService.TaxHeadMaster has no {kind} tax head of {code}")


def _is_raised(row: Row, service: Service) -> bool:
    """Whether a row is another head than the profile's, and none that only rounds."""
    head = str(row.get("code") or service.tax_head)
    return head != service.tax_head and "ROUND" not in head.upper()


def _category(row: Row) -> str:
    return str(row.get("category") or "").upper()
