"""mSeva: the fork of Punjab, behind the Zuul gateway."""

from typing import Final

from conformance.reference.lineages import stock
from conformance.reference.platform.choices import choice
from conformance.reference.platform.lineage import Lineage

# Of water and property, spelt as the fork spells them.
PAYMENT_FIELDS: Final = (
    "meterMake", "avarageMeterReading", "initialMeterReading", "MeterId", "MeterinstallationDate",
    "ledgerId", "groupId", "landarea", "roadtype", "roadlength", "connectionCategory",
    "ownerNumber", "ownername", "usageCategory", "address", "propertyDetail", "propertyid",
)  # fmt: skip
MSEVA: Final = Lineage(
    name="mseva",
    faults=(
        *stock.FAULTS,
        "late-success-without-receipt",
        "paise-rounded-away",  # a bill is rounded to rupees before it is judged
        "paise-left-due",
        "payer-address-lost",
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
    name_pattern=False,
    swallows_registration=True,
    logout_reads_query=True,
    any_receipt_cancelled=True,
    business_service_required=True,
    judges_apart=True,
    payment_fields=PAYMENT_FIELDS,
    site=stock.SITE,
    predicted=stock.ZUUL_VERDICTS
    | {
        "TXN-03": "failed",  # rupees are taken for rupees and paise
        "RCP-01": "failed",  # and a success over them may have no receipt
        "CON-05": "failed",  # the payer's address is overwritten
        "PAY-09": "failed",  # a success stands although the bill was paid at the counter meanwhile
    },
)
