"""DIGIT LTS: the stock line behind the newer gateway, with the newer tracer."""

from typing import Final

from conformance.reference.lineages import stock
from conformance.reference.platform.choices import choice
from conformance.reference.platform.lineage import Lineage

DIGIT_LTS: Final = Lineage(
    name="digit-lts",
    faults=(
        *stock.FAULTS,
        "internal-host-in-error",
        "create-answers-without-storing",  # no Bean Validation is at work
    ),
    gateway="spring",
    mixed=choice("spring-mixed-paths"),
    breaks_on_odd_input=True,
    one_tenant_is_enough=True,
    six_key_errors=True,
    checks_mobile_number=True,
    pending_is_failure=True,
    payer_number_hidden=True,
    predicted=stock.VERDICTS | {"USR-11": "failed"},
)
