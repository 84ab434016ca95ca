"""Records that odd requests of ours made: what stands in them says nothing of the deployment."""

import threading
from collections.abc import Iterator
from typing import Any, Final

IDS: Final = ("id", "txnId", "uuid")


class OddRecords:
    """The ids of records that requests against the contract wrote; safe to share between threads.

    A deployment may read such a request leniently, and then shows what it was given.
    """

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._lock = threading.Lock()

    def learn(self, body: Any) -> None:
        """Take note of every record that the answer to such a request shows."""
        with self._lock:
            self._ids.update(_ids_in(body))

    def hold(self, body: Any, pointer: str) -> bool:
        """Whether a JSON pointer leads into such a record, in the answer to another request."""
        node = body
        for name in pointer.split("/")[1:]:
            if isinstance(node, list) and name.isdigit() and int(name) < len(node):
                node = node[int(name)]
            elif isinstance(node, dict):
                node = node.get(name.replace("~1", "/").replace("~0", "~"))
            if isinstance(node, dict) and any(node.get(key) in self._ids for key in IDS
                                              if isinstance(node.get(key), str)):  # fmt: skip
                return True
        return False


def _ids_in(body: Any) -> Iterator[str]:
    """Yield the ids of all records of a document."""
    nodes = [body]
    while nodes:
        node = nodes.pop()
        if isinstance(node, list):
            nodes += node
        elif isinstance(node, dict):
            yield from (node[key] for key in IDS if isinstance(node.get(key), str))
            nodes += node.values()
