"""Replays a recording on the reference of the matching lineage and configuration."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import httpx
import yaml

from conformance.reference import Settings
from tests.agreement.comparison import Difference, compared
from tests.agreement.recording import BadRecording, Exchange, recorded
from tests.agreement.replay import replayed
from tests.agreement.report import Verdict
from tests.agreement.scenes import scene_of
from tests.agreement.stage import Stage, staged

REMAINING: Final = Path(__file__).with_name("remaining.yaml")
# Words of a deployment's description, and the lineage that it is.
LINEAGES: Final = {"mSeva": "mseva", "Digit-Core": "digit-lts"}
# What no role opens in the master data as it comes, and services that were not deployed.
UNGRANTED: Final = ("/collection-services/payments/_validate", "/pg-service/gateway/v1/_search")
RACE_LAG: Final = 30  # ms between a write and its sight, while requests race
UNFIT: Final = (  # what a scene or a request raises that cannot be made from a line
    ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError,
    httpx.InvalidURL, httpx.LocalProtocolError,
)  # fmt: skip
ABSENT: Final = ("egov-hrms", "property-services")


def settings_of(deployment: str) -> Settings:
    """Return the settings of the reference that a recorded deployment is compared with."""
    named = (lineage for words, lineage in LINEAGES.items() if words in deployment)
    return settings_on(next(named, "digit-2.8"), stock=deployment == "stock-gateway")


def settings_on(lineage: str, *, stock: bool = False) -> Settings:
    """Return a lineage as it was deployed for a recording; `stock` with the gateway as it comes."""
    return Settings(
        lineage=lineage,
        mdms_open=None if lineage == "digit-lts" else not stock,
        no_action=UNGRANTED if stock else (),
        no_service=ABSENT,
        gateways=("AXIS",),
        lag_ms=0,  # what is written shows at once: no exchange is about the time in between
    )


def verdicts_on(path: Path) -> list[Verdict]:
    """Replay a file; BadRecording when it cannot be read or says no time at all."""
    exchanges = recorded(path)
    reasons = remaining()
    found: list[Verdict] = []
    for deployment in dict.fromkeys(each.deployment for each in exchanges):
        ones = [each for each in exchanges if each.deployment == deployment]
        moments = [each.moment for each in ones if each.moment is not None]
        if not moments:
            raise BadRecording(f"{path}: no request of {deployment!r} says when it was sent")
        settings = settings_of(deployment)
        races = [each.number for each in ones if raced(each, path)]
        with staged(settings, min(moments)) as stage:
            calm = (each for each in ones if each.number not in races)
            found += [judged(each, stage, reasons, path) for each in calm]
        if races:  # these are about the time that a write takes
            with staged(replace(settings, lag_ms=RACE_LAG), min(moments)) as stage:
                hasty = (each for each in ones if each.number in races)
                found += [judged(each, stage, reasons, path) for each in hasty]
    return sorted(found, key=lambda verdict: verdict.exchange.number)


@contextmanager
def replaying(exchange: Exchange, path: Path) -> Iterator[None]:
    """Name an exchange whose request or answer is none that a DIGIT deployment has."""
    try:
        yield
    except UNFIT as problem:
        said = f"{type(problem).__name__}: {problem}"
        place = f"{path}, line {exchange.number}"
        raise BadRecording(f"{place} cannot be replayed: {said}") from problem


def raced(exchange: Exchange, path: Path) -> bool:
    """Whether an exchange is one of several at the same moment."""
    with replaying(exchange, path):
        return scene_of(exchange).race


def judged(exchange: Exchange, stage: Stage, reasons: list[dict[str, Any]], path: Path) -> Verdict:
    """Replay one exchange and compare the answers."""
    try:
        with replaying(exchange, path):
            difference = compared(exchange.answer, replayed(exchange, stage))
    except AssertionError as problem:
        said = " ".join(str(problem).split())[:300]
        difference = Difference(
            level="status", real=str(exchange.answer.status), reference=f"not prepared: {said}"
        )
    reason = "" if difference is None else reason_for(exchange, difference, reasons)
    return Verdict(exchange=exchange, difference=difference, reason=reason)


def remaining() -> list[dict[str, Any]]:
    """Return the disagreements that remain, each with its reason."""
    listed: list[dict[str, Any]] = yaml.safe_load(REMAINING.read_text(encoding="utf-8"))
    return listed


def reason_for(exchange: Exchange, difference: Difference, reasons: list[dict[str, Any]]) -> str:
    """Return the listed reason for a disagreement, empty when there is none."""
    for entry in reasons:
        if entry["endpoint"] == exchange.endpoint and entry["difference"] == difference.words:
            return str(entry["reason"])
    return ""
