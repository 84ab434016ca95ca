"""The first page of a certificate: who, when, what, and how to verify it; no local path."""

import re

from conformance.core import resources
from conformance.core.verdicts import Verdict
from conformance.report.certificate import page
from conformance.report.first_page import COMMAND, FACT, LINES, first_page
from conformance.report.plain import without_paths
from conformance.results.validity import digest_of
from tests.unit.conftest import HOSTILE, Runner, finding_of, header_of

LEAST = 4.5  # WCAG 2.1 AA, text of any size
INKS = ("ink", "soft", "good", "bad", "open", "broken", "calm")


def luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb, as WCAG 2.1 defines it."""
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(each * 2 for each in digits)
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_every_ink_can_be_read_on_every_ground() -> None:
    css = (resources.folder("templates") / "certificate.css").read_text("utf-8")
    schemes = [
        dict(re.findall(r"--([a-z]+): (#[0-9a-f]{3,6})", block))
        for block in re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    ]
    assert len(schemes) == 3, "light, dark, print"
    poor = [
        f"{ink} {scheme[ink]} on {scheme[ground]}: {contrast(scheme[ink], scheme[ground]):.2f}"
        for scheme in schemes
        for ink in INKS
        for ground in ("paper", "card")
        if contrast(scheme[ink], scheme[ground]) < LEAST
    ]
    assert not poor, "\n".join(poor)
    assert contrast("#000", "#fff") == 21


def test_says_who_when_and_how_to_verify(a_run: Runner) -> None:
    target = {
        "name": "uat",
        "base_url": "https://uat.city.gov",
        "fingerprint": "8f1c02bb",
        "detected": "pg-service: DIGIT 2.8",
        "mdms": "roles: beefbeefbeef (4 rows)",
    }
    _, results, exchanges = a_run([finding_of("TXN-08", Verdict.FAILED)], target=target)
    text = page(results, exchanges)
    digest = digest_of(results)
    for part in (*target.values(), digest, COMMAND, "not valid as a certificate", "<svg "):
        assert part in text
    assert digest in first_page(results).code


def test_a_certificate_has_a_last_day(a_run: Runner) -> None:
    _, results, _ = a_run([finding_of("TXN-08")])
    last = dict(first_page(results).how)["Valid until"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d, or until the deployment is changed", last)


def test_names_a_few_and_counts_the_rest(a_run: Runner) -> None:
    ids = [f"TXN-{number:02}" for number in range(1, 13)]
    _, results, _ = a_run([finding_of(id_, Verdict.FAILED) for id_ in ids])
    first = first_page(results)
    assert len(first.open_points) == LINES
    assert (
        first.more
        == len(results.advised_against)
        + sum(row.verdict is Verdict.FAILED for row in results.binding)
        - LINES
    )


def test_long_and_hostile_texts_stay_bounded(a_run: Runner) -> None:
    target = {"name": HOSTILE * 50, "base_url": "x" * 9000, "fingerprint": "8f1c"}
    _, results, _ = a_run(target=target)
    first = first_page(results)
    assert all(len(text) <= FACT for _, text in (*first.who, *first.how))


def test_no_local_path_stands_on_the_page(a_run: Runner) -> None:
    profile = {
        "settings": {"mdms": {"repository": "/home/operator/mdms/pb"}, "waivers": "~/waivers.yaml"},
        "origins": {"mdms.repository": "file", "waivers": "file"},
    }
    reason = "the file /home/operator/mdms/pb/roles.json cannot be read"
    _, results, exchanges = a_run(
        [finding_of("MDM-01", Verdict.INCONCLUSIVE, reason=reason)], profile=profile
    )
    text = page(results, exchanges)
    assert "/home/operator" not in text
    assert "~/waivers" not in text
    assert "…/roles.json cannot be read" in text


def test_paths_of_an_api_are_no_local_paths() -> None:
    api = "https://city.gov/home/x and /user/users/_createnovalidate and /pg-service/transaction"
    assert without_paths(api) == api
    assert without_paths("see C:\\Users\\me\\profile.yaml") == "see …/profile.yaml"


def test_default_values_of_settings_are_left_out(a_run: Runner) -> None:
    header = header_of()
    _, results, exchanges = a_run()
    settings = page(results, exchanges).partition("<h2>Profile</h2>")[2]
    assert all(f'<th scope="row">{path}</th>' in settings for path in header.profile["origins"])
    profile = {"settings": {"timezone": "Asia/Kolkata"}, "origins": {}}
    _, results, exchanges = a_run(profile=profile)
    assert "Asia/Kolkata" not in page(results, exchanges)
