"""DIGIT 2.8: the stock line behind the Zuul gateway."""

from dataclasses import replace
from typing import Final

from conformance.reference.lineages import stock
from conformance.reference.platform.choices import choice
from conformance.reference.platform.lineage import Lineage
from conformance.reference.platform.site import TOKENS

DIGIT_2_8: Final = Lineage(
    name="digit-2.8",
    faults=stock.FAULTS,
    mixed=choice("zuul-mixed-paths"),
    breaks_on_odd_input=True,
    stock_sessions=True,
    stock_zuul=True,
    one_tenant_is_enough=True,
    pending_is_failure=True,
    judges_apart=True,
    bad_token_status=500,
    site=replace(stock.SITE, open_paths=TOKENS),
    predicted=stock.ZUUL_VERDICTS,
)
