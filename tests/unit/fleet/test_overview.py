"""The overview: worst city first, what fails in most cities first, and never more than is known."""

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.core.errors import ExitCode
from conformance.fleet.overview import STATES, CityLine, Overview, overview_of
from conformance.fleet.task import CityResult
from conformance.fleet.writing import junit, markdown, page, write_overview
from tests.unit.fleet.conftest import point, result

HOSTILE = "<script>alert(1)</script>|[x](http://evil.test)\n# `x`"


def line(found: CityResult | None, name: str = "", page: str = "cities/x/page.html") -> CityLine:
    return CityLine(name=name or (found.city if found else ""), result=found, page=page)


def overview(*found: CityResult) -> Overview:
    return overview_of("state", "0.1.0", [line(each) for each in found])


ALL = overview(
    result("Ready"),
    result("Undecided", "INCONCLUSIVE", point("TXN-01", "inconclusive")),
    result("Broken a little", "NON-CONFORMANT", point("TXN-08")),
    result("Broken", "NON-CONFORMANT", point("TXN-08"), point("RCP-04"), point("PAY-01")),
    result("Unset", "", error="the target does not answer", run=""),
    result("Lost", "", error="killed", exit_code=3, run=""),
    result("Waived", "CONFORMANT WITH WAIVERS", point("RCP-04", "waived")),
    result("Part", "PARTIAL"),
)


def test_the_worst_city_is_first() -> None:
    names = [each.name for each in ALL.cities]
    assert names == [
        "Broken", "Broken a little", "Lost", "Unset", "Undecided", "Part", "Waived", "Ready",
    ]  # fmt: skip
    assert ALL.headline == "2 of 8 cities may take bill payments from BBPS"


def test_what_fails_in_most_cities_is_first() -> None:
    found = [(each.point.id, each.broken, each.undecided) for each in ALL.common]
    assert found[0] == ("TXN-08", ("Broken", "Broken a little"), ())
    assert found[-1] == ("TXN-01", (), ("Undecided",))
    assert {id_ for id_, _, _ in found} == {"TXN-08", "RCP-04", "PAY-01", "TXN-01"}


def test_each_state_is_a_sentence_that_counts_its_cities() -> None:
    assert ALL.sentences[0] == (
        "2 cities must not take bill payments from BBPS yet: something binding is broken."
    )
    assert "1 city may take bill payments from BBPS, as long as its waivers last." in ALL.sentences
    assert "1 city was checked in part only, so it is not decided." in ALL.sentences
    assert sum(int(each.partition(" ")[0]) for each in ALL.sentences) == len(ALL.cities)
    assert set(ALL.states) <= set(STATES)


@pytest.mark.parametrize(
    ("found", "page_at", "state", "word"),
    [
        (result("A"), "page.html", "ready", "CONFORMANT"),
        (result("A"), "", "part", "NO CERTIFICATE"),
        (result("A", certificate=False), "page.html", "part", "NO CERTIFICATE"),
        (result("A", rehearsal=True), "page.html", "rehearsed", "REHEARSAL: CONFORMANT"),
        (result("A", rehearsal=True), "", "part", "REHEARSAL: NO CERTIFICATE"),
        (result("A", "CONFORMANT WITH WAIVERS"), "", "part", "NO CERTIFICATE"),
        (
            result("A", settle="from 2026-12-01 00:00 on"),
            "page.html",
            "undecided",
            "NO CERTIFICATE",
        ),
        (result("A", "PARTIAL"), "", "part", "PARTIAL"),
        (result("A", "ERROR"), "page.html", "failed", "ERROR"),
        (result("A", "", exit_code=130), "", "missing", "interrupted"),
        (None, "", "missing", "not certified yet"),
    ],
)
def test_no_city_is_conformant_without_a_certificate(
    found: CityResult | None, page_at: str, state: str, word: str
) -> None:
    city = line(found, "A", page_at)
    assert (city.state, city.word) == (state, word)
    alone = overview_of("state", "0.1.0", [city])
    for text in (page(alone), markdown(alone), junit(alone), json.dumps(alone.as_json())):
        assert word in text
        if "NO CERTIFICATE" in word:
            assert "CONFORMANT" not in text
            assert "1 city may take" not in "".join(alone.sentences)


