"""A target that is only read: no run is opened, nothing is recorded, nothing may be spent."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from conformance.client.client import Client
from conformance.contracts import Contracts
from conformance.core.ledger import Ledger
from conformance.core.redaction import Redactor
from conformance.run.config import RunConfig
from conformance.run.embedded import embedded
from conformance.run.opening import profile_of


@contextmanager
def reading(config: RunConfig) -> Iterator[Client]:
    """Open the target of a profile to read from it, in mode inspect. Raises SetupError."""
    profile = profile_of(replace(config, settings={**config.settings, "mode": "inspect"}))
    target = profile.target
    with embedded(target, config.reference) or nullcontext() as deployment:
        if deployment is not None:
            target = target.model_copy(update={"base_url": deployment.base_url})
        client = Client(
            target,
            Contracts.load(),
            Redactor(),
            lambda _exchange: None,
            ledger=Ledger(Path(os.devnull), Decimal(0)),
            unlocked=profile.unlocked,
        )
        try:
            yield client
        finally:
            client.close()
