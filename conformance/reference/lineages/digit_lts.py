"""DIGIT LTS as it was seen: its gateway and pg-service, before the other services of 2.8."""

from dataclasses import replace
from typing import Final

from conformance.reference.lineages import stock
from conformance.reference.platform.lineage import Lineage
from conformance.reference.platform.site import MASTERS, TOKENS

DIGIT_LTS: Final = Lineage(
    name="digit-lts",
    faults=(
        *stock.FAULTS,
        "internal-host-in-error",
        "create-answers-without-storing",  # no Bean Validation is at work
    ),
    gateway="spring",
    breaks_on_odd_input=True,
    stock_sessions=True,
    one_tenant_is_enough=True,
    newer=frozenset({"pg-service"}),
    checks_mobile_number=True,
    pending_is_failure=True,
    judges_apart=True,
    payer_number_hidden=True,
    site=replace(stock.SITE, open_paths=TOKENS | {MASTERS}),
    predicted=stock.VERDICTS
    | {
        "USR-11": "failed",
        "TXN-01": "failed",  # what breaks a constraint is answered, and never stored
        "CON-03": "failed",
        "CON-05": "failed",
    },
)
