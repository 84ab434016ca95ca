"""The fields of a user: a table of what is taken and what is refused, with the code of each."""

from typing import Any

import pytest

from conformance.reference.platform.errors import ServiceProblem, Unhandled
from conformance.reference.platform.shapes import Misfit
from conformance.reference.user.requests import OPTIONAL, user_in
from tests.reference.conftest import Rehearsal, newcomer

CREATE = "/user/users/_createnovalidate"
PREFIX = "createUserRequest.user"


def request_with(**changes: Any) -> dict[str, Any]:
    return {"RequestInfo": {}, "user": newcomer("table-agent")["user"] | changes}


TAKEN: list[tuple[str, Any, Any]] = [
    # field, as sent, as bound
    ("name", "[R.K.] O'Brien-Rao & Sons/2", "[R.K.] O'Brien-Rao & Sons/2"),
    ("mobileNumber", "", ""),
    ("mobileNumber", 9876501234, "9876501234"),
    ("type", "system", "SYSTEM"),
    ("type", "ROBOT", None),
    ("emailId", "a@b.example", "a@b.example"),
    ("gender", "female", "female"),
    ("permanentCity", "New Delhi", "New Delhi"),
    ("permanentPinCode", "110001", "110001"),
    ("dob", "31/12/1990", "31/12/1990"),
    ("pwdExpiryDate", "31-12-2030 23:59:59", "31-12-2030 23:59:59"),
    ("relationship", "father", "FATHER"),
    ("accountLocked", "true", True),
    ("unknownField", "x", None),
]


@pytest.mark.parametrize(("field", "sent", "bound"), TAKEN, ids=str)
def test_taken(field: str, sent: Any, bound: Any) -> None:
    assert user_in(request_with(**{field: sent})).get(field) == bound


REFUSED: list[tuple[str, Any, str]] = [
    ("name", "A:B", "Pattern"), ("name", "n" * 51, "Size"), ("name", "a“b", "Pattern"),
    ("userName", "u" * 65, "Size"), ("userName", "<script>x</script>", "SafeHtml"),
    ("mobileNumber", "12", "Pattern"), ("mobileNumber", "+919876501234", "Pattern"),
    ("tenantId", "pb.city-one", "Pattern"), ("tenantId", "p" * 51, "Size"),
    ("password", "p" * 65, "Size"), ("uuid", "u" * 37, "Size"), ("pan", "p" * 11, "Size"),
    ("salutation", "Messrs", "Size"), ("gender", "F3MALE", "Pattern"),
    ("emailId", "nobody", "Email"), ("emailId", "e" * 129, "Size"),
    ("altContactNumber", "1" * 51, "Size"), ("alternatemobilenumber", "12", "Pattern"),
    ("aadhaarNumber", "1" * 21, "Size"), ("permanentAddress", "a" * 301, "Size"),
    ("correspondenceAddress", "a" * 301, "Size"), ("permanentCity", "City 9", "Pattern"),
    ("correspondenceCity", "c" * 51, "Size"), ("permanentPinCode", "011001", "Pattern"),
    ("correspondencePinCode", "1100011", "Pattern"), ("locale", "l" * 17, "Size"),
    ("fatherOrHusbandName", "A<b>", "Pattern"), ("signature", "s" * 37, "Size"),
    ("photo", "p" * 37, "Size"), ("bloodGroup", "b" * 33, "Size"),
    ("identificationMark", "m" * 301, "Size"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value", "constraint"), REFUSED, ids=lambda each: str(each)[:20])
def test_refused_by_validation(field: str, value: str, constraint: str) -> None:
    with pytest.raises(ServiceProblem) as refused:
        user_in(request_with(**{field: value}))
    assert f"{constraint}.{PREFIX}.{field}" in dict(refused.value.items)


def test_all_breaches_come_at_once() -> None:
    with pytest.raises(ServiceProblem) as refused:
        user_in(request_with(name="A:B", pan="p" * 11, emailId="nobody"))
    answered = {code for code, _ in refused.value.items}
    assert answered == {f"Pattern.{PREFIX}.name", f"Size.{PREFIX}.pan", f"Email.{PREFIX}.emailId"}


@pytest.mark.parametrize(
    ("field", "value"),
    [("dob", "1990-12-31"), ("createdDate", "31/12/1990"), ("roles", {}), ("active", "perhaps"),
     ("name", ["a"]), ("createdBy", "me")],
)  # fmt: skip
def test_of_the_wrong_type(field: str, value: Any) -> None:
    with pytest.raises(Misfit):
        user_in(request_with(**{field: value}))


BREAKS: list[tuple[dict[str, Any], str]] = [
    ({}, "NullPointerException"),
    ({"RequestInfo": {}}, "NullPointerException"),
    ({"user": {}}, "NullPointerException"),
    (request_with(gender="NEITHER"), "IllegalArgumentException"),
]


@pytest.mark.parametrize(("body", "kind"), BREAKS, ids=["empty", "no user", "no info", "gender"])
def test_breaks_as_the_service_does(body: dict[str, Any], kind: str) -> None:
    with pytest.raises(Unhandled) as refused:
        user_in(body)
    assert refused.value.kind == kind


def test_every_optional_field_is_shown_again(digit: Rehearsal) -> None:
    said = {
        "salutation": "Ms",
        "pan": "ABCDE1234F",
        "permanentCity": "Amritsar",
        "dob": "31/12/1990",
    }
    answer = digit.post(CREATE, {"user": newcomer("told-agent")["user"] | said}, "administrator")
    (shown,) = answer.json()["user"]
    assert shown.keys() >= OPTIONAL.keys()
    assert {key: shown[key] for key in said} == said
