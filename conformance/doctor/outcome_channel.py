"""Whether the outcome of a transaction can be signalled: gateways, channel, and one trial."""

from collections.abc import Sequence
from typing import Final

from conformance.bbps import trials
from conformance.bbps.flow import Bbps
from conformance.bbps.outcome_channels import NotSignalled
from conformance.client.response import Response
from conformance.core.verdicts import Inconclusive
from conformance.doctor.diagnostics import Diagnostic, State, fault, unseen, well
from conformance.doctor.outcome_causes import Cause, of_creation, of_silence

APART: Final = ("TLS", "clock")  # areas whose faults hinder no transaction
NO_CHANNEL: Final = "the profile has no channel to set an outcome"
IN_UPDATE: Final = "update-parameters"
# Why a style cannot be got ready, and why an outcome does not arrive by it.
CAUSES: Final = {
    IN_UPDATE: ("", "updates state the outcome by other parameters (outcome.parameters), or "
                "pg-service queries a payment gateway instead"),
    "gateway-simulator": (
        "another program listens there, or the address does not belong to this machine",
        "pg-service calls another address, cannot reach this one, or uses another merchant id",
    ),
    "command": ("the program is missing", "the program does not do its work"),
    "hook": ("", "nobody listens at the address, or the service behind it does not do its work"),
}  # fmt: skip


def examine_outcome_channel(bbps: Bbps, faults: Sequence[Diagnostic]) -> list[Diagnostic]:
    """List the payment gateways, get the channel ready, and let one transaction fail by it.

    `faults` are those found so far: a transaction is made only where it has a chance.
    """
    style = bbps.target.outcome.style
    if style == "none":
        return [_no_channel() if bbps.target.mode.writes else unseen("outcome", "", NO_CHANNEL)]
    diagnostics = _registered(bbps)
    known = [*faults, *(each for each in diagnostics if each.state is State.FAULT)]
    return [*diagnostics, _channel(bbps, known)]


def _no_channel() -> Diagnostic:
    return fault(
        "outcome",
        NO_CHANNEL,
        evidence="outcome.style is none",
        cause="the profile does not define how the deployment learns the outcome of a payment",
        remedy="set outcome.style, for example update-parameters; without it the requirements on "
        "success, failure and receipts stay undecided",
    )


def _channel(bbps: Bbps, faults: Sequence[Diagnostic]) -> Diagnostic:
    """Set the outcome of a transaction, a failure, so that no money moves."""
    style = bbps.target.outcome.style
    what = f"outcomes by {style}"
    unready, lost = CAUSES[style]
    if not bbps.target.mode.writes:
        return unseen("outcome", what, "in mode inspect no transaction is finished")
    try:
        bbps.outcome_channel.open()
    except NotSignalled as problem:
        return _not_set(style, problem, unready)
    if hindrances := [each for each in faults if each.area not in APART]:
        return unseen("outcome", what, f"no transaction is made: {hindrances[0].what}")
    if bbps.target.bills.provision != "demands":
        return unseen("outcome", what, "no bill of the pool is used for this")
    try:
        trials.transaction(bbps)
    except Inconclusive as problem:
        return _not_created(what, problem)
    answer: Response | None = None
    try:
        answer = trials.reported_failure(bbps)
        trials.failure(bbps)
    except NotSignalled as problem:
        return _not_set(style, problem, lost)
    except Inconclusive as problem:
        if answer is None:
            return unseen("outcome", what, problem.reason, problem.remedy)
        return _not_shown(style, problem, of_silence(answer, (lost, problem.remedy)))
    return well("outcome", f"{what}: the deployment learnt that a transaction failed")


def _not_created(what: str, problem: Inconclusive) -> Diagnostic:
    """Return why no transaction can be created, where the answer shows that."""
    known = of_creation(problem.reason)
    if known is None:
        return unseen("outcome", what, problem.reason, problem.remedy)
    cause, remedy = known
    return fault(
        "outcome",
        "no transaction can be created",
        evidence=problem.reason,
        cause=cause,
        remedy=remedy,
    )


def _not_shown(style: str, problem: Inconclusive, causes: Sequence[Cause]) -> Diagnostic:
    """Return why an outcome that was set does not show: each cause, the most likely first."""
    numbers = range(1, len(causes) + 1)
    several = len(causes) > 1
    return fault(
        "outcome",
        f"a failure that was set by {style} does not show",
        evidence=problem.reason,
        cause="; ".join(f"({n}) {each}" if several else each
                        for n, (each, _) in zip(numbers, causes, strict=True)),
        remedy="; ".join(f"({n}) {each}" if several else each
                         for n, (_, each) in zip(numbers, causes, strict=True)),
    )  # fmt: skip


def _not_set(style: str, problem: NotSignalled, cause: str) -> Diagnostic:
    """Return why no outcome can be set; then nothing that rests on one is decided."""
    return fault(
        "outcome",
        f"no outcome can be set by {style}",
        evidence=problem.reason,
        cause=cause,
        remedy=problem.remedy,
        blocking=True,
    )


def _registered(bbps: Bbps) -> list[Diagnostic]:
    """See whether the gateways that the profile names are registered."""
    outcome = bbps.target.outcome
    try:
        response = bbps.client.call("gateway.search", as_=bbps.target.readers.transactions)
    except Inconclusive as problem:
        return [unseen("outcome", "payment gateways", problem.reason, problem.remedy)]
    if not response.succeeded or not isinstance(response.body, list):
        return [
            unseen("outcome", "payment gateways",
                   f"they cannot be listed as {bbps.target.readers.transactions} "
                   f"({response.description})",
                   "grant that actor /pg-service/gateway/v1/_search")
        ]  # fmt: skip
    names = [str(each) for each in response.body]
    wanted = {"gateway": outcome.gateway, "inactive_gateway": outcome.inactive_gateway}
    return [
        well("outcome", f"the payment gateway {name} is registered")
        if name in names
        else fault(
            "outcome",
            f"the payment gateway {name} is not registered",
            evidence=f"pg-service lists {', '.join(names) or 'none'}",
            cause=f"outcome.{setting} is misspelt, or pg-service was built without it",
            remedy=f"correct outcome.{setting}, or switch the gateway on in pg-service",
        )
        for setting, name in wanted.items()
        if name
    ]
