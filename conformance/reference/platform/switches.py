"""Named switches of the reference: which of the known ones are on."""

import difflib
from collections.abc import Iterable
from typing import ClassVar

from conformance.reference.platform.settings import BadSetting


class Switches:
    """Names of one kind that are switched on; BadSetting with the nearest name for another."""

    kind: ClassVar[str]

    def __init__(self, names: Iterable[str], known: Iterable[str]) -> None:
        known = frozenset(known)
        for name in names:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                hint = f"; did you mean {near[0]}?" if near else f"; see `serve --{self.kind}s`"
                raise BadSetting(f"there is no {self.kind} {name!r}{hint}")
        self._on = frozenset(names)

    def on(self, name: str) -> bool:
        """Whether a name is switched on."""
        return name in self._on


class Variations(Switches):
    """The variations that are switched on; see `conformance.reference.variations`."""

    kind = "variation"
