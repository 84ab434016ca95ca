"""Spellings of a consumer code that are nearly the one that has a bill."""

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import quote

from conformance.bbps.dimensions.dimension import Dimension

Spelling = Callable[[str], str]
LOOK_ALIKES: Final = str.maketrans("CONTAEPX", "СОΝТАЕРХ")
WIDE: Final = 0xFEE0  # from a character to its wide form


def _other_case(code: str) -> str:
    return code.swapcase()


def _another_zero(code: str) -> str:
    return re.sub(r"(?=[0-9]+$)(?<![0-9])", "0", code)


def _without_zeros(code: str) -> str:
    return re.sub(r"(?<![0-9])0+(?=[0-9]+$)", "", code)


def _wide(code: str) -> str:
    return code[:-1] + chr(ord(code[-1]) + WIDE)


def _escaped(code: str) -> str:
    return "".join(f"%{ord(each):02X}" for each in code[:1]) + quote(code[1:])


NEAR_CODE: Final[Dimension[Spelling]] = Dimension(
    name="consumer code",
    source="BIL-03; databases and gateways may fold case, blanks, zeros and Unicode forms",
    values={
        "one character more": lambda code: f"{code}9",
        "the beginning of it": lambda code: code[:-1],
        "a wildcard at its end": lambda code: f"{code[:-1]}%",
        "another wildcard at its end": lambda code: f"{code[:-1]}_",
        "a wildcard alone": lambda _: "%",
        "a star alone": lambda _: "*",
        "a pattern": lambda code: f"{code[:-1]}.",
        "letters of the other case": _other_case,
        "a blank before it": lambda code: f" {code}",
        "a blank after it": lambda code: f"{code} ",
        "one more leading zero": _another_zero,
        "no leading zeros": _without_zeros,
        "a wide last digit": _wide,
        "letters that look the same": lambda code: code.translate(LOOK_ALIKES),
        "an unseen character after it": lambda code: f"{code}\u200b",
        "escaped twice": _escaped,
        "a quote after it": lambda code: f"{code}'",
        "a condition of SQL": lambda code: f"{code}' OR '1'='1",
    },
)
