"""What may be chosen for a run. Imports nothing, because the help of the command needs it."""

from typing import Final

MODES: Final = ("inspect", "sandbox", "full")
DEPTHS: Final = ("quick", "standard", "deep")
LINEAGES: Final = ("strict", "digit-2.8", "digit-lts", "mseva")
MOST_JOBS: Final = 64
