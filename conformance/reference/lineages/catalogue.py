"""Lineages of DIGIT: the faults and formats by which each departs from the strict reference."""

import difflib
from collections.abc import Mapping
from typing import Final

from conformance.reference.platform.choices import choice
from conformance.reference.platform.lineage import Lineage
from conformance.reference.platform.settings import BadSetting

# Rules of BBPS that no stock line follows.
STOCK_FAULTS: Final = (
    "owner-check-off",
    "terminal-guard-off",
    "receipt-dated-at-update",
    "late-success-refused",
    "login-from-anywhere",
    "token-from-anywhere",
    "internal-flag-honoured",
    "body-tenant-wins",
    "client-receipt-kept",
    "client-gateway-id-kept",
    "total-not-compared",
    *choice("remit-reverses-demand"),
)
STOCK_VERDICTS: Final = {
    "USR-04": "failed",
    "USR-06": "failed",
    "USR-07": "failed",
    "USR-08": "inconclusive",  # nothing is bound, so nothing can be opened by a forged header
    "MDM-08": "failed",
    "TXN-02": "failed",  # receipt and gatewayTxnId of the client are stored
    "TXN-08": "failed",
    "TXN-09": "failed",
    "TXN-10": "failed",
    "TXN-11": "failed",
    "RCP-02": "failed",
    "RCP-03": "failed",
    "RCP-04": "failed",
    "RCP-07": "failed",  # a success that became a failure keeps its payment
    "PAY-08": "failed",
    "PAY-12": "failed",  # a remittance reopens the demand
    "CON-07": "failed",  # the gateway answers 500 to malformed bodies
}
# Zuul's own list of mixed-mode paths lets anybody create users.
ZUUL_VERDICTS: Final = STOCK_VERDICTS | {"USR-02": "failed"}
LINEAGES: Final[Mapping[str, Lineage]] = {
    each.name: each
    for each in (
        Lineage(name="strict"),
        Lineage(
            name="digit-2.8",
            faults=STOCK_FAULTS,
            mixed=choice("zuul-mixed-paths"),
            breaks_on_odd_input=True,
            one_tenant_is_enough=True,
            pending_is_failure=True,
            bad_token_status=choice("zuul-bad-token-status"),
            predicted=ZUUL_VERDICTS,
        ),
        Lineage(
            name="digit-lts",
            faults=(*STOCK_FAULTS, "internal-host-in-error"),
            gateway="spring",
            mixed=choice("spring-mixed-paths"),
            breaks_on_odd_input=True,
            one_tenant_is_enough=True,
            six_key_errors=True,
            checks_mobile_number=True,
            pending_is_failure=True,
            predicted=STOCK_VERDICTS | {"USR-11": "failed"},
        ),
        Lineage(
            name="mseva",
            faults=(*STOCK_FAULTS, "late-success-without-receipt"),
            mixed=choice("zuul-mixed-paths"),
            breaks_on_odd_input=True,
            one_tenant_is_enough=True,
            everywhere=("pb.punjab",),
            bad_token_status=choice("zuul-bad-token-status"),
            pending_is_failure=True,
            extra_modes=("BBPS", "QR_CODE"),
            empty_fetch_body=True,
            name_pattern=False,
            swallows_registration=True,
            predicted=ZUUL_VERDICTS | {"CON-01": "failed"},  # nothing due is an empty body
        ),
    )
}


def lineage_of(name: str) -> Lineage:
    """Return a lineage by name; BadSetting with the nearest name when there is none."""
    if name not in LINEAGES:
        near = difflib.get_close_matches(name, LINEAGES, n=1)
        hint = f"did you mean {near[0]}?" if near else f"choose of {', '.join(LINEAGES)}"
        raise BadSetting(f"there is no lineage {name!r}; {hint}")
    return LINEAGES[name]
