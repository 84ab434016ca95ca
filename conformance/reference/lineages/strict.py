"""The strict reference: DIGIT as BBPS requires it, without a deviation."""

from typing import Final

from conformance.reference.platform.lineage import Lineage

STRICT: Final = Lineage(name="strict")
