"""Writes the overview of a fleet: HTML, Markdown, JSON, and JUnit for build servers."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from conformance.core.wording import plural
from conformance.fleet.overview import CityLine, Overview
from conformance.report.certificate import MARKS, template
from conformance.report.plain import clipped, fitted, inert, printable, without_paths

PAGE: Final = "overview.html"
TEMPLATE: Final = "fleet.html.j2"
SHOWN: Final = 8  # rules that the page shows without a click
NAMED: Final = 12  # cities that one line of Markdown names
LONGEST: Final = 200  # characters of a text that are shown
WORDS: Final = {
    "failed": "broken", "error": "the suite failed", "inconclusive": "not decided",
    "waived": "broken, and accepted for now", "passed": "kept",
    "not-applicable": "does not apply", "not-covered": "not checked",
}  # fmt: skip
COUNTED: Final = frozenset({"failed", "error", "inconclusive", "waived"})
# How build servers count a state; what is not named passed.
TAGS: Final = {
    "broken": "failure", "failed": "error", "set-up": "error", "missing": "error",
    "undecided": "error", "part": "skipped",
}  # fmt: skip


def write_overview(home: Path, overview: Overview) -> Path:
    """Write the overview in each form into a folder; return the page. OSError."""
    home.mkdir(parents=True, exist_ok=True)
    texts = {
        "overview.json": json.dumps(overview.as_json(), indent=1, ensure_ascii=False) + "\n",
        "overview.md": markdown(overview),
        "junit.xml": junit(overview),
        PAGE: page(overview),
    }
    for name, text in texts.items():
        draft = home / f".{name}.draft"  # a full disk leaves what was there
        draft.write_text(text, encoding="utf-8", errors="backslashreplace")
        draft.replace(home / name)
    return home / PAGE


def page(overview: Overview) -> str:
    """Return the overview as one HTML document that loads nothing from outside."""
    return template(TEMPLATE).render(
        overview=overview,
        worst=next(iter(overview.states), "missing"),
        states=list(zip(overview.states, overview.sentences, strict=True)),
        facts=_facts(overview),
        shown=SHOWN,
        marks=MARKS,
        words=WORDS,
        counted=COUNTED,
    )


def markdown(overview: Overview) -> str:
    """Return the overview as Markdown; text of a deployment is shown, never interpreted."""
    lines = [f"# {inert(overview.headline)}", ""]
    lines += [f"- {sentence}" for sentence in overview.sentences]
    lines += ["", inert(_facts(overview)), ""]
    if overview.common:
        lines += ["## What fails in most cities", "", "| id | rule | where |", "|---|---|---|"]
        lines += [_common(overview, number) for number in range(len(overview.common))]
        lines.append("")
    lines += ["## The cities, worst first", ""]
    lines += [f"| city | verdict | {' | '.join(overview.areas)} | what is open |"]
    lines += [f"|---|---|{'---|' * len(overview.areas)}---|"]
    lines += [_city(overview, city) for city in overview.cities]
    return "\n".join(lines) + "\n"


def junit(overview: Overview) -> str:
    """Return the overview as JUnit XML: one case per city."""
    tags = [TAGS.get(city.state, "passed") for city in overview.cities]
    counts = {
        "tests": str(len(tags)),
        "failures": str(tags.count("failure")),
        "errors": str(tags.count("error")),
        "skipped": str(tags.count("skipped")),
    }
    root = Element("testsuites", {"name": "BBPS conformance of cities", **counts})
    suite = SubElement(root, "testsuite", {"name": printable(overview.fleet), **counts})
    for city, tag in zip(overview.cities, tags, strict=True):
        seconds = city.result.seconds if city.result else 0.0
        case = SubElement(
            suite,
            "testcase",
            {"classname": "city", "name": printable(city.name), "time": f"{seconds:.3f}"},
        )
        message = printable(" ".join(f"{city.word}: {city.why}".split())).removesuffix(":")
        if tag == "skipped":
            SubElement(case, tag, {"message": message})
        elif tag != "passed":
            text = "\n".join(_points(city)) or message
            SubElement(case, tag, {"message": message, "type": city.state}).text = printable(text)
        else:
            SubElement(case, "system-out").text = message
    indent(root)
    return tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _facts(overview: Overview) -> str:
    rehearsed = f"{plural(overview.rehearsals, 'rehearsal')}, " if overview.rehearsals else ""
    return (
        f"{rehearsed}{plural(overview.requests, 'request')} sent, "
        f"at most ₹ {overview.rupees:.2f} moved, suite {overview.suite}"
    )


def _common(overview: Overview, number: int) -> str:
    each = overview.common[number]
    parts = [
        f"{word} in {len(names)} of {len(overview.cities)}: {_named(names)}"
        for word, names in (("broken", each.broken), ("undecided", each.undecided))
        if names
    ]
    rule = inert(fitted(each.point.statement, LONGEST))
    return f"| {each.point.id} | {rule} | {'; '.join(parts)} |"


def _named(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return inert(", ".join(names[:NAMED])) + more


def _city(overview: Overview, city: CityLine) -> str:
    word = f"[{city.word}]({city.page})" if city.page else city.word
    cells = []
    for area in overview.areas:
        verdict, count = city.cell(area)
        cells.append(f"{MARKS[verdict]} {count}" if verdict in COUNTED else MARKS[verdict])
    why = inert(clipped(without_paths(city.why), LONGEST))
    return f"| {inert(city.name)} | {word} | {' | '.join(cells)} | {why} |"


def _points(city: CityLine) -> Iterator[str]:
    for each in (*city.broken, *city.undecided):
        yield f"{each.id} {each.verdict}: {each.statement} Seen: {each.seen}"
