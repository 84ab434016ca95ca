"""The contracts and scenarios of the user's own that every city gets, known by what they say."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from conformance.contracts.loading import COMMON, SERVICES, Contracts
from conformance.results.manifest import checksum
from conformance.scenarios.catalogue import loaded
from conformance.scenarios.model import Scenario


def meaning_of(documents: Mapping[str, Path], scenarios: Sequence[Path]) -> str:
    """Return a checksum of what own files say, wherever they lie; empty where there are none.

    `documents` are contracts by their service; what they refer to in other files counts, too, and
    so do the files that the steps of `scenarios` send. SetupError with what is wrong in them.
    """
    if not documents and not scenarios:
        return ""
    contracts = Contracts.load(documents=documents)
    read = [each for each in contracts.described() if each["source"] == "given"]
    changed = SERVICES if COMMON in documents else sorted({*documents})
    said: list[Any] = [*read, *map(contracts.linked, changed)]
    for scenario in loaded(scenarios):
        said += [scenario.model_dump_json(), *map(checksum, _sent(scenario))]
    text = json.dumps(said, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:16]


def _sent(scenario: Scenario) -> list[Path]:
    """Return the files that the steps of a scenario, and their controls, send."""
    requests = [each for step in scenario.steps for each in (step, step.control) if each]
    return [scenario.folder / each.file for each in requests if each.file]
