"""Every variation by its name, and those that services decide on."""

from collections.abc import Mapping
from typing import Final

from conformance.reference.variations.bodies import BODIES
from conformance.reference.variations.filled import FILLED
from conformance.reference.variations.notations import NOTATIONS
from conformance.reference.variations.refusals import REFUSALS
from conformance.reference.variations.searches import SHOWN
from conformance.reference.variations.variation import Variation
from conformance.reference.variations.wire import WIRE

NO_FORM: Final = (
    "No requirement and no contract says what such a number looks like, but that it is unique."
)
SERVICES: Final = (
    Variation(
        name="nothing-due-400",
        because="BIL-03 allows a 4xx that names the cause; DIGIT has EG_BS_BILL_NO_DEMANDS_FOUND.",
    ),
    Variation(
        name="nothing-due-404",
        because="BIL-03 allows a 4xx that names the cause; the contract documents 404.",
    ),
    Variation(
        name="repeated-update-200",
        because="TXN-09 and TXN-10 want that nothing changes; the same outcome again is answered "
        "with the transaction as it is.",
    ),
    Variation(
        name="open-outcome-400",
        because="TXN-05 and TXN-06 are about outcomes; an update that brings none may be refused.",
    ),
    Variation(
        name="other-amount-pending",
        because="TXN-12: another amount never ends in success; it may leave all as it is.",
    ),
    Variation(
        name="one-bill-a-transaction",
        because="No requirement demands that one transaction pays several bills; API allows it.",
    ),
    Variation(
        name="repeated-creation-200",
        because="TXN-04 wants no second transaction; the same creation of the same user is "
        "answered with the pending one, under the same id.",
    ),
    Variation(
        name="one-session-a-user",
        because="USR-03 wants a token; a login may end the session that the user had before.",
    ),
    Variation(
        name="receipt-in-transaction",
        because="Transaction has a field receipt; the service fills it on success.",
    ),
    Variation(
        name="modified-at-creation",
        because="AuditDetails: who creates is also the last who modified.",
    ),
    Variation(name="numeric-ids", because=NO_FORM),
    Variation(name="long-ids", because=NO_FORM),
    Variation(name="transaction-ids-uuid", because=NO_FORM),
    Variation(name="transaction-ids-numeric", because=NO_FORM),
    Variation(name="receipt-numbers-uuid", because=NO_FORM),
    Variation(name="receipt-numbers-numeric", because=NO_FORM),
    Variation(name="receipt-numbers-long", because=NO_FORM),
    Variation(name="receipt-numbers-with-signs", because=NO_FORM),
    Variation(
        name="tokens-signed",
        because="RFC 6749, 1.4: a token is opaque to the client; gateways issue JWTs.",
    ),
    Variation(
        name="tokens-base64",
        because="RFC 6750, 2.1: a token may hold + / = and others.",
    ),
    Variation(
        name="tokens-of-a-minute",
        because="RFC 6749, 5.1: expires_in says how long; a client logs in again or refreshes.",
    ),
    Variation(
        name="token-at-each-login",
        because="USR-03 wants a token; it need not be one that is alive already.",
    ),
    Variation(
        name="bills-of-24-hours",
        because="BIL-01: the bill names its expiry; no requirement ties it to midnight.",
    ),
    Variation(
        name="bills-of-a-week",
        because="BIL-01: the bill names its expiry; no requirement says how long it is valid.",
    ),
    Variation(
        name="bills-of-each-service",
        because="BIL-01: a bill is that of a code and a service; DIGIT's limit to one is no rule.",
    ),
    Variation(
        name="lists-of-codes-400",
        because="The published contract has one consumerCode in a fetch; others may be refused.",
    ),
    Variation(
        name="number-adds-the-payers-bills",
        because="DIGIT offers the bills of the payer with the number, too, besides the code's.",
    ),
    Variation(
        name="pages-of-ten",
        because="No requirement names the size of a page: 10 by default, 50 at most.",
    ),
    Variation(
        name="pages-of-any-size",
        because="No requirement names the size of a page: 1000 by default and at most.",
    ),
    Variation(
        name="whole-seconds",
        because="Times are epoch milliseconds; a database may keep whole seconds.",
    ),
    Variation(
        name="clock-behind",
        because="TXN-01: within measured skew; the Date header shows a clock that is 90 s behind.",
    ),
    Variation(
        name="clock-ahead",
        because="TXN-01: within measured skew; the Date header shows a clock that is 90 s ahead.",
    ),
)
SETTINGS: Final = (
    Variation(
        name="days-in-utc",
        because="BIL-01: the bill names its expiry; the services of DIGIT run in UTC.",
        settings={"zone": "UTC"},
    ),
    Variation(
        name="lag-of-200-ms",
        because="TXN-13: within the delay that the profile declares.",
        settings={"lag_ms": 200},
    ),
    Variation(
        name="latency-of-20-ms",
        because="No requirement says how soon an answer comes.",
        settings={"latency_ms": 20},
    ),
    Variation(
        name="days-in-honolulu",
        because="BIL-01: the bill names its expiry; clocks may run in any zone.",
        settings={"zone": "Pacific/Honolulu"},
    ),
    Variation(
        name="further-gateways",
        because="TXN-03 refuses unknown and inactive gateways; a city may use several.",
        settings={"gateways": ("AXIS", "BBPS", "PHONEPE")},
    ),
)
VARIATIONS: Final[Mapping[str, Variation]] = {
    each.name: each
    for each in (*REFUSALS, *BODIES, *SHOWN, *FILLED, *NOTATIONS, *SERVICES, *SETTINGS, *WIRE)
}
