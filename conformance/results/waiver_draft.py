"""A draft of waivers for what failed in a run; it is refused until a person completes it."""

import re
from typing import Final

import yaml

from conformance.results.model import Results
from conformance.results.waivers import LETTERS

HEAD: Final = """\
# Waivers for what failed in run {run} of {target}.
# Keep only what its owner accepts for now, and complete each <...>: a run refuses the file before.
# condition is a part of what a finding required or observed; check, a pattern with `*`, narrows it.
"""
CHANGING: Final = re.compile(r"₹|\d")  # amounts, ids and times differ from run to run
OPEN: Final = {
    "reason": "<why this is accepted for now, in a sentence>",
    "owner": "<who answers for it and sees to the repair>",
    "link": "<https://... of the ticket>",
    "expiry": "<the last day, as 2027-03-31>",
}


def draft_of(results: Results) -> str:
    """Return the draft as YAML; an empty text where no check failed without a waiver.

    What failed under one requirement in one way is one waiver, whichever checks found it.
    """
    names: dict[tuple[str, str], dict[str, None]] = {}
    for check in results.failed:
        for id_ in check.requirements:
            found = names.setdefault((id_, condition_of(check.required or check.observed)), {})
            name, parameters, _ = check.id.partition("[")
            found[f"{name}[*" if parameters else name] = None
    if not names:
        return ""
    waivers = [
        {
            "requirement": id_,
            **({"check": next(iter(checks))} if len(checks) == 1 else {}),
            "condition": condition,
            **OPEN,
        }
        for (id_, condition), checks in names.items()
    ]
    head = HEAD.format(run=results.header.run, target=_line(results.header.target["name"]))
    return head + yaml.safe_dump(
        {"waivers": waivers}, allow_unicode=True, sort_keys=False, width=100
    )


def condition_of(text: str) -> str:
    """Return the beginning of a text that holds in other runs, too: what comes before a number."""
    start = CHANGING.split(_line(text), maxsplit=1)[0].rstrip(" ,;:(-")
    return start if sum(map(str.isalnum, start)) >= LETTERS else _line(text)


def _line(text: str) -> str:
    return " ".join(text.split())
