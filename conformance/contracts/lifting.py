"""Where a bundle keeps the operations that the suite knows.

Each stands below `components/pathItems/<name>`, where errata find it whatever path a document
states it at.
"""

import copy
import re

from conformance.contracts.documents import METHODS, Tree
from conformance.contracts.endpoints import endpoint_at
from conformance.contracts.schemas import pointed


def base_of(tree: Tree) -> str:
    """Return the path at which a 3.1 document puts its own paths, by its first server."""
    servers = tree.get("servers") or [{}]
    address = str(servers[0].get("url", ""))
    return re.sub(r"^([A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*|[?#].*", "", address)


def lift_operations(tree: Tree, service: str) -> None:
    """Move every known path item below `components/pathItems`, under its operation's name."""
    base = base_of(tree)
    items = tree.setdefault("components", {}).setdefault("pathItems", {})
    for path, item in tree["paths"].items():
        endpoint = endpoint_at(service, base, path)
        if endpoint is None or "$ref" in item or endpoint.name in items:
            continue
        for method in METHODS:
            if method in item:
                own = method == endpoint.method.lower()
                item[method]["operationId"] = endpoint.name if own else f"{endpoint.name}.{method}"
        items[endpoint.name] = item
        tree["paths"][path] = {"$ref": f"#/components/pathItems/{endpoint.name}"}


def with_paths_inline(bundle: Tree) -> Tree:
    """Return a copy of a bundle with its operations back below `paths`, as tools expect them."""
    tree = copy.deepcopy(bundle)
    for path, item in tree["paths"].items():
        if "$ref" in item:
            tree["paths"][path] = copy.deepcopy(pointed(tree, item["$ref"]))
    tree["components"].pop("pathItems", None)
    return tree
