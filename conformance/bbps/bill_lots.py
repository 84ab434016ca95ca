"""Bills that are fetched in one request, and used one after another.

fetchBill of DIGIT takes a list of consumer codes. Where it does not, a bill is fetched by itself.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress

from conformance.bbps.models import Bill, bills_in
from conformance.client.response import Response
from conformance.core.verdicts import Inconclusive


class BillLots:
    """Bills by their consumer codes, each until it is taken; safe to share between threads."""

    def __init__(self) -> None:
        self._bills: dict[str, Bill] = {}

    def take(
        self, code: str, beside: Sequence[str], fetch: Callable[[str], Response]
    ) -> Bill | None:
        """Return the bill of a consumer code, if it was fetched with those of others.

        Fetch it now with those of the codes `beside`, if there are any.
        """
        if beside:
            response = fetch(",".join((code, *beside)))
            with suppress(Inconclusive):  # then each is fetched by itself
                found = bills_in(response) if response.succeeded else []
                self._bills.update({each.consumer_code: each for each in found})
        return self._bills.pop(code, None)
