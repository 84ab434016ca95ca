"""The one place that finds contracts, scenarios and templates: in a checkout or in the wheel."""

from pathlib import Path
from typing import Final

from conformance.core.errors import ConformanceError

PACKAGE: Final = Path(__file__).resolve().parents[1]
EXAMPLES: Final = PACKAGE / "examples"
CHECKOUT: Final = PACKAGE.parent


class MissingResource(ConformanceError):
    """A folder or file that every installation carries is absent: the installation is broken."""


def folder(name: str) -> Path:
    """Return the folder `contracts`, `scenarios` or `templates`; MissingResource if absent."""
    in_checkout = CHECKOUT / ("reports/templates" if name == "templates" else name)
    in_wheel = PACKAGE / "data" / name
    # The wheel's own copy wins, so that a stray folder next to site-packages is never taken.
    for candidate in (in_wheel, in_checkout):
        if candidate.is_dir():
            return candidate
    raise MissingResource(
        f"{name}: neither {in_wheel} nor {in_checkout} exists; reinstall the suite"
    )


def file(folder_name: str, *parts: str) -> Path:
    """Return one shipped file, for example `file("contracts", "requirements.yaml")`."""
    path = folder(folder_name).joinpath(*parts)
    if not path.is_file():
        raise MissingResource(f"{path} is missing; reinstall the suite")
    return path
