"""A rehearsal: every report says so, and nobody can take it for a run on a deployment."""

import json
import re
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator

from conformance.core import resources
from conformance.core.requirements import Register
from conformance.report.allure import write_allure
from conformance.report.certificate import page
from conformance.report.junit import write_junit
from conformance.report.markdown import markdown
from conformance.report.terminal import print_quietly
from conformance.results.model import SCHEMA, Results
from conformance.results.reading import JournalProblem, read
from conformance.results.rehearsal import WHY, Rehearsal
from tests.unit.conftest import Runner, finding_of

FAULTY = Rehearsal(
    because="embedded",
    lineage="mseva",
    faults=("owner-check-off", "receipt-dated-at-update"),
    variations=("searches-by-post",),
    lag_ms=40,
    noise=1.5,
)
PARTS = ("REHEARSAL", "embedded reference", "mseva", *FAULTY.faults, *FAULTY.variations)
AA = 4.5


def rehearsed(a_run: Runner, register: Register, rehearsal: Rehearsal = FAULTY) -> Results:
    _, results, _ = a_run([finding_of(each.id) for each in register], rehearsal=rehearsal)
    return results


def test_page_and_summary_say_what_was_rehearsed(a_run: Runner, register: Register) -> None:
    results = rehearsed(a_run, register)
    for text in (page(results, {}), markdown(results)):
        for part in (*PARTS, "certifies no deployment", "lag 40 ms", "noise 1.5 %"):
            assert part in re.sub(r"\\", "", text), part


def test_the_page_is_no_certificate_of_a_deployment(a_run: Runner, register: Register) -> None:
    text = page(rehearsed(a_run, register), {})
    assert "<title>REHEARSAL: CONFORMANT: " in text
    assert "<h1><small>Rehearsal</small> CONFORMANT</h1>" in text
    assert "rehearsal, no certificate" in text
    assert "certificate of conformance" not in text
    assert 'class="conformant rehearsal"' in text
    assert "This deployment keeps" not in text


def test_a_deployment_is_not_called_a_rehearsal(a_run: Runner, register: Register) -> None:
    _, results, _ = a_run([finding_of(each.id) for each in register])
    text = page(results, {})
    assert "certificate of conformance" in text
    assert "<h1>CONFORMANT</h1>" in text
    assert 'class="band"' not in text
    assert "REHEARSAL" not in markdown(results) + results.verdict_line


def test_terminal_says_so_also_quietly(
    a_run: Runner, register: Register, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, results, exchanges = a_run([finding_of("USR-01")], rehearsal=FAULTY)
    print_quietly(results, exchanges, folder)
    printed = " ".join(capsys.readouterr().out.split())
    assert printed.startswith("REHEARSAL: CONFORMANT")
    for part in PARTS:
        assert part in printed


def test_junit_and_allure_carry_every_fact(a_run: Runner) -> None:
    folder, results, exchanges = a_run([finding_of("USR-01")], rehearsal=FAULTY)
    suite = ElementTree.parse(write_junit(folder, results, exchanges)).getroot()[0]  # noqa: S314  our own file
    named = {each.attrib["name"]: each.attrib["value"] for each in suite.iterfind("properties/*")}
    home = write_allure(folder, results, exchanges)
    environment = (home / "environment.properties").read_text("utf-8")
    for name, value in FAULTY.facts.items():
        assert named[name] == value
        assert f"{name}={value}\n" in environment


@pytest.mark.parametrize("because", WHY)
def test_results_keep_it_and_are_read_back(a_run: Runner, because: str) -> None:
    rehearsal = FAULTY if because == "embedded" else Rehearsal(because=because)
    folder, results, _ = a_run([finding_of("USR-01")], rehearsal=rehearsal)
    document = json.loads((folder / "results.json").read_text("utf-8"))
    schema = json.loads(resources.file("templates", SCHEMA).read_text("utf-8"))
    Draft202012Validator(schema).validate(document)
    assert read(folder).header.rehearsal == rehearsal == results.header.rehearsal
    (folder / "results.json").unlink()
    assert read(folder).header.rehearsal == rehearsal


def test_results_that_do_not_say_whether_it_was_one_are_refused(a_run: Runner) -> None:
    folder, _, _ = a_run([finding_of("USR-01")], rehearsal=FAULTY)
    path = folder / "results.json"
    document = json.loads(path.read_text("utf-8"))
    del document["rehearsal"]
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(JournalProblem, match="rehearsal"):
        read(folder)


def test_text_under_the_mark_keeps_its_contrast() -> None:
    poor = [
        f"{scheme} {text} on {paper}: {ratio:.2f}"
        for scheme, colours in schemes()
        for text in ("ink", "soft", "good", "bad", "open", "broken", "calm")
        for paper in ("paper", "card")
        if (ratio := contrast(*(under(colours, each) for each in (text, paper)))) < AA
    ]
    assert not poor, "\n".join(poor)


def test_the_band_is_read_easily() -> None:
    rule = re.search(r"\.band \{.*?\}", style(), re.DOTALL)
    assert rule is not None
    back, front = re.findall(r": (#[0-9a-f]{3,6});", rule.group())
    assert contrast(rgb(back), rgb(front)) >= AA


Colour = tuple[float, float, float]


def style() -> str:
    return resources.file("templates", "certificate.css").read_text("utf-8")


def schemes() -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the colours of light, dark and print by name."""
    for scheme, block in zip(
        ("light", "dark", "print"), re.findall(r":root \{(.*?)\}", style(), re.DOTALL), strict=True
    ):
        yield scheme, dict(re.findall(r"--(\w+): ([^;]+);", block))


def under(colours: dict[str, str], name: str) -> Colour:
    """Return what a colour becomes where the mark is drawn over it."""
    *mark, share = map(float, re.findall(r"[\d.]+", colours["water"]))
    red, green, blue = (
        share * above + (1 - share) * below
        for above, below in zip(mark, rgb(colours[name]), strict=True)
    )
    return red, green, blue


def rgb(text: str) -> Colour:
    digits = text.strip().removeprefix("#")
    digits = "".join(each * 2 for each in digits) if len(digits) == 3 else digits
    red, green, blue = (float(int(digits[at : at + 2], 16)) for at in (0, 2, 4))
    return red, green, blue


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast ratio of two colours, as WCAG 2 defines it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: Colour) -> float:
    parts = [each / 255 for each in colour]
    linear = [
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
