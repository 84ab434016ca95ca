"""The contracts: OpenAPI documents, their errata, and exchanges held against both."""

from conformance.contracts.errata import Erratum
from conformance.contracts.loading import Contracts, all_errata, read_bundle
from conformance.contracts.operations import Operation
from conformance.core.errors import SetupError as ContractProblem  # raised for unusable files

__all__ = ["ContractProblem", "Contracts", "Erratum", "Operation", "all_errata", "read_bundle"]
