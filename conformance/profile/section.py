"""What every part of a profile is: frozen, and strict about the names of its settings."""

import re
from typing import Final

from pydantic import BaseModel, ConfigDict

# A header or setting of such a name holds a secret.
SECRET_NAME: Final = re.compile(r"(?i)auth|token|key|secret|cookie|password|credential|signature")


class Section(BaseModel):
    """A frozen part of the profile that refuses unknown keys.

    The text below a setting is its description in the schema, which editors show.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", str_strip_whitespace=True, use_attribute_docstrings=True
    )
