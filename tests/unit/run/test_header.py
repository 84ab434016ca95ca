"""The header of a run: what makes it a rehearsal, and the fingerprint of its target."""

import socket

import pytest

from conformance.profile.loading import load
from conformance.profile.target import Target
from conformance.results.rehearsal import Rehearsal
from conformance.run.config import ReferenceOptions
from conformance.run.embedded import default_profile
from conformance.run.header import fingerprint_of, rehearsal_of

USUAL = ReferenceOptions()


def target_of(**changes: str) -> Target:
    target = load(default_profile()).target
    return target.model_copy(update=changes)


@pytest.mark.parametrize("address", ["http://127.0.0.1:8080", "http://digit.localhost"])
def test_a_target_on_this_machine_is_a_rehearsal(address: str) -> None:
    target = target_of(base_url=address, clock_url="")
    assert rehearsal_of(target, USUAL) == Rehearsal(because="loopback")


def test_a_target_whose_name_leads_to_this_machine_is_a_rehearsal() -> None:
    target = target_of(base_url="https://uat.digit.org", clock_url="")
    assert rehearsal_of(target, USUAL, found_here=True) == Rehearsal(because="resolved")


@pytest.mark.parametrize(
    ("egress", "here"),
    [("", True), ("local:127.0.0.1", True), ("http://proxy.digit.org:3128", False)],
)
def test_where_a_proxy_looks_a_name_up_it_is_not_looked_up_here(
    monkeypatch: pytest.MonkeyPatch, egress: str, *, here: bool
) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    target = target_of(base_url="https://uat.digit.org")
    network = target.network.model_copy(update={"egress": egress})
    assert target.model_copy(update={"network": network}).found_here is here


def test_a_target_whose_clock_moves_is_a_rehearsal_wherever_it_is() -> None:
    target = target_of(base_url="https://uat.digit.org", clock_url="/reference/clock")
    assert rehearsal_of(target, USUAL) == Rehearsal(because="clock")


@pytest.mark.parametrize(
    "address", ["https://uat.digit.org", "http://10.0.0.7:8080", "https://localhost.digit.org"]
)
def test_a_deployment_is_none(address: str) -> None:
    assert rehearsal_of(target_of(base_url=address, clock_url=""), USUAL) is None


def test_the_embedded_reference_says_how_it_behaved() -> None:
    options = ReferenceOptions(faults=("owner-check-off",), lineage="mseva", lag_ms=5, noise=2)
    found = rehearsal_of(target_of(), options)
    assert found is not None
    assert found.facts == {
        "rehearsal": "the embedded reference",
        "lineage": "mseva",
        "faults": "owner-check-off",
        "variations": "none",
        "disturbances": "lag 5 ms, noise 2 %",
    }


def test_the_fingerprint_tells_references_apart() -> None:
    behaviours = [
        USUAL,
        ReferenceOptions(faults=("owner-check-off",)),
        ReferenceOptions(lineage="mseva"),
        ReferenceOptions(variations=("x",)),
        ReferenceOptions(noise=1),
    ]
    target = target_of()
    prints = {fingerprint_of(target, each) for each in behaviours}
    assert len(prints) == len(behaviours)
    assert fingerprint_of(target, ReferenceOptions()) == fingerprint_of(target, USUAL)


def test_the_fingerprint_of_a_deployment_is_of_its_settings_alone() -> None:
    target = target_of(base_url="https://uat.digit.org")
    assert fingerprint_of(target, USUAL) == fingerprint_of(target, ReferenceOptions(noise=1))
