"""What every part of a profile is: frozen, and strict about the names of its settings."""

import re
from typing import Final

from pydantic import BaseModel, ConfigDict

# A header or setting of such a name holds a secret.
SECRET_NAME: Final = re.compile(r"(?i)auth|token|key|secret|cookie|password|credential|signature")


class Section(BaseModel):
    """A frozen part of the profile that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)
