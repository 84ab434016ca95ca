"""Answers as the variations of a deployment have them."""

from collections.abc import Iterable

from starlette.responses import Response

from conformance.reference.platform.world import Call, Reply
from conformance.reference.variations.catalogue import VARIATIONS
from conformance.reference.variations.variation import edited


class Varying:
    """What the chosen variations do to each answer; nothing without any."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        wanted = set(names)  # made in the order of the catalogue: what is sent comes last
        chosen = [each for name, each in VARIATIONS.items() if name in wanted]
        self._edits = [each.edit for each in chosen if each.edit]
        self._sends = [each.send for each in chosen if each.send]

    def reply(self, call: Call, reply: Reply) -> Reply:
        """Return a reply as the deployment gives it."""
        return edited(self._edits, call, reply)

    def response(self, call: Call, response: Response) -> Response:
        """Return a response as it goes over the line."""
        for send in self._sends:
            response = send(call, response)
        return response
