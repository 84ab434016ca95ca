"""The rules of `mdms lint`: what may be wrong with master data, how grave it is, and what to do.

The rules and their weight follow what was counted on the data of Punjab: a definite mistake is an
error, what is harmless or perhaps meant is a warning, and what good data has too is a note.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from conformance.mdms.masters import Row, Spot


class Severity(StrEnum):
    """How grave a flaw is; the gravest first."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class LintRule:
    """One rule: a stable id, its severity, what is wrong, and what to do about it."""

    id: str
    severity: Severity
    title: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """One place that breaks a rule; `row` is the row in question, if it is about one."""

    rule: LintRule
    message: str
    spot: Spot
    severity: Severity
    row: Row = field(default_factory=dict)

    def __str__(self) -> str:
        """Return place and message as one clause."""
        return f"{self.spot}: {self.message}"


# Severity -> id, title, remedy.
_TABLE: Final[Mapping[Severity, tuple[tuple[str, str, str], ...]]] = {
    Severity.ERROR: (
        ("json", "a file is not JSON, or gives a key twice", "correct that line"),
        ("file-missing", "a master has no file", "add the file, with tenantId, moduleName and rows"),
        ("file-rows", "a file holds no list of rows under the name of its master", "write the rows as a list under that name"),
        ("file-tenant", "a file names another tenant than its folder, or none", "write the tenant of the folder; MDMS serves the rows under the tenant that the file names"),
        ("file-module", "a file names another module than its folder, or none", "write the module of the folder; MDMS serves the rows under the module that the file names"),
        ("row-form", "a row is no object", "remove it, or write the row"),
        ("key-missing", "a row lacks the key by which it is found", "add the key, or correct its spelling"),
        ("key-misspelt", "a key is misspelt, so that no service reads it", "write it as the other rows do, in upper and lower case, too"),
        ("row-tenant", "a row is of another tenant than its file", "write the tenant of the file"),
        ("role-empty", "a role has no code", "write its code, or remove the row"),
        ("role-twice", "a role stands in roles.json more than once", "leave one row"),
        ("grant-no-role", "a role-action names no role", "write the code of the role, or remove the row"),
        ("grant-unknown-role", "a role-action names a role that does not exist", "correct the code, add the role to roles.json, or remove the row"),
        ("grant-unknown-action", "a role-action names an action that does not exist, and grants nothing", "correct the id, add the action to actions-test.json, or remove the row"),
        ("action-id-reused", "an action id stands for several URLs, of which only the first counts", "give the later action a free id, and its grants too"),
        ("url-blank", "a URL has blanks, so that no request matches it", "remove the blanks"),
        ("url-trailing-slash", "a URL ends with a slash, so that no request matches it", "remove the slash"),
        ("url-relative", "a path does not begin with a slash, so that no request matches it", "put a slash in front"),
        ("bbps-role-missing", "the BBPS role does not exist", "run `bbps-conformance mdms plan`, which shows the rows to add"),
        ("bbps-grant-missing", "the BBPS role lacks one of its four actions", "run `bbps-conformance mdms plan`, which shows the rows to add"),
        ("bbps-grant-extra", "the BBPS role is granted more than its four actions", "remove the row; or, if it is meant, give its URL with --allow"),
        ("service-twice", "a business service has several rows", "leave one row"),
        ("service-missing", "a business service that BBPS is to bill does not exist", "correct --service, or add the business service"),
        ("service-no-advance", "a business service does not say whether advances are allowed, so that no demand can be created", "add isAdvanceAllowed, true or false"),
        ("service-no-advance-head", "a business service allows advances and has no tax head for them, so that the second demand of a consumer code fails", "add a tax head of category ADVANCE_COLLECTION, or set isAdvanceAllowed to false"),
        ("service-takes-nothing", "a business service forbids every usual mode of payment", "shorten collectionModesNotAllowed"),
        ("tax-head-twice", "a tax head has several rows, so that no demand of the tenant can be created", "leave one row, or give the other another code"),
        ("tax-head-unknown-service", "a tax head is of a business service that does not exist", "correct service, or add the business service"),
        ("period-unknown-service", "a tax period is of a business service that does not exist", "correct service, or add the business service"),
        ("period-dates", "a tax period has no time, or ends before it begins", "write fromDate and toDate in milliseconds since 1970"),
    ),
    Severity.WARNING: (
        ("key-type", "a value is of another type than services read", "write it as the other rows do"),
        ("role-code-form", "the code of a role has blanks, or upper and lower case", "write upper case and underscores, in roleactions.json and in users, too"),
        ("role-name-long", "the name of a role is longer than 32 characters", "shorten it"),
        ("grant-twice", "a role-action stands there more than once", "leave one row"),
        ("grant-city", "grants of a city: DIGIT up to 2.8 ignores them, later ones obey them", "move them to the state's roleactions.json, or make sure that they are meant"),
        ("action-twice", "an action stands there more than once", "leave one row"),
        ("action-no-enabled", "an action does not say whether it is enabled", "add enabled, true or false"),
        ("url-empty", "an action has no URL", "write its URL, or remove the action"),
        ("url-word", "a URL is a word that is no path and no usual mark of a menu card", "write the path, or one of url, card, digit-ui-card"),
        ("url-repeated", "several action ids have the same URL", "keep one id, and give all grants that id, for a role without one of the ids may still have another"),
        ("service-no-tax-head", "a business service has no tax head", "add a tax head, or remove the service"),
        ("service-no-period", "a business service has no tax period, so that no demand can be created", "add a tax period of this financial year"),
        ("period-not-current", "a business service has no tax period of today, so that no demand of this financial year can be created", "add a tax period of this financial year"),
        ("period-twice", "a tax period stands there more than once", "leave one row"),
        ("period-cycle", "the cycle of a tax period is none that billing-service knows", "write MONTH, QUARTER, HALFYEAR or ANNUAL"),
        ("mode-unknown", "a forbidden mode of payment is none of collection-services", "correct its spelling"),
    ),
    Severity.NOTE: (
        ("key-unknown", "a key is none that DIGIT's own masters have", "see whether a service reads it"),
        ("role-unused", "a role is granted nothing", "remove it, if no user needs it"),
        ("action-unused", "an action is granted to no role", "remove it, if nobody calls it"),
        ("action-disabled", "an action is not enabled, and opens its URL all the same", "set enabled to true if `mdms/_get` is to list it"),
        ("url-template", "a URL has a variable part, which matches letters, digits and underscores only", "make sure that no id with a hyphen stands there"),
        ("service-no-online", "a business service forbids ONLINE, so that BBPS cannot pay its bills", "take ONLINE out of collectionModesNotAllowed if BBPS is to pay them"),
        ("tax-head-order", "the order of a tax head is a text", "write it without quotes"),
    ),
}  # fmt: skip
RULES: Final[Mapping[str, LintRule]] = {
    id_: LintRule(id_, severity, title, remedy)
    for severity, rows in _TABLE.items()
    for id_, title, remedy in rows
}


def flaw(rule: str, message: str, spot: Spot, row: Row | None = None) -> Flaw:
    """Return a flaw by the id of its rule."""
    found = RULES[rule]
    return Flaw(
        rule=found, message=message, spot=spot, severity=found.severity, row=row if row else {}
    )
