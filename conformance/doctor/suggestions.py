"""What a deployment itself says of the settings of its profile: defaults, and what there is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from conformance.bbps.needs import Terms
from conformance.client.client import Client
from conformance.core.verdicts import Inconclusive
from conformance.mdms.masters import FOUR_URLS
from conformance.mdms.served import master, served
from conformance.profile.target import FIVE_MODES, Service

ROLE: Final = "BBPS_USER"  # its usual code
# What the name of a tax head says where it is no charge of its own.
MINOR_HEADS: Final = ("REBATE", "PENALTY", "INTEREST", "ROUNDOFF", "ADVANCE", "ADHOC", "CESS")


def cities(client: Client) -> list[str]:
    """Return the codes of the tenants below the state, in their order; Inconclusive."""
    state = client.target.state_tenant
    codes = (str(row.get("code") or "") for row in master(client, "tenant", "tenants"))
    return [code for code in codes if code.startswith(f"{state}.")]


def roles(client: Client) -> list[str]:
    """Return the codes of the roles, those that hold the four actions first; Inconclusive."""
    masters = served(client)
    codes = list(dict.fromkeys(str(row["code"]) for row in masters.roles if row.get("code")))

    def lacking(code: str) -> int:
        return len(set(FOUR_URLS) - set(masters.urls_of(code)))

    return sorted(codes, key=lambda code: (code != ROLE, lacking(code)))


def gateways(client: Client, reader: str) -> list[str]:
    """Return the payment gateways that pg-service lists; Inconclusive."""
    response = client.call("gateway.search", as_=reader, tolerant=True)
    if not response.succeeded or not isinstance(response.body, list):
        raise Inconclusive(
            f"the payment gateways cannot be listed ({response.description})",
            f"grant the {reader} /pg-service/gateway/v1/_search",
        )
    return [str(each) for each in response.body]


@dataclass(frozen=True, kw_only=True)
class Services:
    """The business services that have a tax head, as the masters describe them."""

    offered: Sequence[Terms]

    @property
    def main(self) -> Terms | None:
        """One that takes transactions and no part of a bill, if there is one: the usual case."""
        fitting = [each for each in self.offered if each.takes_transactions]
        return next((each for each in fitting if not each.parts and not each.shut), None) or next(
            iter(fitting), None
        )

    def partial(self, main: str) -> Terms | None:
        """One that allows part payment, if the main one does not."""
        return self._other(main, [each for each in self.offered if each.parts])

    def restricted(self, main: str) -> Terms | None:
        """One that takes transactions, but not every mode of payment."""
        shut = [each for each in self.offered if FIVE_MODES.intersection(each.shut)]
        return self._other(main, sorted(shut, key=lambda each: not each.takes_transactions))

    def of(self, code: str) -> Terms | None:
        """Return a business service by its code."""
        return next((each for each in self.offered if each.code == code), None)

    def _other(self, main: str, fitting: Sequence[Terms]) -> Terms | None:
        own = any(each.code == main for each in fitting)
        return None if own else next(iter(fitting), None)


def heads_of(client: Client, service: str) -> list[str]:
    """Return the tax heads of a business service, those of a charge of its own first."""
    rows = master(client, "BillingService", "TaxHeadMaster")
    own = [str(row.get("code")) for row in rows if row.get("service") == service]
    return sorted(own, key=lambda code: any(word in code.upper() for word in MINOR_HEADS))


def services(client: Client) -> Services:
    """Return what the masters offer to be billed; Inconclusive."""
    offered = []
    for row in master(client, "BillingService", "BusinessService"):
        code = str(row.get("code") or "")
        heads = heads_of(client, code)
        if code and heads:
            service = Service(business_service=code, tax_head=heads[0])
            offered.append(Terms(service=service, row=row))
    return Services(offered=offered)
