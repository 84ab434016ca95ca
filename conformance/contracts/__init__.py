"""The contracts: OpenAPI documents, their errata, and exchanges held against both."""

from conformance.contracts.errata import Erratum
from conformance.contracts.loading import Contracts, all_errata, read_bundle
from conformance.contracts.operations import Operation

__all__ = ["Contracts", "Erratum", "Operation", "all_errata", "read_bundle"]
