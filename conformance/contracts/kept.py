"""The shipped contracts, linked and corrected beforehand, and every erratum as it was read.

They stand in `contracts/linked.json`, written by `make index`, so that no run does it again. The
file holds the checksum of all that it was made from: it is left alone as soon as a contract, an
erratum or this package differs.
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


def beforehand() -> Mapping[str, Any]:
    """Return what was made beforehand; empty where the file is outdated. The caller may change it.

    `known` lists every erratum, `documents` describes the document of each service, and `services`
    holds its contract as one document, with the errata `applied`, in this order.
    """
    try:
        kept: Any = json.loads(resources.file("contracts", NAME).read_bytes())
    except (MissingResource, OSError, ValueError):
        return {}
    is_current = isinstance(kept, dict) and kept.get("sha256") == fingerprint()
    return kept if is_current else {}


def as_text(
    known: Sequence[Tree],
    documents: Mapping[str, Tree],
    applied: Sequence[str],
    services: Mapping[str, Tree],
) -> str:
    """Return the text of the file for these contracts, one line for each of what it holds."""
    errata = ",\n".join(map(json.dumps, known))
    head = f'"sha256": "{fingerprint()}",\n"applied": {json.dumps(applied)}'
    return (
        f'{{{head},\n"known": [\n{errata}\n],\n"documents": {_rows(documents)},\n'
        f'"services": {_rows(services)}}}\n'
    )


def _rows(trees: Mapping[str, Tree]) -> str:
    rows = ",\n".join(f"{json.dumps(name)}: {json.dumps(tree)}" for name, tree in trees.items())
    return f"{{\n{rows}\n}}"


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
