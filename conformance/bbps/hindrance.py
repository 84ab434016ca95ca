"""What a deployment may lawfully keep a run from: the check that needs it is left out."""

from collections.abc import Callable
from typing import TypeVar

from conformance.client.client import Unanswered
from conformance.core.verdicts import Inconclusive, NotAllowed, NotApplicable

Made = TypeVar("Made")


def unless_hindered(make: Callable[[], Made], looked_at: str = "") -> Made:
    """Return what is made; NotApplicable where the deployment hinders it.

    `looked_at` says what is not looked at then. What got no answer, and what the mode or the cap
    of the profile forbids, stays undecided.
    """
    try:
        return make()
    except (Unanswered, NotAllowed):
        raise
    except Inconclusive as hindrance:
        raise NotApplicable(f"not looked at{looked_at}: {hindrance}") from None
