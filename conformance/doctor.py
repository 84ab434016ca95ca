"""Is the target fit to be checked? Set-up faults are told here, with remedy, not by checks."""

from conformance.client import ANONYMOUS, Client
from conformance.verdicts import Inconclusive


class SetupFault(Exception):
    """The target cannot be checked as the profile describes it; the message says what to do."""


def examine(client: Client) -> None:
    """Make sure that the target answers and each supplied actor obtains a token.

    Raises SetupFault with every fault found. Actors that the run creates itself are left to the
    checks: whether they can be created is a requirement (USR-01).
    """
    _reach(client)
    faults = [fault for name in client.target.actors if (fault := _credential_fault(client, name))]
    if faults:
        listing = "\n".join(f"  - {fault}" for fault in faults)
        raise SetupFault(f"{client.target.base_url}: the target is not ready:\n{listing}")


def _reach(client: Client) -> None:
    """Ask for anything without a token: any answer of the deployment will do."""
    try:
        client.call("gateway.search", as_=ANONYMOUS, tolerant=True)
    except Inconclusive as fault:
        raise SetupFault(
            f"{client.target.base_url}: nothing usable answers there ({fault.reason}).\n"
            "Check base_url in the profile, the network and proxies between, and that the "
            "deployment is up; then run again."
        ) from None


def _credential_fault(client: Client, name: str) -> str:
    if client.target.actors[name].create:
        return ""
    try:
        client.token(name)
    except Inconclusive as fault:
        return f"{fault.reason}; {fault.remedy}"
    return ""
