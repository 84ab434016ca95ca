"""Variations of documents: what is left out, added, masked, and how amounts are written."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from conformance.reference.platform.world import Call, Reply
from conformance.reference.variations.variation import Edit, Variation, with_body

Document = dict[str, Any]
AMOUNTS: Final = frozenset(
    {
        "amount", "totalAmount", "taxAmount", "collectionAmount", "amountPaid", "totalDue",
        "totalAmountPaid", "adjustedAmount", "minimumAmountPayable",
    }
)  # fmt: skip
NAMES: Final = frozenset({"paidBy", "payerName"})
OF_PAYERS: Final = ("/collection-services/", "/pg-service/", "/billing-service/")
MODULES: Final = (*OF_PAYERS, "/user/", "/access/")  # mdms has maps by name, no objects
SEARCHES: Final = ("_search", "_fetchbill")
SYSTEM_ROLE: Final = {"name": "API User", "code": "API_USER", "tenantId": "pb"}
# Lists that the contract lets be null.
LISTS: Final = frozenset({"params", "actions"})


def everywhere(change: Callable[[Document], Document]) -> Edit:
    """Return an edit that changes each object of a document, the inner ones first."""

    def edit(_call: Call, reply: Reply) -> Reply:
        return with_body(reply, walked(reply.body, change))

    return edit


def walked(node: Any, change: Callable[[Document], Document]) -> Any:
    """Return a document in which each object is changed, the inner ones first."""
    if isinstance(node, dict):
        return change({key: walked(value, change) for key, value in node.items()})
    if isinstance(node, list):
        return [walked(each, change) for each in node]
    return node


def below(prefixes: tuple[str, ...], edit: Edit, *, endings: tuple[str, ...] = ("",)) -> Edit:
    """Return an edit that is made below some paths only, and for some ends of the path."""

    def narrowed(call: Call, reply: Reply) -> Reply:
        hit = call.path.startswith(prefixes) and call.path.endswith(endings)
        return edit(call, reply) if hit else reply

    return narrowed


def without_nulls(node: Document) -> Document:
    """Leave out what is null."""
    return {key: value for key, value in node.items() if value is not None}


def empty_lists(node: Document) -> Document:
    """Write an empty list for one that is null."""
    return {key: [] if key in LISTS and node[key] is None else node[key] for key in node}


def scaled(places: int) -> Callable[[Document], Document]:
    """Return a change that writes amounts with some decimal places."""

    def change(node: Document) -> Document:
        return {key: number(key, value) for key, value in node.items()}

    def number(key: str, value: Any) -> Any:
        sound = isinstance(value, int | Decimal) and not isinstance(value, bool)
        if key not in AMOUNTS or not sound:
            return value
        amount = Decimal(value)
        return amount.quantize(Decimal(1).scaleb(-max(places, decimals(amount))))

    return change


def decimals(amount: Decimal) -> int:
    """Return how many decimal places an amount needs."""
    return max(0, -int(amount.normalize().as_tuple().exponent))


def amount_text(node: Document) -> Document:
    """Write the amount of a transaction, which is a text, with two decimals."""
    text = node.get("txnAmount")
    whole = isinstance(text, str) and text.isdigit()
    return node | {"txnAmount": f"{text}.00"} if whole else node


def masked(how: Callable[[str], Any], keys: frozenset[str]) -> Callable[[Document], Document]:
    """Return a change that masks personal data; a field that is masked by ... is left out."""

    def change(node: Document) -> Document:
        shown = {
            key: how(value) if key in keys and isinstance(value, str) else value
            for key, value in node.items()
        }
        return {key: value for key, value in shown.items() if value is not ...}

    return change


NUMBER: Final = frozenset({"mobileNumber"})


def sorted_keys(node: Document) -> Document:
    """Sort the fields of an object."""
    return {key: node[key] for key in sorted(node, reverse=True)}


def further_fields(node: Document) -> Document:
    """Add fields that no contract knows."""
    return node | {"cityRemark": None, "schemaVersion": 7, "links": {"self": []}}


def rounding_head(node: Document) -> Document:
    """Show a rounding head of zero with the tax heads of a bill."""
    accounts = node.get("billAccountDetails")
    if not accounts:
        return node
    head = accounts[-1]
    further = {
        "id": f"{head.get('id')}-r", "taxHeadCode": "PT_ROUNDOFF", "amount": 0,
        "adjustedAmount": 0, "order": 99,
    }  # fmt: skip
    return node | {"billAccountDetails": [*accounts, head | further]}


def created(status: int, *endings: str) -> Edit:
    """Return an edit that answers successes below some ends of paths with another status."""

    def edit(call: Call, reply: Reply) -> Reply:
        hit = 200 <= reply.status < 300 and call.path.endswith(endings)
        return with_body(reply, reply.body, status=status) if hit else reply

    return edit


def further_role(node: Document) -> Document:
    """Show one more role of a SYSTEM user, which opens nothing."""
    if node.get("type") != "SYSTEM" or not isinstance(node.get("roles"), list):
        return node
    return node | {"roles": [*node["roles"], SYSTEM_ROLE]}


def without(*keys: str) -> Callable[[Document], Document]:
    """Return a change that leaves out some fields."""
    return lambda node: {key: value for key, value in node.items() if key not in keys}


def id_as_text(node: Document) -> Document:
    """Leave out the number of an account."""
    account = {"userName", "uuid"} <= node.keys()
    return {key: value for key, value in node.items() if key != "id"} if account else node


def oldest_first(_call: Call, reply: Reply) -> Reply:
    """Answer a search the other way round."""
    if not isinstance(reply.body, dict):
        return reply
    turned = {
        key: value[::-1]
        if key in {"Payments", "Transaction"} and isinstance(value, list)
        else value
        for key, value in reply.body.items()
    }
    return with_body(reply, turned)


PRIVACY: Final = "DIGIT masks personal data for readers without the right to see it"
SAME: Final = "RFC 8259, 6: the same number"
BODIES: Final = (
    Variation(
        name="nulls-left-out",
        because="The published contract requires none of these fields.",
        edit=everywhere(without_nulls),
    ),
    Variation(
        name="empty-lists-for-nulls",
        because="The published contract has lists there.",
        edit=everywhere(empty_lists),
    ),
    Variation(name="amounts-of-one-decimal", because=SAME, edit=everywhere(scaled(1))),
    Variation(name="amounts-of-two-decimals", because=SAME, edit=everywhere(scaled(2))),
    Variation(name="amounts-of-four-decimals", because=SAME, edit=everywhere(scaled(4))),
    Variation(
        name="transaction-amount-100.00",
        because="txnAmount is a text of digits and decimals: the same amount.",
        edit=below(("/pg-service/",), everywhere(amount_text)),
    ),
    Variation(
        name="mobile-number-masked-x",
        because=PRIVACY,
        edit=below(
            OF_PAYERS,
            everywhere(masked(lambda text: "X" * 6 + text[6:], NUMBER)),
            endings=SEARCHES,
        ),
    ),
    Variation(
        name="mobile-number-masked-middle",
        because=PRIVACY,
        edit=below(
            OF_PAYERS,
            everywhere(masked(lambda text: f"{text[:2]}******{text[8:]}", NUMBER)),
            endings=SEARCHES,
        ),
    ),
    Variation(
        name="mobile-number-masked-whole",
        because=PRIVACY,
        edit=below(OF_PAYERS, everywhere(masked(lambda _: "**********", NUMBER))),
    ),
    Variation(
        name="mobile-number-masked-short",
        because=PRIVACY,
        edit=below(OF_PAYERS, everywhere(masked(lambda text: f"xxx{text[-4:]}", NUMBER))),
    ),
    Variation(
        name="mobile-number-left-out",
        because=f"{PRIVACY}; the effective contract does not require it.",
        edit=below(OF_PAYERS, everywhere(masked(lambda _: ..., NUMBER)), endings=SEARCHES),
    ),
    Variation(
        name="mobile-number-null",
        because=f"{PRIVACY}; the effective contract allows null.",
        edit=below(("/collection-services/",), everywhere(masked(lambda _: None, NUMBER))),
    ),
    Variation(
        name="names-masked",
        because=PRIVACY,
        edit=below(
            ("/collection-services/", "/billing-service/bill/"),
            everywhere(masked(lambda text: text[:1] + "*" * len(text[1:]), NAMES)),
            endings=SEARCHES,
        ),
    ),
    Variation(
        name="fields-in-other-order",
        because="RFC 8259, 4: an object is an unordered collection.",
        edit=everywhere(sorted_keys),
    ),
    Variation(
        name="further-fields",
        because="The published schemas are open to further fields.",
        edit=below(MODULES, everywhere(further_fields)),
    ),
    Variation(
        name="rounding-head-shown",
        because="BIL-02 is about sums; DIGIT raises rounding heads, which may be zero.",
        edit=everywhere(rounding_head),
    ),
    Variation(
        name="payments-201",
        because="The published contract V-2-0 documents 201 for _create, _validate, _workflow.",
        edit=below(("/collection-services/",), created(201, "_create", "_validate", "_workflow")),
    ),
    Variation(
        name="users-201",
        because="The published contract documents 201 for creating a user.",
        edit=below(("/user/",), created(201, "/_createnovalidate")),
    ),
    Variation(
        name="further-role",
        because="USR-01 names the roles that a user needs; one that opens nothing is no right.",
        edit=below(("/user/",), everywhere(further_role)),
    ),
    Variation(
        name="no-refresh-token",
        because="RFC 6749, 5.1: refresh_token is optional.",
        edit=below(("/user/oauth/",), everywhere(without("refresh_token"))),
    ),
    Variation(
        name="account-without-number",
        because="The newer line shows accounts by uuid only.",
        edit=below(("/user/", "/pg-service/"), everywhere(id_as_text)),
    ),
    Variation(
        name="searches-oldest-first",
        because="No requirement orders what a search finds.",
        edit=below(("/collection-services/", "/pg-service/"), oldest_first, endings=("_search",)),
    ),
)
