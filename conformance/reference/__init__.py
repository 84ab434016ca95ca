"""The reference deployment: DIGIT over HTTP in one process, strict about BBPS, with faults.

It is the judged: nothing here imports from the checking side.
"""

from conformance.reference.app import catalogue
from conformance.reference.faults import Fault
from conformance.reference.lineages import LINEAGES, Lineage
from conformance.reference.serving import Deployment, run_forever, serve
from conformance.reference.settings import BadSetting, Settings

__all__ = [
    "LINEAGES",
    "BadSetting",
    "Deployment",
    "Fault",
    "Lineage",
    "Settings",
    "catalogue",
    "run_forever",
    "serve",
]
