"""Records that odd requests of ours made: what stands in them says nothing of the deployment."""

import threading
from collections.abc import Iterator
from typing import Any, Final

IDS: Final = ("id", "txnId", "uuid")
BILLS: Final = ("billId",)


class OddRecords:
    """The ids of records that requests against the contract wrote; safe to share between threads.

    A deployment may read such a request leniently, and then shows what it was given. Where its
    answer is lost, the record is known by the bills that the request named.
    """

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._bills: set[str] = set()
        self._lock = threading.Lock()

    def learn(self, sent: Any, body: Any) -> None:
        """Take note of every record that the answer to such a request shows, else of its bills."""
        ids = set(_values_in(body, IDS))
        with self._lock:
            self._ids |= ids
            if not ids:
                self._bills.update(_values_in(sent, BILLS))

    def hold(self, body: Any, pointer: str) -> bool:
        """Whether a JSON pointer leads into such a record, in the answer to another request."""
        node = body
        for name in pointer.split("/")[1:]:
            if isinstance(node, list) and name.isdigit() and int(name) < len(node):
                node = node[int(name)]
            elif isinstance(node, dict):
                node = node.get(name.replace("~1", "/").replace("~0", "~"))
            if isinstance(node, dict) and self._is_of(node):
                return True
        return False

    def _is_of(self, node: dict[str, Any]) -> bool:
        """Whether a record has an id that was noted, or pays a bill that was."""
        if any(node[key] in self._ids for key in IDS if isinstance(node.get(key), str)):
            return True
        return bool(self._bills) and not self._bills.isdisjoint(_values_in(node, BILLS))


def _values_in(body: Any, keys: tuple[str, ...]) -> Iterator[str]:
    """Yield the texts that stand under some keys, anywhere in a document."""
    nodes = [body]
    while nodes:
        node = nodes.pop()
        if isinstance(node, list):
            nodes += node
        elif isinstance(node, dict):
            yield from (node[key] for key in keys if isinstance(node.get(key), str))
            nodes += node.values()