def test_a_rehearsal_says_so_everywhere() -> None:
    rehearsed = overview(*(result(name, rehearsal=True) for name in ("A", "B")))
    assert rehearsed.headline == "Rehearsal: 2 of 2 cities kept every binding rule"
    assert '<p class="band"><b>REHEARSAL</b> This certifies no city.</p>' in page(rehearsed)
    assert "may take bill payments" not in page(rehearsed)
    assert "REHEARSAL: CONFORMANT" in markdown(rehearsed)
    mixed = overview(result("A", rehearsal=True), result("B"))
    assert mixed.headline == "1 of 2 cities may take bill payments from BBPS"
    assert "1 of 2 cities were rehearsals, which certify nothing." in page(mixed)


@pytest.mark.parametrize(
    ("codes", "code"),
    [
        ((0, 0), 0), ((0, 4), 4), ((0, 4, 1), 1), ((1, 2), 2), ((2, 3, 1), 3), ((3, 130), 130),
        ((), 3),
    ],
)  # fmt: skip
def test_the_exit_code_is_that_of_the_worst_city(codes: tuple[int, ...], code: int) -> None:
    found = [result(f"C{number}", exit_code=each) for number, each in enumerate(codes)]
    assert overview(*found).exit_code == code


def test_a_city_without_a_result_is_no_success() -> None:
    both = overview_of("state", "0.1.0", [line(result("A")), line(None, "B", "")])
    assert both.exit_code == ExitCode.SETUP
    assert "1 city has no result yet." in both.sentences
    for found, page_at in (
        (result("A"), ""),
        (result("A", rehearsal=True), ""),
        (result("A", settle="from 2026-12-01 00:00 on"), "page.html"),
    ):
        uncertified = overview_of("state", "0.1.0", [line(found, "A", page_at)])
        assert uncertified.exit_code == ExitCode.POLICY


def test_hostile_text_stays_text() -> None:
    row = replace(point("TXN-08"), seen=HOSTILE)
    found = result(HOSTILE, "NON-CONFORMANT", row)
    hostile = overview(found, result("Set up", "", error=HOSTILE, run=""))
    html = page(hostile)
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    text = markdown(hostile)
    assert "<script>" not in text
    assert "[x](" not in text
    header, *_, one, other = text.splitlines()[-4:]
    assert header.count(" | ") == one.count(" | ") == other.count(" | ")
    case = ET.fromstring(junit(hostile)).find(".//testcase/failure")  # noqa: S314  our own
    assert case is not None
    assert "<script>alert(1)</script>" in (case.text or "")


def test_the_page_loads_nothing_from_outside() -> None:
    html = page(ALL)
    assert "default-src 'none'" in html
    assert "<script" not in html
    assert 'src="' not in html
    links = [each.partition('"')[0] for each in html.split('href="')[1:]]
    assert set(links) == {"data:,", "cities/x/page.html"}


def test_build_servers_count_each_city() -> None:
    root = ET.fromstring(junit(ALL))  # noqa: S314  our own
    assert root.attrib | {"name": ""} == {
        "name": "", "tests": "8", "failures": "2", "errors": "3", "skipped": "1",
    }  # fmt: skip
    assert next(root.iter("testcase")).get("name") == "Broken"


def test_every_form_is_written(tmp_path: Path) -> None:
    assert write_overview(tmp_path / "new", ALL) == tmp_path / "new" / "overview.html"
    document = json.loads((tmp_path / "new" / "overview.json").read_text(encoding="utf-8"))
    assert document["states"] == ALL.states
    assert document["exit_code"] == 3
    assert document["cities"][0]["result"]["verdict"] == "NON-CONFORMANT"
    assert (tmp_path / "new" / "overview.md").read_text("utf-8").startswith("# 2 of 8 cities")
