"""The reference deployment: DIGIT over HTTP in one process, strict about BBPS, with faults.

It is the judged: nothing here imports from the checking side.
"""

from conformance.reference.app.application import catalogue
from conformance.reference.app.serving import Deployment, run_forever, serve
from conformance.reference.lineages.catalogue import LINEAGES
from conformance.reference.platform.faults import Fault
from conformance.reference.platform.lineage import Lineage
from conformance.reference.platform.settings import BadSetting, Settings
from conformance.reference.variations.catalogue import VARIATIONS
from conformance.reference.variations.variation import Variation

__all__ = [
    "LINEAGES",
    "VARIATIONS",
    "BadSetting",
    "Deployment",
    "Fault",
    "Lineage",
    "Settings",
    "Variation",
    "catalogue",
    "run_forever",
    "serve",
]
