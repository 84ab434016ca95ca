"""What is known of a run when it begins, as its results keep it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from conformance import __version__
from conformance.contracts import Contracts
from conformance.profile.loading import Profile
from conformance.profile.target import Target
from conformance.results.model import Header
from conformance.results.rehearsal import Rehearsal
from conformance.run.config import ReferenceOptions, RunConfig


def header_of(
    run: str,
    profile: Profile,
    config: RunConfig,
    contracts: Contracts,
    *,
    partial: bool,
    detected: str,
    mdms: str = "",
    found_here: bool = False,
) -> Header:
    """Return the header of the run with that id.

    `detected` are the services that were seen, `mdms` checksums of the master data that was served,
    `found_here` whether the name of the deployment led to this machine.
    """
    target = profile.target
    return Header(
        run=run,
        suite={"name": "digit-bbps-conformance", "version": __version__},
        target={
            "name": target.name,
            "base_url": target.base_url,
            "fingerprint": fingerprint_of(target, config.reference),
            "detected": detected,
            "mdms": mdms,
        },
        profile=_effective(profile, config),
        contract={
            "form": target.contract.form,
            "documents": contracts.described(),
            "errata": list(contracts.errata),
        },
        mode=str(target.mode),
        seed=config.seed,
        depth=config.depth,
        partial=partial,
        rehearsal=rehearsal_of(target, config.reference, found_here=found_here),
    )


def rehearsal_of(
    target: Target, reference: ReferenceOptions, *, found_here: bool = False
) -> Rehearsal | None:
    """Return what makes a run on a target a rehearsal, None where nothing does.

    A served reference does not say in any answer of DIGIT that it is one, and BBPS reaches nobody
    on loopback: so every target there is a rehearsal, and so is one whose clock can be moved.
    """
    if target.embedded:
        return Rehearsal(because="embedded", **asdict(reference))
    if target.loopback:
        return Rehearsal(because="loopback")
    if found_here:
        return Rehearsal(because="resolved")
    return Rehearsal(because="clock") if target.clock_url else None


def fingerprint_of(target: Target, reference: ReferenceOptions) -> str:
    """Return a checksum of the settings: 16 hexadecimal digits.

    The embedded reference is another target with each lineage, fault and variation.
    """
    document = target.model_dump(mode="json", exclude={"waivers"})
    if target.embedded:
        document["reference"] = asdict(reference)
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:16]


def _effective(profile: Profile, config: RunConfig) -> Mapping[str, Any]:
    """Return the effective profile, secrets hidden by its own types, with file and origins."""
    return {
        "file": str(config.target or ""),  # as it was given; empty for the shipped one
        "settings": profile.target.model_dump(mode="json"),
        "origins": dict(profile.origins),
    }
