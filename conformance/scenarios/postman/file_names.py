"""Names of the files that an import writes, valid in any folder, and the files that it reads."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

LONGEST: Final = 80  # characters of a name
# Names that Windows keeps for devices, whatever their ending.
DEVICES: Final = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?=\.|$)", re.IGNORECASE)
SCENARIOS: Final = (".yaml", ".yml")  # endings that a folder of scenarios would read


def slug(text: str) -> str:
    """Return a name that a scenario, and its file, may have."""
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower())[: LONGEST + 1].strip("-")[:LONGEST].strip("-")
    return f"{plain}-1" if DEVICES.match(plain) else plain or "imported"


def file_name(name: str) -> str:
    """Return a name as that of a file in any folder, which is no scenario."""
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip(".-")
    stem, dot, ending = plain[-2 * LONGEST :].rpartition(".")
    plain = f"{stem[:LONGEST]}{dot}{ending[:20]}" if dot else plain[:LONGEST]
    plain = f"file-{plain}" if DEVICES.match(plain) or not plain else plain
    return f"{plain}.txt" if plain.lower().endswith(SCENARIOS) else plain


def unique(name: str, known: Iterable[str]) -> str:
    """Return a name, with a number where it is known already in whatever case."""
    taken = {each.lower() for each in known}
    stem, dot, ending = name.partition(".")
    number, found = 1, name
    while found.lower() in taken:
        number += 1
        found = f"{stem}-{number}{dot}{ending}"
    return found


def text_of(file: Path, most: int) -> tuple[str, str]:
    """Return the text of a file and its encoding; no encoding for what cannot be read whole."""
    try:
        with file.open("rb") as opened:
            content = opened.read(most + 1)
    except OSError:
        return "", ""
    if len(content) > most:
        return "", ""
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return content.decode("latin-1"), "latin-1"
