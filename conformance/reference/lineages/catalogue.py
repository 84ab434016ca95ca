"""Every lineage by its name."""

import difflib
from collections.abc import Mapping
from typing import Final

from conformance.reference.lineages.digit_2_8 import DIGIT_2_8
from conformance.reference.lineages.digit_lts import DIGIT_LTS
from conformance.reference.lineages.mseva import MSEVA
from conformance.reference.lineages.strict import STRICT
from conformance.reference.platform.lineage import Lineage
from conformance.reference.platform.settings import BadSetting

LINEAGES: Final[Mapping[str, Lineage]] = {
    each.name: each for each in (STRICT, DIGIT_2_8, DIGIT_LTS, MSEVA)
}


def lineage_of(name: str) -> Lineage:
    """Return a lineage by name; BadSetting with the nearest name when there is none."""
    if name not in LINEAGES:
        near = difflib.get_close_matches(name, LINEAGES, n=1)
        hint = f"did you mean {near[0]}?" if near else f"choose one of {', '.join(LINEAGES)}"
        raise BadSetting(f"there is no lineage {name!r}; {hint}")
    return LINEAGES[name]
