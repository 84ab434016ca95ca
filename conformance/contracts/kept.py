"""The shipped contracts, linked and corrected beforehand, so that no run does it again.

They stand in `contracts/linked.json`, written by `make index`. The file holds the checksum of all
that it was made from: it is left alone as soon as a contract, an erratum or this package differs.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from conformance.contracts.documents import Tree
from conformance.core import resources
from conformance.core.resources import MissingResource

NAME: Final = "linked.json"
REGISTER: Final = "requirements.yaml"  # stands among the contracts, and is none


def linked_beforehand(errata: Sequence[str]) -> dict[str, Tree]:
    """Return service -> contract as one document, with these errata applied, in this order.

    Empty where the file is outdated, or has other errata. The caller may change what it gets.
    """
    try:
        kept: Any = json.loads(resources.file("contracts", NAME).read_bytes())
    except (MissingResource, OSError, ValueError):
        return {}
    if not isinstance(kept, dict):
        return {}
    is_current = kept.get("sha256") == fingerprint() and kept.get("errata") == [*errata]
    return kept["services"] if is_current else {}


def as_text(errata: Sequence[str], services: Mapping[str, Tree]) -> str:
    """Return the text of the file for these contracts, one line each."""
    rows = ",\n".join(f"{json.dumps(name)}: {json.dumps(services[name])}" for name in services)
    head = f'"sha256": "{fingerprint()}",\n"errata": {json.dumps(errata)}'
    return f'{{{head},\n"services": {{\n{rows}\n}}}}\n'


def fingerprint() -> str:
    """Return the checksum of the shipped contracts and errata, and of the code that links them."""
    contracts = resources.folder("contracts")
    sources = [
        *(path for path in sorted(contracts.glob("**/*.yaml")) if path.name != REGISTER),
        *sorted((resources.PACKAGE / "contracts").glob("*.py")),
        *(resources.PACKAGE / "core" / name for name in ("foreign_files.py", "parsing.py")),
    ]
    found = hashlib.sha256()
    for path in sources:
        content = path.read_bytes()
        found.update(f"{path.name} {len(content)}\n".encode() + content)
    return found.hexdigest()
