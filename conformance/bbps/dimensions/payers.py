"""Who pays: names, numbers and texts that are legal and unusual."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from conformance.bbps.dimensions.dimension import Dimension
from conformance.bbps.payloads import PAYER as USUAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """A payer: name and mobile number."""

    name: str = USUAL["name"]
    number: str = USUAL["mobileNumber"]


PAYER: Final[Dimension[Payer]] = Dimension(
    name="payer",
    source="CON-02, CON-05; Payment.paidBy is text of 128 characters, mobileNumber one of 64",
    values={
        "the usual one": Payer(),
        "an apostrophe": Payer(name="Mary O'Brien"),
        "initials": Payer(name="Dr. A.P.J. Abdul Kalam"),
        "a hyphen": Payer(name="D'Souza-Rao"),
        "one letter": Payer(name="K"),
        "two blanks inside": Payer(name="Ram  Kumar"),
        "60 letters": Payer(name=f"Sri {'Venkata ' * 7}"[:59] + "n"),
        "99 letters": Payer(name=f"Sri {'Venkata ' * 12}"[:98] + "n"),
        "Devanagari": Payer(name="रमेश कुमार"),
        "an accent": Payer(name="José Álvarez"),
        "an emoji": Payer(name="Ram \U0001f3e0 Kumar"),
        "a firm": Payer(name="M/s Sharma & Sons (P) Ltd., No. 5"),
        "the word null": Payer(name="null"),
        "SQL": Payer(name="Robert'); drop table payments; --"),
        "the smallest number": Payer(number="6000000000"),
        "a number of nines": Payer(number="9999999999"),
        "a country code": Payer(number="+919876543210"),
        "a leading zero": Payer(number="09876543210"),
        "blanks in the number": Payer(number="98765 43210"),
    },
)
# Further texts of a payment at the counter, which a transaction does not have.
TEXTS: Final[Dimension[Mapping[str, str]]] = Dimension(
    name="text",
    source="CON-05; any text is kept as it was sent, or refused",
    values={
        "an e-mail with a tag": {"payerEmail": "mary.o-brien+tax@mail.example.co.in"},
        "an address in Devanagari": {"payerAddress": "मकान ५, गली २"},
        "an address of several lines": {"payerAddress": "House 5\nStreet 2\tAmritsar"},
    },
)
