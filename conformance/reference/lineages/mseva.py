"""mSeva: the fork of Punjab, behind the Zuul gateway."""

from typing import Final

from conformance.reference.lineages import stock
from conformance.reference.platform.choices import choice
from conformance.reference.platform.lineage import Lineage

MSEVA: Final = Lineage(
    name="mseva",
    faults=(
        *stock.FAULTS,
        "late-success-without-receipt",
        "paise-rounded-away",  # a bill is rounded to rupees before it is judged
        "paise-left-due",
    ),
    mixed=choice("zuul-mixed-paths"),
    breaks_on_odd_input=True,
    stock_sessions=True,
    stock_zuul=True,
    one_tenant_is_enough=True,
    everywhere=("pb.punjab",),
    bad_token_status=500,
    pending_is_failure=True,
    extra_modes=("BBPS", "QR_CODE"),
    empty_fetch_body=True,
    name_pattern=False,
    swallows_registration=True,
    logout_reads_query=True,
    any_receipt_cancelled=True,
    business_service_required=True,
    predicted=stock.ZUUL_VERDICTS | {"CON-01": "failed"},  # nothing due is an empty body
)
