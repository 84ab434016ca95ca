"""The deployment's own log of exchanges."""

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

from conformance.reference.platform.settings import BadSetting
from conformance.reference.platform.world import Call, Reply


class ExchangeLog:
    """Writes method, path, status and codes of each answer: no bodies, no secrets.

    Of an update of a transaction it also writes the query, which states the outcome.
    """

    def __init__(self, path: Path | None) -> None:
        if path is not None:
            try:
                path.open("a", encoding="utf-8").close()
            except OSError as problem:
                raise BadSetting(f"{path}: exchanges cannot be logged there: {problem}") from None
        self._path = path
        self._lock = threading.Lock()

    def write(self, call: Call, reply: Reply) -> None:
        """Append one line; nothing where no log was ordered."""
        if self._path is None:
            return
        errors = reply.body.get("Errors") if isinstance(reply.body, dict) else None
        codes = [item["code"] for item in errors or ()]
        entry = {
            "method": call.method, "path": call.path, "status": reply.status, "codes": codes
        }  # fmt: skip
        if call.path.endswith("/_update"):
            entry["query"] = urlencode(_without_tokens(call.query), doseq=True)
        line = json.dumps(entry)
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def _without_tokens(query: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {name: values for name, values in query.items() if "token" not in name.lower()}
