"""What every part of a profile is: frozen, and strict about the names of its settings."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A frozen part of the profile that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)
