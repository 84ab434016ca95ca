"""Bills that are fetched in one request, and used one after another.

fetchBill of DIGIT takes a list of consumer codes. Where it does not, a bill is fetched by itself.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress

from conformance.bbps.models import Bill, bills_in
from conformance.client.response import Response
from conformance.core.once import Once
from conformance.core.verdicts import Inconclusive

Fetch = Callable[[str], Response]  # the bills of some consumer codes


class BillLots:
    """Bills by their consumer codes, each until it is taken; safe to share between threads."""

    def __init__(self) -> None:
        self._bills: dict[str, Bill] = {}
        self._fetched = Once()

    def take(self, code: str, lot: Sequence[str], fetch: Fetch) -> Bill | None:
        """Return the bill of a consumer code, if it is fetched with those of others.

        `lot` are the codes whose bills are fetched together, all by whoever comes first.
        """
        if len(lot) > 1:
            self._fetched(lot[0], lambda: self._fetch(lot, fetch))
        return self._bills.pop(code, None)

    def _fetch(self, lot: Sequence[str], fetch: Fetch) -> None:
        with suppress(Inconclusive):  # then each is fetched by itself
            response = fetch(",".join(lot))
            found = bills_in(response) if response.succeeded else []
            self._bills.update({each.consumer_code: each for each in found})
