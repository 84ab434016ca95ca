"""Requests about accounts: the fields of a user, their constraints, and the order of refusals."""

import re
from collections.abc import Mapping
from typing import Any, Final

from conformance.reference.platform.errors import ServiceProblem, Unhandled
from conformance.reference.platform.shapes import Field, Misfit, bind
from conformance.reference.platform.world import World

NAME: Final = re.compile(r"[^!\"#$%()*+,:;<=>?@^{}~`‘’“”]*")
NAME_TEXT: Final = 'must match "^[^!\\"#$%()*+,:;<=>?@^{}~`‘’“”]*$"'
TENANT: Final = re.compile(r"[a-zA-Z. ]*")
TENANT_TEXT: Final = 'must match "^[a-zA-Z. ]*$"'
MOBILE: Final = re.compile(r"|[0-9]{10}")
MOBILE_TEXT: Final = 'must match "(^$|[0-9]{10})"'
INDIAN_MOBILE: Final = re.compile(r"[6-9][0-9]{9}")
PIN: Final = re.compile(r"[1-9][0-9]{5}")
EMAIL: Final = re.compile(r"|[^@\s\"<>]+@[^@\s\"<>]+")
PASSWORD: Final = re.compile(r"(?=.*\d)(?=.*[a-z])(?=.*[A-Z])(?=.*[@#$%])\S+")
DAY: Final = re.compile(r"\d{2}/\d{2}/\d{4}")
MOMENT: Final = re.compile(r"\d{2}-\d{2}-\d{4} \d{2}:\d{2}:\d{2}")
TYPES: Final = frozenset({"CITIZEN", "EMPLOYEE", "SYSTEM", "BUSINESS"})
GENDERS: Final = frozenset({"MALE", "FEMALE", "OTHERS", "TRANSGENDER"})
RELATIONS: Final = frozenset({"FATHER", "MOTHER", "HUSBAND", "OTHER"})
REQUIRED: Final = ("userName", "name", "mobileNumber", "active", "type", "tenantId", "roles")


def _text(most: int, **more: Any) -> Field:
    return Field(least=0, most=most, **more)


_NAME = _text(50, pattern=NAME, pattern_text=NAME_TEXT)
_CITY = _text(50, pattern=TENANT, pattern_text=TENANT_TEXT)
_PIN = _text(10, pattern=PIN, pattern_text='must match "^[1-9][0-9]{5}$"')
_MOBILE = Field(pattern=MOBILE, pattern_text=MOBILE_TEXT)
# The optional fields of a user, which have no column of their own; absent values are null.
OPTIONAL: Final[dict[str, Field]] = {
    "salutation": _text(5),
    "gender": _text(
        15, pattern=re.compile(r"[a-zA-Z ]*"), pattern_text='must match "^[a-zA-Z ]*$"'
    ),
    "altContactNumber": _text(50),
    "alternatemobilenumber": _MOBILE,
    "pan": _text(10),
    "aadhaarNumber": _text(20),
    "permanentAddress": _text(300),
    "permanentCity": _CITY,
    "permanentPinCode": _PIN,
    "correspondenceAddress": _text(300),
    "correspondenceCity": _CITY,
    "correspondencePinCode": _PIN,
    "locale": _text(16),
    "fatherOrHusbandName": _NAME,
    "relationship": Field(kind="choice", choices=RELATIONS, fold=True),
    "signature": _text(36),
    "photo": _text(36),
    "bloodGroup": _text(32),
    "identificationMark": _text(300),
    "dob": Field(),
    "otpReference": Field(),
    "createdBy": Field(kind="integer"),
    "lastModifiedBy": Field(kind="integer"),
    "createdDate": Field(),
    "lastModifiedDate": Field(),
    "pwdExpiryDate": Field(),
    "accountLocked": Field(kind="flag", absent=False),
}
_ROLE: Final = {"code": Field(), "name": Field(), "tenantId": Field()}
USER: Final[dict[str, Field]] = {
    "userName": _text(64, safe=True),
    "name": _NAME,
    "mobileNumber": _MOBILE,
    "emailId": _text(128),
    "active": Field(kind="flag", absent=False),
    "type": Field(kind="choice", choices=TYPES, fold=True),
    "tenantId": _CITY,
    "roles": Field(kind="objects", fields=_ROLE),
    "password": _text(64),
    "uuid": _text(36),
    "id": Field(kind="integer"),
} | OPTIONAL
DATES: Final = {
    "dob": DAY, "createdDate": MOMENT, "lastModifiedDate": MOMENT, "pwdExpiryDate": MOMENT,
}  # fmt: skip


def user_in(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the user of a request in canonical form; raises what bean validation refuses."""
    lowered = {str(key).lower(): value for key, value in body.items()}
    if lowered.get("requestinfo") is None or lowered.get("user") is None:
        raise Unhandled("NullPointerException")
    fields = {"user": Field(kind="object", fields=USER)}
    bound = bind(fields, body, name="createUserRequest", fold_names=True)
    user: dict[str, Any] = bound.value["user"]
    breaches = list(bound.breaches)
    if user["emailId"] is not None and not EMAIL.fullmatch(user["emailId"]):
        breaches.append(("Email.createUserRequest.user.emailId", "not a well-formed email address"))
    if breaches:
        raise ServiceProblem(*breaches)
    if any(user[key] and not form.fullmatch(user[key]) for key, form in DATES.items()):
        raise Misfit
    if user["gender"] and user["gender"].upper() not in GENDERS:
        raise Unhandled("IllegalArgumentException", f"No enum constant Gender.{user['gender']}")
    return user


def refuse_incomplete(world: World, user: Mapping[str, Any]) -> None:
    """Refuse a user with something absent; as in egov-user, the answer does not name it."""
    mobile = user["mobileNumber"]
    if world.lineage.checks_mobile_number and mobile and not INDIAN_MOBILE.fullmatch(mobile):
        text = f"Mobile number must match the configured pattern: ^{INDIAN_MOBILE.pattern}$"
        raise ServiceProblem(("INVALID_MOBILE_NUMBER", text))
    if any(user[name] in (None, "", []) for name in REQUIRED):
        raise Unhandled("InvalidUserCreateException")
    if None in user["roles"]:
        raise Unhandled("NullPointerException")
    if not all(role["code"] for role in user["roles"]):
        raise Unhandled("InvalidUserCreateException")


def refuse_weak_password(password: str | None) -> None:
    """Refuse a password that breaks the policy; none at all is replaced by a random one."""
    if password is None:
        return
    if not 8 <= len(password) <= 15:
        text = "Password must be of minimum: 8 and maximum: 15 characters."
        raise ServiceProblem(("INVALID_PWD_LENGTH", text))
    if not PASSWORD.fullmatch(password):
        text = (
            "Password MUST HAVE: Atleast one digit, one upper case, one lower case, one "
            "special character (@#$%) and MUST NOT contain any spaces"
        )
        raise ServiceProblem(("INVALID_PWD_PATTERN", text))


def refuse_unknown_roles(world: World, roles: list[dict[str, Any] | None]) -> None:
    """Refuse role codes that roles.json does not list."""
    if any(role is None or not world.masters.has_role(role["code"]) for role in roles):
        raise ServiceProblem(("INVALID_ROLE", "Unable to validate role from MDMS"))
