"""Variations of records: what is null here has a value, lists have another order."""

from collections.abc import Callable
from typing import Any, Final

from conformance.reference.variations.bodies import OF_PAYERS, below, everywhere
from conformance.reference.variations.variation import Variation

Document = dict[str, Any]
DETAILS: Final = frozenset(
    {"billDetails", "billAccountDetails", "paymentDetails", "taxAndPayments", "roles"}
)
PG, BILLING, COLLECTION = "/pg-service/", "/billing-service/", "/collection-services/"


def turned(node: Document) -> Document:
    """Turn the lists of details round."""
    return {
        key: value[::-1] if key in DETAILS and isinstance(value, list) else value
        for key, value in node.items()
    }


def filling(**values: Any) -> Callable[[Document], Document]:
    """Return a change that gives fields that are null a value."""

    def change(node: Document) -> Document:
        return {
            key: values[key] if value is None and key in values else value
            for key, value in node.items()
        }

    return change


def own_messages(node: Document) -> Document:
    """Describe the state of a transaction in other words."""
    return node | {"txnStatusMsg": "As the bank says"} if "txnStatusMsg" in node else node


def never_modified(node: Document) -> Document:
    """Show no time of a modification that never was."""
    return node | {"lastModifiedTime": None} if node.get("lastModifiedTime") == 0 else node


DESCRIBED: Final = "The field is of this type, and no requirement says that it has no value"
FILLED: Final = (
    Variation(
        name="details-in-other-order",
        because="No requirement orders details, tax heads, shares or roles.",
        edit=everywhere(turned),
    ),
    Variation(
        name="amounts-paid-zero",
        because=f"{DESCRIBED}: nothing is paid of a bill that is fetched.",
        edit=below((BILLING,), everywhere(filling(amountPaid=0, minimumAmountPayable=0))),
    ),
    Variation(
        name="additional-details-filled",
        because=f"{DESCRIBED}; services put into additionalDetails what they like.",
        edit=below(
            (BILLING, COLLECTION), everywhere(filling(additionalDetails={"ward": "12", "no": 7}))
        ),
    ),
    Variation(
        name="modules-named",
        because=f"{DESCRIBED}: the module of a transaction.",
        edit=below((PG,), everywhere(filling(module="PT"))),
    ),
    Variation(
        name="owners-named",
        because=f"{DESCRIBED}: the billing service names whom the property belongs to.",
        edit=below(
            (BILLING,),
            everywhere(
                filling(
                    payerName="Harpreet Kaur",
                    payerAddress="12, Mall Road",
                    userId="2f9c",
                    mobileNumber="9814012345",
                    payerEmail="owner@example.org",
                )
            ),
        ),
    ),
    Variation(
        name="transactions-described-otherwise",
        because="txnStatusMsg is for people; no contract lists its texts.",
        edit=below((PG,), everywhere(own_messages)),
    ),
    Variation(
        name="never-modified-null",
        because="AuditDetails: what was never modified has no time of it.",
        edit=below(OF_PAYERS, everywhere(never_modified)),
    ),
)
