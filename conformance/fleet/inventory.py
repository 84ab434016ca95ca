"""The cities of a fleet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """One city of the inventory; its name is also that of its folder.

    `overrides` are settings that replace those of the template, by places such as `bills.amount`.
    """

    name: str
    base_url: str
    tenant: str
    overrides: Mapping[str, Any] = field(default_factory=dict)
