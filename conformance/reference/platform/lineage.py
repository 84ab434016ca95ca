"""What differs between lineages of DIGIT; the lineages themselves stand in `lineages`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from conformance.reference.platform.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """One line of DIGIT; `predicted` has the verdicts other than passed."""

    name: str
    faults: tuple[str, ...] = ()
    gateway: Literal["zuul", "spring"] = "zuul"
    mixed: frozenset[str] = frozenset()  # paths that a caller without token may take, too
    breaks_on_odd_input: bool = False  # malformed bodies make the gateway answer 500
    stock_zuul: bool = False  # GET loses its body, %2F meets an HTML page, 403 of logout is empty
    one_tenant_is_enough: bool = False  # a role for one of the named cities opens them all
    everywhere: tuple[str, ...] = ()  # tenants whose roles count for every city, like the state's
    newer: frozenset[str] = frozenset()  # services of the newer line: six keys in each error
    bad_token_status: int = 401
    stock_sessions: bool = False  # wrong passwords end in 500, not in a lock; logout spares refresh
    checks_mobile_number: bool = False  # Indian numbers only, with a code of its own
    extra_modes: tuple[str, ...] = ()
    name_pattern: bool = True  # payer names are checked
    pending_is_failure: bool = False  # an undecided payment is stored as failed
    swallows_registration: bool = False  # success stands even if no payment could be registered
    logout_reads_query: bool = False  # the token to end is taken from the query first
    any_receipt_cancelled: bool = False  # not only the newest of a consumer code
    business_service_required: bool = False  # of a transaction, which may have a bank number too
    judges_apart: bool = False  # by what is persisted already, so that racing calls pass each other
    payment_fields: tuple[str, ...] = ()  # further ones that payments show, always null here
    payer_number_hidden: bool = False  # a transaction shows its payer without the account's number
    site: Site = field(
        default_factory=Site
    )  # as its deployments are set up, unless settings say otherwise
    predicted: Mapping[str, str] = field(default_factory=dict)
