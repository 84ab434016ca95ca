"""The contents of `profile init`, in order: questions, and steps about several settings."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final
from urllib.parse import urlsplit

import click

from conformance.cli.interview import Interview, Question, Step, stays_undecided
from conformance.doctor.suggestions import ROLE
from conformance.profile.target import FIVE_MODES, REQUIREMENT_OF_MODE
from conformance.profile.this_machine import on_this_machine

BILLS_OF_A_RUN: Final = 1000  # more than a whole run pays, at depth standard
BBPS: Final = "BBPS"  # the usual name of its gateway
ONE_TIME: Final = (
    "  A citizen who logs in by one-time password cannot be used: no profile can hold it. Let the\n"
    "  test system take a fixed one, or leave the citizen out."
)


def _yes(answer: str) -> bool:
    words = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}
    if answer.lower() not in words:
        raise ValueError(answer)
    return words[answer.lower()]


def _number(answer: str) -> Decimal | int:
    value = Decimal(answer)
    return int(value) if value == value.to_integral_value() and value.is_finite() else value


def _name(interview: Interview) -> str:
    host = urlsplit(interview.at("base_url")).hostname or interview.at("base_url")
    return host.replace(".", "-")


def _state(interview: Interview) -> str:
    return interview.at("tenant").partition(".")[0]


def _cities(interview: Interview) -> Sequence[str] | None:
    if not interview.at("tenant"):  # nor is it known of which state
        return None
    return interview.survey.cities() or None


def _other_city(interview: Interview) -> str:
    others = (each for each in _cities(interview) or () if each != interview.at("tenant"))
    return next(others, "")


def _role(interview: Interview) -> str:
    return next(iter(interview.survey.roles() or ()), ROLE)


def _raises_demands(interview: Interview) -> bool:
    return interview.at("bills.provision") == "demands"


def _services(interview: Interview) -> list[str] | None:
    found = interview.survey.services()
    return [each.code for each in found.offered] if found and found.offered else None


def _main_service(interview: Interview) -> str:
    found = interview.survey.services()
    return found.main.code if found and found.main else ""


def _head(interview: Interview) -> str:
    return next(iter(_heads(interview) or ()), "")


def _heads(interview: Interview) -> list[str] | None:
    return interview.survey.heads(interview.at("bills.business_service")) or None


def _another_service(kind: str) -> Callable[[Interview], None]:
    """Return what offers another service: one that allows parts, or that disallows a mode."""
    needs = {
        "partial": ("part payment", "second business service"), "restricted": ("disallowed mode",),
    }  # fmt: skip
    words = {"partial": "allows part payment", "restricted": "disallows a mode of payment"}

    def offer(interview: Interview) -> None:
        found = interview.survey.services()
        main = interview.at("bills.business_service")
        if not _raises_demands(interview) or found is None:
            return
        other = found.partial(main) if kind == "partial" else found.restricted(main)
        place = f"bills.{kind}"
        if other is None or interview.draft.at(place) is not None:
            return
        text = f"{other.code} {words[kind]}. Certify it, too? Else {stays_undecided(needs[kind])}"
        if interview.confirmed(text, default=True):
            interview.draft.put(place, {
                "business_service": other.code, "tax_head": other.service.tax_head,
            })  # fmt: skip

    return offer


def _modes(interview: Interview) -> None:
    """Set the modes of payment to those that some certified service takes."""
    found = interview.survey.services()
    places = ("bills", "bills.partial", "bills.restricted")
    codes = [interview.at(f"{place}.business_service") for place in places]
    terms = [each for code in codes if found and code and (each := found.of(code))]
    if not terms or interview.draft.at("payment_modes") is not None:
        return
    taken = [mode for mode in REQUIREMENT_OF_MODE if not all(mode in each.shut for each in terms)]
    interview.draft.put("payment_modes", taken)
    if closed := sorted(FIVE_MODES - {*taken}):
        click.echo(f"  No certified service takes {', '.join(closed)}: left out of payment_modes.")


def _cap(interview: Interview) -> str:
    amount = Decimal(interview.at("bills.amount") or 100)
    return f"{max(1, int(amount * BILLS_OF_A_RUN))}"


def _bbps_users(interview: Interview) -> None:
    """Let the run create its BBPS users, or have them named."""
    names = [each for each in ("integrator", "rival") if not interview.draft.at(f"actors.{each}")]
    if not names:
        return
    writes = interview.at("mode") != "inspect"
    text = "May the administrator create two BBPS users for each run? clean switches them off"
    if writes and interview.confirmed(text, default=True):
        for name in names:
            interview.draft.put(f"actors.{name}", {"create": True, "type": "SYSTEM"})
        return
    state = interview.at("state_tenant")
    who = {"integrator": "the BBPS user", "rival": "another BBPS user"}
    needs = {"integrator": "integrator", "rival": "second-system-user"}
    for name in names:
        interview.account(name, who[name], state, needs=(needs[name],))


def _administrator(interview: Interview) -> None:
    interview.account(
        "administrator", "an administrator of the state, EMPLOYEE", interview.at("state_tenant")
    )


def _cashier(interview: Interview) -> None:
    if not interview.production:
        needs = ("cashier", "payment.create by cashier")
        interview.account(
            "cashier", "a cashier of the city, EMPLOYEE", interview.at("tenant"), needs=needs
        )
    if interview.draft.at("actors.cashier") and not interview.draft.at("readers.payments"):
        interview.draft.put("readers.payments", "cashier")
    elif not interview.draft.at("readers.payments"):
        interview.draft.put("readers.payments", "administrator")


def _citizen(interview: Interview) -> None:
    if interview.production:
        return
    if not interview.draft.at("actors.citizen"):
        click.echo(ONE_TIME)
    state = interview.at("state_tenant")
    interview.account("citizen", "a citizen whose password stays", state, needs=("citizen",))


def _gateway(interview: Interview) -> str:
    registered = interview.survey.gateways() or [BBPS]
    return BBPS if BBPS in registered else registered[0]


def _style(interview: Interview) -> str:
    return "none" if interview.at("mode") == "inspect" else "update-parameters"


def _outcome_details(interview: Interview) -> None:
    """Have what the style of outcomes needs."""
    for question in OF_A_STYLE.get(interview.at("outcome.style"), ()):
        interview.answer(question)


def _pool_file(interview: Interview) -> bool:
    return interview.at("bills.provision") == "pool"


def _words(answer: str) -> list[str]:
    if not answer.split():
        raise ValueError(answer)
    return answer.split()


OF_A_STYLE: Final = {
    "gateway-simulator": (
        Question(
            place="outcome.simulator.port", text="Port of this machine for the simulated gateway",
            default=lambda _: "8081", read=int,
        ),
        Question(
            place="outcome.simulator.public_url",
            text="Address of that port as pg-service reaches it, http://HOST:PORT",
        ),
    ),
    "command": (
        Question(
            place="outcome.command.words", read=_words,
            text="Program with {transaction}, {outcome} and {amount} as words",
            default=lambda _: "set-outcome {transaction} {outcome} {amount}",
        ),
    ),
    "hook": (Question(place="outcome.hook.url", text="Address that receives the outcomes"),),
}  # fmt: skip

STEPS: Final[tuple[Step, ...]] = (
    Interview.address,
    Question(place="name", text="Name of the deployment", default=_name),
    Question(
        place="production", text="Do citizens use it (production)? yes or no",
        default=lambda _: "no", read=_yes,
    ),
    Question(
        place="tenant", text="Tenant of the city that is certified, as pb.amritsar", among=_cities
    ),
    Question(place="state_tenant", text="Tenant of the state", default=_state),
    _administrator,
    Question(
        place="other_tenant", text="A second city of the state", default=_other_city,
        among=_cities, needs=("second-tenant",),
    ),
    Question(
        place="role", text="Code of the BBPS role in roles.json", default=_role,
        among=lambda interview: interview.survey.roles() or None,
    ),
    Question(
        place="mode", text="What a run may do: inspect (read only), sandbox (no money), full",
        default=lambda interview: "inspect" if interview.production else "full",
    ),
    _cashier,
    _citizen,
    _bbps_users,
    Question(
        place="bills.provision", text="Bills: demands (raised by the run), pool (a list), none",
        default=lambda interview: "demands" if interview.at("mode") != "inspect" else "none",
    ),
    Question(
        place="bills.pool", text="CSV file of consumer codes with unpaid bills",
        applies=_pool_file, a_path=True,
        default=lambda _: "consumer-codes.csv",
    ),
    Question(
        place="bills.business_service", text="Business service whose bills are paid",
        default=_main_service, among=_services,
    ),
    Question(
        place="bills.tax_head", text="Its tax head", default=_head, among=_heads,
        applies=_raises_demands,
    ),
    Question(
        place="bills.tax_period", text="Tax period of demands: master, financial-year, FIRST..LAST",
        default=lambda _: "master", applies=_raises_demands,
    ),
    Question(
        place="bills.amount", text="Rupees of each bill", default=lambda _: "100", read=_number,
        applies=_raises_demands,
    ),
    Question(
        place="bills.search_module", text="Module of payments/{module}/_search",
        default=lambda interview: interview.at("bills.business_service").partition(".")[0],
    ),
    _another_service("partial"),
    _another_service("restricted"),
    _modes,
    Question(
        place="outcome.style",
        text="How pg-service learns of success: update-parameters, gateway-simulator, command, "
        "hook, none",
        default=_style,
    ),
    Question(
        place="outcome.gateway", text="Payment gateway of transactions",
        default=_gateway,
        among=lambda interview: interview.survey.gateways() or None,
        applies=lambda interview: interview.at("mode") != "inspect",
    ),
    _outcome_details,
    Question(
        place="outcome.inactive_gateway", text="A gateway that is registered but switched off",
        among=lambda interview: interview.survey.gateways() or None,
        needs=("inactive gateway",),
        applies=lambda interview: interview.at("mode") != "inspect",
    ),
    Question(
        place="network.own_address", text="Our address in the white list of SYSTEM users",
        needs=("own-address",),
        applies=lambda interview: not on_this_machine(interview.at("base_url")),
    ),
    Question(
        place="network.second_egress",
        text="A way out that is not white-listed, local:ADDRESS or http://PROXY:PORT",
        needs=("second-egress",),
    ),
    Question(
        place="mdms.repository", text="Folder of the state in a checkout of the MDMS repository",
        needs=("repository",), a_path=True,
    ),
    Question(
        place="limits.requests_per_second", text="Requests a second", default=lambda _: "5",
        read=_number,
    ),
    Question(
        place="limits.rupees_per_run", text="Rupees that a run may pay at most", default=_cap,
        read=_number, applies=lambda interview: interview.pays,
    ),
)  # fmt: skip
