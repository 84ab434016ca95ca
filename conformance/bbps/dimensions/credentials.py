"""Credentials next to the right ones, each wrong in one thing."""

from collections.abc import Callable, Mapping
from typing import Final

from conformance.bbps.dimensions.dimension import Dimension
from conformance.profile.target import Actor, Target

Changes = Mapping[str, str]
Wrong = Callable[[Actor, Target], Changes]
FLAGS: Final[Mapping[str, Changes]] = {
    "no flag": {},
    "isInternal=true": {"isInternal": "true"},
    "isInternal=TRUE": {"isInternal": "TRUE"},
    "isInternal=yes": {"isInternal": "yes"},
    "isInternal=1": {"isInternal": "1"},
    "other flags": {
        "internal": "true", "isinternal": "true", "noPassword": "true", "skipPassword": "true",
        "otpVerified": "true", "isOtpVerified": "true", "trusted": "true", "autoLogin": "true",
    },
}  # fmt: skip
FLAG: Final[Dimension[Changes]] = Dimension(
    name="flag",
    source="USR-04; isInternal spares the password in stock user services",
    values=FLAGS,
)


def _secret(actor: Actor) -> str:
    return actor.password.get_secret_value()


def _password(change: Callable[[str], str]) -> Wrong:
    return lambda actor, _: {"password": change(_secret(actor))}


def _fixed(password: str) -> Wrong:
    return lambda *_: {"password": password}


def _other(character: str) -> str:
    return "0" if character != "0" else "1"


def _flagged(flags: Changes) -> Wrong:
    return lambda *_: {"password": "Wrong@2024y", **flags}


def _without_password(grant: str) -> Wrong:
    return lambda *_: {"grant_type": grant, "password": ""}


WRONG_CREDENTIAL: Final[Dimension[Wrong]] = Dimension(
    name="what is wrong",
    source="USR-04; passwords are cut, folded and trimmed on their way, sample deployments have "
    "passwords and one-time passwords that everybody knows",
    values={
        "another password": _fixed("Wrong@2024x"),
        "the last character of the password": _password(lambda text: text[:-1] + _other(text[-1])),
        "the first character of the password": _password(lambda text: _other(text[0]) + text[1:]),
        "a password too short by one": _password(lambda text: text[:-1]),
        "a password too long by one": _password(lambda text: text + "0"),
        "the case of the password": _password(str.swapcase),
        "a blank before the password": _password(lambda text: f" {text}"),
        "a blank behind the password": _password(lambda text: f"{text} "),
        "the password twice": _password(lambda text: text * 2),
        "no password": lambda *_: {"password": ""},
        "the user name as password": lambda actor, _: {"password": actor.username},
        "a fixed one-time password": _fixed("123456"),
        "another fixed one-time password": _fixed("000000"),
        "the password of sample data": _fixed("eGov@123"),
        "another password of sample data": _fixed("eGov@4321"),
        "a pattern as password": _fixed("%"),
        "a query as password": _fixed("' OR '1'='1"),
        "an unknown user": lambda *_: {"username": "nobody-of-this-name"},
        "a longer user name": lambda actor, _: {"username": f"{actor.username}x"},
        "a pattern as user name": lambda actor, _: {"username": f"{actor.username[:-1]}%"},
        "a query as user name": lambda actor, _: {"username": f"{actor.username}' OR '1'='1"},
        "an unknown tenant": lambda *_: {"tenantId": "zz"},
        "a city instead of the state": lambda _, target: {"tenantId": target.tenant},
        "an unknown city": lambda actor, _: {"tenantId": f"{actor.tenant}.nowhere"},
        "a pattern as tenant": lambda *_: {"tenantId": "%"},
        "no user type": lambda *_: {"userType": ""},
        "an unknown user type": lambda *_: {"userType": "ROBOT"},
        **{f"a wrong password with {name}": _flagged(FLAGS[name]) for name in FLAGS if FLAGS[name]},
        "the grant of a client": _without_password("client_credentials"),
        "the grant of a one-time password": _without_password("otp"),
        "an implicit grant": _without_password("implicit"),
        "no grant": lambda *_: {"grant_type": "", "password": "Wrong@2024z"},
    },
)
OTHER_TYPE: Final = Dimension(
    name="requested type",
    source="USR-05; types are compared with or without regard to case",
    values={each: each for each in ("EMPLOYEE", "CITIZEN", "BUSINESS", "employee", "Citizen")},
)
