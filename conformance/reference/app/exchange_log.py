"""The deployment's own log of exchanges."""

import json
import threading
from pathlib import Path

from conformance.reference.platform.world import Reply


class ExchangeLog:
    """Writes method, path, status and codes of each answer: no bodies, no secrets."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()

    def write(self, method: str, path: str, reply: Reply) -> None:
        """Append one line; nothing where no log was ordered."""
        if self._path is None:
            return
        errors = reply.body.get("Errors") if isinstance(reply.body, dict) else None
        codes = [item["code"] for item in errors or ()]
        line = json.dumps({"method": method, "path": path, "status": reply.status, "codes": codes})
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
