"""Where schemas call themselves something: `$id`, and the anchors that `$dynamicRef` leads to.

What a `$dynamicRef` means depends on the way by which its schema was reached: of the schemas of
that way, the first that has an anchor of its name. The way is a scope, and a schema is copied once
for each scope that it is used in.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urldefrag, urljoin

from conformance.contracts.documents import Tree

Place = tuple[str | int, ...]
ANCHORS: Final = ("$anchor", "$dynamicAnchor")


@dataclass(frozen=True, slots=True)
class Identities:
    """What the schemas of a document call themselves, each with its place.

    A resource is a schema with an `$id`, or the document itself; names are those of one resource.
    """

    resources: Mapping[Place, str] = field(default_factory=dict)  # place -> URI
    anchors: Mapping[tuple[Place, str], Place] = field(default_factory=dict)  # by resource, name
    dynamic: frozenset[tuple[Place, str]] = frozenset()  # those of `$dynamicAnchor`

    def resource_of(self, place: Place) -> Place:
        """Return the place of the resource that a place belongs to; () is the whole document."""
        return max((each for each in self.resources if place[: len(each)] == each), key=len)

    def called(self, uri: str, place: Place) -> Place | None:
        """Return the resource that a URI means, as seen from a place."""
        wanted = urldefrag(urljoin(self.resources[self.resource_of(place)], uri)).url
        return next(
            (each for each, name in self.resources.items() if each and name == wanted), None
        )

    def dynamic_in(self, place: Place) -> dict[str, Place]:
        """Return the dynamic anchors of the resource that a place belongs to."""
        if not self.dynamic:
            return {}
        resource = self.resource_of(place)
        return {
            name: self.anchors[owner, name] for owner, name in self.dynamic if owner == resource
        }


def identities_in(tree: Any) -> Identities:
    """Return what the schemas of a document call themselves."""
    resources: dict[Place, str] = {(): ""}
    anchors: dict[tuple[Place, str], Place] = {}
    dynamic: set[tuple[Place, str]] = set()
    for place, resource, node in _mappings(tree, resources):
        for kind in ANCHORS:
            if isinstance(name := node.get(kind), str):
                anchors.setdefault((resource, name), place)
                if kind == "$dynamicAnchor":
                    dynamic.add((resource, name))
    return Identities(resources, anchors, frozenset(dynamic))


def _mappings(tree: Any, resources: dict[Place, str]) -> Iterator[tuple[Place, Place, Tree]]:
    """Yield each mapping with its place and its resource, outermost first; note the resources."""
    pending: list[tuple[Place, Place, Any]] = [((), (), tree)]
    while pending:
        place, resource, node = pending.pop()
        if isinstance(node, dict):
            if place and isinstance(node.get("$id"), str):
                resources[place] = urljoin(resources[resource], node["$id"])
                resource = place
            yield place, resource, node
        pairs: Any = node.items() if isinstance(node, dict) else enumerate(node)
        pending += [
            ((*place, key), resource, each)
            for key, each in reversed(list(pairs))
            if isinstance(each, dict | list)
        ]
