"""Whether a payable bill can be had, and whether an outcome can be signalled."""

from dataclasses import dataclass, field
from typing import Final

from conformance.answers import Answer
from conformance.bbps import Bbps
from conformance.doctor.looks import Look, fault, unseen, well
from conformance.evidence import curl
from conformance.pools import Pool
from conformance.records import bills_in
from conformance.verdicts import Inconclusive

UNKNOWN_CODE: Final = "CONF-NONE"
# Who may fetch a bill: the BBPS user himself, or while he does not exist, somebody at a desk.
FETCHERS: Final = ("integrator", "cashier", "citizen", "administrator")


@dataclass(slots=True)
class Money:
    """The looks taken, and what an empty answer tells of the line of DIGIT."""

    looks: list[Look] = field(default_factory=list)
    hint: str = ""


def examine_money(bbps: Bbps) -> Money:
    """Fetch a bill that does not exist, then one that does, then list the payment gateways."""
    money = Money()
    try:
        fetcher, answer = _fetched(bbps, UNKNOWN_CODE)
    except Inconclusive as problem:
        money.looks.append(unseen("bill", "", problem.reason, problem.remedy))
    else:
        money.hint = _hint(answer)
        money.looks.append(_fetching(answer))
        money.looks.append(_payable(bbps, fetcher))
    money.looks += _outcome(bbps)
    return money


def _fetched(bbps: Bbps, code: str) -> tuple[str, Answer]:
    """Fetch as the first actor who may; Inconclusive when none may."""
    for name in FETCHERS:
        actor = bbps.client.actors.get(name)
        if actor is None or actor.create:
            continue
        answer = bbps.fetch(code, as_=name)
        if answer.status not in {401, 403}:
            return name, answer
    raise Inconclusive(
        "no actor of the profile may fetch bills",
        "supply the integrator; a run that creates it looks at bills with it",
    )


def _hint(answer: Answer) -> str:
    if not answer.succeeded:
        return "an unknown consumer code is refused by fetchBill (older lines)"
    if answer.body is None:
        return "fetchBill answers an unknown consumer code without a body (mSeva)"
    return "fetchBill answers an unknown consumer code with an empty list (DIGIT 2.8 and later)"


def _fetching(answer: Answer) -> Look:
    if answer.status < 500:
        return well("bill", f"fetchBill answers ({answer.in_words} for an unknown consumer code)")
    return fault(
        "bill",
        "fetchBill breaks on an unknown consumer code",
        evidence=answer.in_words,
        cause="the billing service, or a master that it needs, is not in order",
        remedy=f"see the log of billing-service; then\n{curl(answer.exchange)}",
    )


def _payable(bbps: Bbps, fetcher: str) -> Look:
    """Have a payable bill where the mode allows it; a pool is only looked into."""
    bills, target = bbps.target.bills, bbps.target
    if bills.provision == "none":
        return unseen("bill", "", "the profile provides no bills", "set bills.provision")
    try:
        if bills.provision == "pool":
            pool = Pool(bills.pool)
            codes = pool.unused(service=bills.business_service, tenant=target.tenant)
            if not codes:
                return fault(
                    "bill",
                    "the pool is dry",
                    evidence=f"{bills.pool} has no unused code for {bills.business_service} "
                    f"in {target.tenant}",
                    cause="earlier runs used them up; a bill can be paid only once",
                    remedy=f"add consumer codes with an unpaid bill; the used ones stand in "
                    f"{pool.used_file}",
                )
            code, source = codes[0], f"the pool ({len(codes)} codes left)"
        elif not target.mode.writes:
            return unseen("bill", "", "mode inspect raises no demand")
        else:
            code, source = bbps.provision.new_consumer_code(), "a new demand"
            bbps.raise_demand(code)
        answer, found = bbps.patience.within_deadline(
            lambda: bbps.fetch(code, as_=fetcher),
            lambda answer: not answer.succeeded or bool(bills_in(answer)),
        )
    except Inconclusive as problem:
        return fault(
            "bill",
            "no payable bill can be had",
            evidence=problem.reason,
            cause="demands are refused, or consumer codes cannot be read",
            remedy=problem.remedy,
        )
    if found and answer.succeeded:
        return well("bill", f"a payable bill can be had from {source}")
    return fault(
        "bill",
        f"no bill is offered for {code}, from {source}",
        evidence=answer.in_words,
        cause="the bill was paid already, or bills are not made of demands of that service",
        remedy=f"see billing-service for bills.business_service; then\n{curl(answer.exchange)}",
    )


def _outcome(bbps: Bbps) -> list[Look]:
    """See whether the gateways that the profile names are registered."""
    outcome = bbps.target.outcome
    if outcome.style == "none":
        return [
            unseen("outcome", "", "the profile gives no means to set an outcome",
                   "set outcome.style; without it what follows success or failure is undecided")
        ]  # fmt: skip
    try:
        answer = bbps.client.call("gateway.search", as_=bbps.target.readers.transactions)
    except Inconclusive as problem:
        return [unseen("outcome", "payment gateways", problem.reason, problem.remedy)]
    if not answer.succeeded or not isinstance(answer.body, list):
        return [
            unseen("outcome", "payment gateways",
                   f"they cannot be listed as {bbps.target.readers.transactions} "
                   f"({answer.in_words})", "grant /pg-service/gateway/v1/_search to look")
        ]  # fmt: skip
    names = [str(each) for each in answer.body]
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
