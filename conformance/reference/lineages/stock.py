"""What every stock line of DIGIT does otherwise than BBPS requires, and the verdicts it gets."""

from typing import Final
from zoneinfo import ZoneInfo

from conformance.reference.platform.site import Site

# Java takes its container's zone: a bill's day ends at 05:30 in India. Rows pass through Kafka.
SITE: Final = Site(zone=ZoneInfo("UTC"), lag_ms=50)
FAULTS: Final = (
    "owner-check-off",  # anybody may update a transaction
    "terminal-guard-off",  # a transaction that ended may be updated again
    "receipt-dated-at-update",  # instead of at the creation of the transaction
    "late-success-refused",  # a success after the bill expired ends without a receipt
    "login-from-anywhere",  # a SYSTEM user is not bound to an address
    "token-from-anywhere",
    "token-slot-ignores-type",  # a token is kept for name, scope and tenant
    "token-outlives-deactivation",  # tokens keep what was known of a user at login
    "token-outlives-password",
    "token-outlives-role",
    "internal-flag-honoured",  # isInternal spares the password
    "body-tenant-wins",  # roles are checked for one tenant, another is served
    "client-receipt-kept",
    "client-gateway-id-kept",
    "total-not-compared",  # of a payment, with its details
    "blank-number-accepted",  # only an empty one counts as missing
    "remit-reverses-demand",  # its event goes to the topic of cancellations
    "withdrawn-bill-payable",  # until its day ends: no status of a bill is looked at
    "internals-in-errors",  # SQL and names of classes
)
VERDICTS: Final = {
    "USR-04": "failed",
    "USR-06": "failed",
    "USR-07": "failed",
    "USR-12": "failed",
    "USR-13": "failed",  # a SYSTEM user and an employee of one name share a token
    "USR-08": "inconclusive",  # nothing is bound, so nothing can be opened by a forged header
    "MDM-08": "failed",
    "BIL-06": "failed",  # after a demand changed, the old bill is still payable
    "TXN-02": "failed",  # receipt and gatewayTxnId of the client are stored
    "TXN-04": "failed",  # of several bills only the first is looked up among transactions
    "TXN-08": "failed",
    "TXN-09": "failed",
    "TXN-10": "failed",
    "TXN-11": "failed",
    "RCP-02": "failed",
    "RCP-03": "failed",
    "RCP-04": "failed",
    "RCP-07": "failed",  # a success that became a failure keeps its payment
    "PAY-06": "failed",
    "PAY-08": "failed",
    "PAY-12": "failed",  # a remittance reopens the demand
    "CON-06": "failed",  # errors show SQL and names of classes
    "CON-07": "failed",  # the gateway answers 500 to malformed bodies
}
# Zuul's own list of mixed-mode paths lets anybody create users.
ZUUL_VERDICTS: Final = VERDICTS | {"USR-02": "failed"}
